using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CMUNeXt.Torch.Networks;

/// <summary>
/// Stochastic depth (Huang et al., "Deep Networks with Stochastic Depth", ECCV 2016): while training, the branch of a residual block is
/// left out for an image at random, and scaled up for the others so that its mean stays.
/// </summary>
internal static class StochasticDepth
{
    /// <param name="branch">N x ...</param>
    /// <param name="rate">The probability that the branch of an image is left out.</param>
    /// <param name="training">Otherwise nothing is left out.</param>
    public static Tensor Apply(Tensor branch, double rate, bool training)
    {
        if (!training || rate == 0)
        {
            return branch;
        }

        using DisposeScope scope = NewDisposeScope();
        Tensor kept = ones([branch.shape[0], .. Enumerable.Repeat(1L, (int)branch.dim() - 1)], branch.dtype, branch.device);
        return (branch * functional.dropout(kept, rate, training)).MoveToOuterDisposeScope();
    }
}
