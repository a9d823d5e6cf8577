using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CMUNeXt.Torch.Networks;

/// <summary>A convolution and the normalization right behind it.</summary>
/// <remarks>
/// While training, the normalization takes away any constant that the convolution's bias adds, and the bias has no gradient. Computed
/// with the bias all the same, rounding makes one up: images of the published protocol are divided by 255 twice, so that the first
/// convolution's bias is a hundred times the standard deviation of its output, and that bias then wandered faster than the running mean
/// could follow (docs/notebook/performance.md). So the bias is left out while training, and enters the running mean alone, as it should.
/// </remarks>
internal static class NormalizedConvolution
{
    /// <summary>N x channels x H x W in and out, normalized.</summary>
    public static Tensor Compute(Tensor x, Conv2d convolution, BatchNorm2d normalization)
    {
        if (!normalization.training || convolution.bias is null)
        {
            return normalization.call(convolution.call(x));
        }

        // Autograd keeps the running mean it is given, and refuses to have it changed afterwards; so it is given a copy.
        using Tensor bias = convolution.bias.detach();
        Tensor mean = normalization.running_mean! - bias;
        Tensor y = functional.batch_norm(
            functional.conv2d(
                x, convolution.weight, strides: convolution.stride, padding: convolution.padding, dilation: convolution.dilation,
                groups: convolution.groups),
            mean,
            normalization.running_var!,
            normalization.weight!,
            normalization.bias!,
            training: true,
            momentum: normalization.momentum!.Value,
            eps: normalization.eps);
        normalization.running_mean!.copy_(mean + bias);
        normalization.num_batches_tracked!.add_(1);
        return y;
    }
}
