using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CMUNeXt.Torch.Networks;

/// <summary>
/// A padded convolution without bias whose weights are brought to mean 0 and variance 1 for each output channel before use (Qiao et al.,
/// "Micro-Batch Training with Batch-Channel Normalization and Weight Standardization", 2019).
/// </summary>
internal sealed class StandardizedConvolution : NetworkModule
{
    private const double Epsilon = 1e-5;

    private readonly int stride;

    public StandardizedConvolution(int input, int output, int kernel, int stride)
        : base(nameof(StandardizedConvolution))
    {
        this.stride = stride;
        RegisterParameter("weight", init.kaiming_uniform_(empty(output, input, kernel, kernel), Math.Sqrt(5)));
    }

    /// <summary>output x input x kernel x kernel.</summary>
    public Parameter Weight => get_parameter("weight")!;

    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor variance, Tensor mean) = Weight.var_mean([1, 2, 3], unbiased: false, keepdim: true);
        long padding = Weight.shape[2] / 2;
        return functional.conv2d(x, (Weight - mean) / (variance + Epsilon).sqrt(), strides: [stride, stride], padding: [padding, padding])
            .MoveToOuterDisposeScope();
    }
}
