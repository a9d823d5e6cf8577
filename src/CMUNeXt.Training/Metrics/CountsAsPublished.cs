namespace CMUNeXt.Training.Metrics;

/// <summary>What <see cref="MetricsAsPublished"/> are made of: counts of pixels and sums over them, of one class.</summary>
internal struct CountsAsPublished
{
    private const double OverlapSmoothing = 1e-5;
    private const double RatioSmoothing = 1e-6;

    private long pixels;
    private double probabilitySum;
    private double productSum;

    /// <summary>Foreground of the prediction.</summary>
    public long Predicted { get; private set; }

    /// <summary>Foreground of the reference.</summary>
    public long Reference { get; private set; }

    /// <summary>Foreground of both.</summary>
    public long Both { get; private set; }

    /// <summary>Each class but the background: one with a sigmoid, several with a softmax.</summary>
    /// <param name="logits">batch x outputs x pixels logits.</param>
    /// <param name="target">batch x pixels classes.</param>
    /// <param name="outputs">Planes of logits.</param>
    /// <param name="pixels">The number of pixels of one image.</param>
    public static CountsAsPublished[] Of(ReadOnlySpan<float> logits, byte[] target, int outputs, int pixels) => outputs == 1
        ? [OfSigmoid(logits, target)]
        : OfSoftmax(logits, target, outputs, pixels);

    private static CountsAsPublished OfSigmoid(ReadOnlySpan<float> logits, byte[] target)
    {
        CountsAsPublished counts = default;
        for (int i = 0; i < logits.Length; i++)
        {
            // In float32, as the original: a logit just above 0 has a probability of exactly 0.5, which is not above it.
            float probability = 1 / (1 + MathF.Exp(-logits[i]));
            counts.Add(probability, probability > 0.5f, target[i] > 0);
        }

        return counts;
    }

    private static CountsAsPublished[] OfSoftmax(ReadOnlySpan<float> logits, byte[] target, int channels, int pixels)
    {
        CountsAsPublished[] counts = new CountsAsPublished[channels - 1];
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
                counts[c - 1].Add(probabilities[c], predicted == c, target[i] == c);
            }
        }

        return counts;
    }

    /// <summary>The IoU as <see cref="MetricsAsPublished.Iou"/> defines it.</summary>
    /// <param name="predicted">Foreground of the prediction.</param>
    /// <param name="reference">Foreground of the reference.</param>
    /// <param name="both">Foreground of both.</param>
    public static double Iou(double predicted, double reference, double both) =>
        (both + OverlapSmoothing) / (predicted + reference - both + OverlapSmoothing);

    /// <summary>The same without pixels that nothing is known of, which were certain background.</summary>
    public readonly CountsAsPublished Without(int ignored)
    {
        CountsAsPublished known = this;
        known.pixels -= ignored;
        return known;
    }

    /// <summary>The metrics.</summary>
    public readonly MetricsAsPublished ToMetrics()
    {
        // The largest value present is the foreground: without a foreground pixel, that is the background.
        long foreground = Reference > 0 ? Reference : pixels;
        long truePositives = Reference > 0 ? Both : Predicted;
        long falsePositives = Predicted - truePositives;
        long trueNegatives = pixels - foreground - falsePositives;
        double iou = Iou(Predicted, Reference, Both);
        double sensitivity = truePositives / (foreground + RatioSmoothing);
        double precision = truePositives / (Predicted + RatioSmoothing);
        return new MetricsAsPublished
        {
            Iou = iou,
            Dice = 2 * iou / (1 + iou),
            Sensitivity = sensitivity,
            Precision = precision,
            Specificity = trueNegatives / (pixels - foreground + RatioSmoothing),

            // Where nothing is known it is 0, as the smoothed ratios are: a checkpoint holds no NaN.
            Accuracy = (double)(truePositives + trueNegatives) / Math.Max(pixels, 1),
            F1 = 2 * sensitivity * precision / (sensitivity + precision + RatioSmoothing),
            DiceCoef = (2 * productSum + OverlapSmoothing) / (probabilitySum + Reference + OverlapSmoothing),
        };
    }

    private void Add(float probability, bool isPredicted, bool isReference)
    {
        pixels++;
        Predicted += isPredicted ? 1 : 0;
        Reference += isReference ? 1 : 0;
        Both += isPredicted && isReference ? 1 : 0;
        probabilitySum += probability;
        productSum += isReference ? probability : 0;
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
}
