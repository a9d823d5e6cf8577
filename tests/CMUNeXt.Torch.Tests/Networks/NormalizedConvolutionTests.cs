using CMUNeXt.Tests;
using CMUNeXt.Torch.Networks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CMUNeXt.Torch.Tests.Networks;

public sealed class NormalizedConvolutionTests
{
    // In float64, where the bias makes up no gradient worth the name.
    [Theory]
    [InlineData(3, 1, 1, 1, true)]
    [InlineData(3, 2, 1, 1, true)]
    [InlineData(3, 1, 2, 2, true)]
    [InlineData(7, 1, 1, 4, true)]
    [InlineData(1, 1, 1, 1, true)]
    [InlineData(3, 2, 1, 1, false)]
    public void It_computes_what_the_two_layers_do_while_training(int kernel, int stride, int dilation, int groups, bool bias)
    {
        float[][] Run(bool asOne)
        {
            using Conv2d convolution = nn.Conv2d(4, 8, kernel, stride, dilation * (kernel / 2), dilation, groups: groups, bias: bias);
            using BatchNorm2d normalization = nn.BatchNorm2d(8);
            Fill(convolution.weight, 2);
            Fill(convolution.bias, 3);
            convolution.to(ScalarType.Float64);
            normalization.to(ScalarType.Float64);
            convolution.train();
            normalization.train();
            using Tensor x = tensor(Formula.Input(1, 2 * 4 * 12 * 10)).reshape(2, 4, 12, 10).to_type(ScalarType.Float64);
            using Tensor y = asOne
                ? NormalizedConvolution.Compute(x, convolution, normalization)
                : normalization.call(convolution.call(x));
            (y * y * y).sum().backward();
            Tensor[] results =
            [
                y, convolution.weight.grad!, normalization.weight!.grad!, normalization.running_mean!, normalization.running_var!,
                normalization.num_batches_tracked!,
            ];
            return [.. results.Select(result => result.detach().to_type(ScalarType.Float32).contiguous().data<float>().ToArray())];
        }

        // Not by a seed: other tests draw from the same generator meanwhile.
        static void Fill(Tensor? values, int key)
        {
            using IDisposable noGradients = no_grad();
            using Tensor? filled = values is null ? null : tensor(Formula.Input(key, values.numel())).reshape(values.shape);
            values?.copy_(filled!);
        }

        foreach ((float[] expected, float[] actual) in Run(asOne: false).Zip(Run(asOne: true)))
        {
            Assert.InRange(Golden.RelativeDifference(expected, actual), 0, 1e-6);
        }
    }
}
