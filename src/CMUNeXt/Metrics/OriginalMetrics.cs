namespace CMUNeXt.Metrics;

/// <summary>
/// The metrics of the original code, to compare with what was published, and for nothing else. They pool all pixels of a batch, smooth
/// their ratios, and take as foreground of the truth the largest value present, so that in <see cref="Sensitivity"/>,
/// <see cref="Precision"/>, <see cref="Specificity"/>, <see cref="Accuracy"/> and <see cref="F1"/> an empty truth counts as all
/// foreground. The honest ones are <see cref="SegmentationMetrics"/>.
/// </summary>
public sealed record OriginalMetrics
{
    private const double OverlapSmoothing = 1e-5;
    private const double RatioSmoothing = 1e-6;

    /// <summary>(intersection + 1e-5) / (union + 1e-5).</summary>
    public required double Iou { get; init; }

    /// <summary>2 IoU / (1 + IoU).</summary>
    public required double Dice { get; init; }

    /// <summary>TP / (TP + FN + 1e-6).</summary>
    public required double Sensitivity { get; init; }

    /// <summary>TP / (TP + FP + 1e-6).</summary>
    public required double Precision { get; init; }

    /// <summary>TN / (TN + FP + 1e-6).</summary>
    public required double Specificity { get; init; }

    /// <summary>(TP + TN) / all pixels.</summary>
    public required double Accuracy { get; init; }

    /// <summary>2 SE PC / (SE + PC + 1e-6).</summary>
    public required double F1 { get; init; }

    /// <summary>The soft Dice coefficient, (2 sum(p t) + 1e-5) / (sum p + sum t + 1e-5), p the probability.</summary>
    public required double DiceCoef { get; init; }

    /// <summary>One class with a sigmoid. All pixels of the batch are pooled, so shape and order do not matter.</summary>
    /// <param name="logits">The logits of a batch; above a probability of 0.5 is foreground.</param>
    /// <param name="target">As many values in [0, 1]; above 0.5 is foreground.</param>
    /// <exception cref="ArgumentException">The lengths differ or are 0.</exception>
    public static OriginalMetrics OfSigmoid(ReadOnlySpan<float> logits, ReadOnlySpan<float> target)
    {
        if (logits.Length != target.Length || logits.IsEmpty)
        {
            throw new ArgumentException(
                $"{logits.Length} logits and {target.Length} target values are not of equal number, at least 1.", nameof(target));
        }

        Counts counts = default;
        for (int i = 0; i < logits.Length; i++)
        {
            // In float32, as the original: a logit just above 0 has a probability of exactly 0.5, which is not above it.
            float probability = 1 / (1 + MathF.Exp(-logits[i]));
            counts.Add(probability, probability > 0.5f, target[i], target[i] > 0.5f);
        }

        return counts.ToMetrics();
    }

    /// <summary>
    /// Several classes with a softmax: the original definition of each class but the background against all others, the prediction
    /// being the class of the largest logit; then the mean over the classes.
    /// </summary>
    /// <param name="logits">batch x channels x pixels logits, row-major; channel 0 is the background.</param>
    /// <param name="target">batch x pixels class indices, each below the number of channels.</param>
    /// <param name="channels">The number of classes with the background, at least 2.</param>
    /// <param name="pixels">The number of pixels of one image: height x width.</param>
    /// <exception cref="ArgumentException">The lengths do not fit each other, or a class index is out of range.</exception>
    public static OriginalMetrics OfSoftmax(ReadOnlySpan<float> logits, ReadOnlySpan<byte> target, int channels, int pixels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(pixels, 1);
        if (target.IsEmpty || target.Length % pixels != 0 || logits.Length != (long)target.Length * channels)
        {
            throw new ArgumentException(
                $"{logits.Length} logits and {target.Length} class indices do not fit {channels} channels of {pixels} pixels.",
                nameof(target));
        }

        Counts[] counts = new Counts[channels];
        float[] probabilities = new float[channels];
        for (int i = 0; i < target.Length; i++)
        {
            if (target[i] >= channels)
            {
                throw new ArgumentException($"A target has class {target[i]}, but there are {channels} channels.", nameof(target));
            }

            int first = i / pixels * channels * pixels + i % pixels;
            int predicted = Softmax(logits, first, pixels, probabilities);
            for (int c = 1; c < channels; c++)
            {
                bool truth = target[i] == c;
                counts[c].Add(probabilities[c], predicted == c, truth ? 1 : 0, truth);
            }
        }

        return Mean([.. counts.Skip(1).Select(static c => c.ToMetrics())]);
    }

    /// <summary>The mean of each metric, as over the images of an epoch.</summary>
    /// <param name="all">At least one.</param>
    /// <exception cref="ArgumentException">There are none.</exception>
    public static OriginalMetrics Mean(IReadOnlyCollection<OriginalMetrics> all)
    {
        ArgumentNullException.ThrowIfNull(all);
        if (all.Count == 0)
        {
            throw new ArgumentException("There is no mean of no metrics.", nameof(all));
        }

        return new OriginalMetrics
        {
            Iou = all.Average(static m => m.Iou),
            Dice = all.Average(static m => m.Dice),
            Sensitivity = all.Average(static m => m.Sensitivity),
            Precision = all.Average(static m => m.Precision),
            Specificity = all.Average(static m => m.Specificity),
            Accuracy = all.Average(static m => m.Accuracy),
            F1 = all.Average(static m => m.F1),
            DiceCoef = all.Average(static m => m.DiceCoef),
        };
    }

    /// <summary>The probabilities of one pixel, and the class of the largest (the first of equals).</summary>
    private static int Softmax(ReadOnlySpan<float> logits, int first, int stride, Span<float> probabilities)
    {
        int largest = 0;
        for (int c = 1; c < probabilities.Length; c++)
        {
            if (logits[first + c * stride] > logits[first + largest * stride])
            {
                largest = c;
            }
        }

        float sum = 0;
        for (int c = 0; c < probabilities.Length; c++)
        {
            probabilities[c] = MathF.Exp(logits[first + c * stride] - logits[first + largest * stride]);
            sum += probabilities[c];
        }

        for (int c = 0; c < probabilities.Length; c++)
        {
            probabilities[c] /= sum;
        }

        return largest;
    }

    private struct Counts
    {
        private long pixels;
        private long predicted;
        private long truth;
        private long both;
        private double probabilitySum;
        private double targetSum;
        private double productSum;

        public void Add(float probability, bool isPredicted, float target, bool isTruth)
        {
            pixels++;
            predicted += isPredicted ? 1 : 0;
            truth += isTruth ? 1 : 0;
            both += isPredicted && isTruth ? 1 : 0;
            probabilitySum += probability;
            targetSum += target;
            productSum += (double)probability * target;
        }

        public readonly OriginalMetrics ToMetrics()
        {
            // The largest value present is the foreground: without a foreground pixel, that is the background.
            long foreground = truth > 0 ? truth : pixels;
            long truePositives = truth > 0 ? both : predicted;
            long falsePositives = predicted - truePositives;
            long trueNegatives = pixels - foreground - falsePositives;
            double iou = (both + OverlapSmoothing) / (predicted + truth - both + OverlapSmoothing);
            double sensitivity = truePositives / (foreground + RatioSmoothing);
            double precision = truePositives / (predicted + RatioSmoothing);
            return new OriginalMetrics
            {
                Iou = iou,
                Dice = 2 * iou / (1 + iou),
                Sensitivity = sensitivity,
                Precision = precision,
                Specificity = trueNegatives / (pixels - foreground + RatioSmoothing),
                Accuracy = (double)(truePositives + trueNegatives) / pixels,
                F1 = 2 * sensitivity * precision / (sensitivity + precision + RatioSmoothing),
                DiceCoef = (2 * productSum + OverlapSmoothing) / (probabilitySum + targetSum + OverlapSmoothing),
            };
        }
    }
}
