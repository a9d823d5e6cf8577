using CMUNeXt.Backends;
using static TorchSharp.torch;

namespace CMUNeXt.Torch.Training;

/// <summary>The losses of training.</summary>
internal static class Losses
{
    private const double Smooth = 1e-5;

    /// <summary>The loss of a batch.</summary>
    /// <param name="kind">Which.</param>
    /// <param name="logits">N x outputs x H x W.</param>
    /// <param name="target">N x H x W class indices (int64).</param>
    /// <returns>A scalar.</returns>
    public static Tensor Compute(LossKind kind, Tensor logits, Tensor target)
    {
        bool single = logits.shape[1] == 1;
        Tensor truth = single ? target.unsqueeze(1).to_type(logits.dtype) : nn.functional.one_hot(target, logits.shape[1]).permute(0, 3, 1, 2);
        Tensor CrossEntropy() => single
            ? nn.functional.binary_cross_entropy_with_logits(logits, truth)
            : nn.functional.cross_entropy(logits, target);

        // With several classes the background, class 0, has no Dice loss of its own.
        Tensor Dice() => single
            ? DiceLoss(logits.sigmoid(), truth)
            : DiceLoss(logits.softmax(1).narrow(1, 1, logits.shape[1] - 1), truth.narrow(1, 1, logits.shape[1] - 1).to_type(logits.dtype));

        return kind switch
        {
            LossKind.CrossEntropy => CrossEntropy(),
            LossKind.Dice => Dice(),
            _ => (0.5 * CrossEntropy()) + Dice(),
        };
    }

    // 1 - the mean over images and classes of (2 sum(p t) + s) / (sum p + sum t + s).
    private static Tensor DiceLoss(Tensor probability, Tensor truth)
    {
        Tensor p = probability.flatten(2);
        Tensor t = truth.flatten(2);
        Tensor dice = ((2 * (p * t).sum(2)) + Smooth) / (p.sum(2) + t.sum(2) + Smooth);
        return 1 - dice.mean();
    }
}
