using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CMUNeXt.Torch.Networks;

/// <summary>A convolution and the normalisation right behind it.</summary>
/// <remarks>
/// While training, the normalisation takes away any constant that the convolution's bias adds, and the bias has no gradient. Computed
/// with the bias all the same, rounding makes one up: pictures of the published protocol are divided by 255 twice, so that the first
/// convolution's bias is a hundred times the deviation of its output, and that bias then wandered faster than the running mean could
/// follow (docs/performance.md). So the bias is left out while training, and enters the running mean alone, as it should.
/// </remarks>
internal static class NormalisedConvolution
{
    /// <summary>N x channels x H x W in and out, normalised.</summary>
    public static Tensor Compute(Tensor x, Conv2d convolution, BatchNorm2d normalisation)
    {
        if (!normalisation.training || convolution.bias is null)
        {
            return normalisation.call(convolution.call(x));
        }

        // Autograd keeps the running mean it is given, and refuses to have it changed afterwards; so it is given a copy.
        using Tensor bias = convolution.bias.detach();
        Tensor mean = normalisation.running_mean! - bias;
        Tensor y = functional.batch_norm(
            functional.conv2d(
                x, convolution.weight, strides: convolution.stride, padding: convolution.padding, dilation: convolution.dilation, groups: convolution.groups),
            mean,
            normalisation.running_var!,
            normalisation.weight!,
            normalisation.bias!,
            training: true,
            momentum: normalisation.momentum!.Value,
            eps: normalisation.eps);
        normalisation.running_mean!.copy_(mean + bias);
        normalisation.num_batches_tracked!.add_(1);
        return y;
    }
}
