using CMUNeXt.Backends;
using static TorchSharp.torch;

namespace CMUNeXt.Torch.Training;

/// <summary>The losses of training: the same as the managed engine's. Nothing waits for the device.</summary>
internal static class Losses
{
    private const double Smooth = 1e-5;

    /// <summary>The loss of a batch.</summary>
    /// <param name="settings">Which.</param>
    /// <param name="logits">N x outputs x H x W.</param>
    /// <param name="target">N x H x W class indices (int64).</param>
    /// <param name="healthy">Whether each image's mask is empty, known on the host; needed for what treats these otherwise.</param>
    /// <param name="teacher">A teacher's logits; null where there is no teacher.</param>
    /// <returns>A scalar.</returns>
    public static Tensor Compute(TrainableSettings settings, Tensor logits, Tensor target, bool[] healthy, Tensor? teacher = null)
    {
        Tensor loss = OfMasks(settings, logits, target, healthy);
        if (teacher is not null)
        {
            loss = ((1 - settings.Distillation) * loss) + (settings.Distillation * Distillation(logits, teacher, settings.Temperature));
        }

        return settings.Presence > 0 ? loss + (settings.Presence * Presence(logits, healthy)) : loss;
    }

    private static Tensor OfMasks(TrainableSettings settings, Tensor logits, Tensor target, bool[] healthy)
    {
        bool single = logits.shape[1] == 1;
        Tensor reference = single
            ? target.unsqueeze(1).to_type(logits.dtype)
            : nn.functional.one_hot(target, logits.shape[1]).permute(0, 3, 1, 2);
        Tensor CrossEntropy(nn.Reduction reduction) => single
            ? nn.functional.binary_cross_entropy_with_logits(logits, reference, reduction: reduction)
            : nn.functional.cross_entropy(logits, target, reduction: reduction);
        Tensor MeanCrossEntropy() => settings.Focal > 0 || settings.ClassWeights is not null
            ? Weighed(settings, CrossEntropy(nn.Reduction.None), single ? target.unsqueeze(1) : target).mean()
            : settings.HealthyPixels < 1 && healthy.Contains(true)
            ? MeanOfImages(CrossEntropy(nn.Reduction.None).flatten(1), healthy, settings.HealthyPixels)
            : CrossEntropy(nn.Reduction.Mean);

        // With several classes the background, class 0, has no Dice loss of its own.
        Tensor Dice() => single
            ? DiceLoss(settings, logits.sigmoid(), reference)
            : DiceLoss(
                settings, logits.softmax(1).narrow(1, 1, logits.shape[1] - 1),
                    reference.narrow(1, 1, logits.shape[1] - 1).to_type(logits.dtype));

        return settings.Dice == 0 ? settings.CrossEntropy * MeanCrossEntropy()
            : settings.CrossEntropy == 0 ? settings.Dice * Dice()
            : (settings.CrossEntropy * MeanCrossEntropy()) + (settings.Dice * Dice());
    }

    // The mean over images of the mean over pixels, of a healthy image over its worst ones.
    private static Tensor MeanOfImages(Tensor pixels, bool[] healthy, double share)
    {
        int worst = Math.Max((int)Math.Round(share * pixels.shape[1]), 1);
        Tensor Rows(bool kind) => pixels.index_select(
            0, tensor(Enumerable.Range(0, healthy.Length).Where(image => healthy[image] == kind).Select(image => (long)image).ToArray(),
                device: pixels.device));
        Tensor sum = Rows(true).topk(worst, 1, sorted: false).values.mean([1]).sum();
        if (healthy.Contains(false))
        {
            sum += Rows(false).mean([1]).sum();
        }

        return sum / healthy.Length;
    }

    // A pixel's cross-entropy by its class, and by the probability that the network gives it.
    private static Tensor Weighed(TrainableSettings settings, Tensor entropy, Tensor target)
    {
        Tensor weighed = settings.Focal > 0 ? (1 - (-entropy).exp()).pow(settings.Focal) * entropy : entropy;
        return settings.ClassWeights is { } weights
            ? weighed * tensor(weights.ToArray(), dtype: entropy.dtype, device: entropy.device)[target]
            : weighed;
    }

    // 1 - the mean over images and classes, or over classes alone, of (2 sum(p t) + s) / (sum p + sum t + s), or of Tversky's coefficient.
    private static Tensor DiceLoss(TrainableSettings settings, Tensor probability, Tensor reference)
    {
        Tensor p = probability.flatten(2);
        Tensor t = reference.flatten(2);
        long[] over = settings.DiceOfBatch ? [0, 2] : [2];
        Tensor overlap = (p * t).sum(over);
        (double positives, double negatives) = (settings.TverskyFalsePositives, settings.TverskyFalseNegatives);
        Tensor denominator = (2 * (1 - positives - negatives) * overlap) + (2 * positives * p.sum(over)) + (2 * negatives * t.sum(over));
        Tensor dice = ((2 * overlap) + Smooth) / (denominator + Smooth);
        return 1 - dice.mean();
    }

    // The cross-entropy of the log of the mean of exp(m), m being the logits' mean over a window.
    private static Tensor Presence(Tensor logits, bool[] healthy)
    {
        int radius = Segmentation.PresenceRadius((int)logits.shape[3], (int)logits.shape[2]);
        Tensor means = nn.functional.avg_pool2d(logits, (2 * radius) + 1, 1, radius, count_include_pad: false).flatten(1);
        Tensor score = means.logsumexp(1) - Math.Log(means.shape[1]);
        Tensor present = tensor(healthy.Select(image => image ? 0f : 1).ToArray(), device: logits.device);
        return nn.functional.binary_cross_entropy_with_logits(score, present);
    }

    // T squared times the Kullback-Leibler divergence from a teacher's softened probabilities.
    private static Tensor Distillation(Tensor logits, Tensor teacher, double temperature)
    {
        Tensor LogProbabilities(Tensor z) =>
            nn.functional.log_softmax((z.shape[1] == 1 ? cat([zeros_like(z, requires_grad: false), z], 1) : z) / temperature, 1);
        Tensor taught = LogProbabilities(teacher);
        Tensor divergence = (taught.exp() * (taught - LogProbabilities(logits))).sum(1).mean();
        return temperature * temperature * divergence;
    }
}
