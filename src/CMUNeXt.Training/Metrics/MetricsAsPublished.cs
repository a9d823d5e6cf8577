namespace CMUNeXt.Training.Metrics;

/// <summary>
/// The metrics of the original code, to compare with what was published, and for nothing else. They pool all pixels of a batch, smooth
/// their ratios, and take as foreground of the reference the largest value present, so that in <see cref="Sensitivity"/>,
/// <see cref="Precision"/>, <see cref="Specificity"/>, <see cref="Accuracy"/> and <see cref="F1"/> an empty reference counts as all
/// foreground. Those that are reported first are <see cref="SegmentationMetrics"/>.
/// </summary>
public sealed record MetricsAsPublished
{
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

    /// <summary>(TP + TN) / all pixels that are judged.</summary>
    public required double Accuracy { get; init; }

    /// <summary>2 SE PC / (SE + PC + 1e-6).</summary>
    public required double F1 { get; init; }

    /// <summary>The soft Dice coefficient, (2 sum(p t) + 1e-5) / (sum p + sum t + 1e-5), p the probability.</summary>
    public required double DiceCoef { get; init; }

    /// <summary>One image at the network's size: of one class by a sigmoid, of several by a softmax.</summary>
    /// <param name="logits">outputs x pixels logits; those of ignored pixels are settled.</param>
    /// <param name="target">The class of each pixel.</param>
    /// <param name="outputs">Planes of logits.</param>
    /// <param name="ignored">Where nothing is known; null where all is.</param>
    internal static MetricsAsPublished Of(ReadOnlySpan<float> logits, byte[] target, int outputs, bool[]? ignored)
    {
        int unknown = ignored.AsSpan().Count(true);
        return Mean([.. CountsAsPublished.Of(logits, target, outputs, target.Length).Select(one => one.Without(unknown).ToMetrics())]);
    }

    /// <summary>The number of metrics.</summary>
    internal const int Count = 8;

    /// <summary>The metrics as numbers.</summary>
    internal double[] ToValues() => [Iou, Dice, Sensitivity, Precision, Specificity, Accuracy, F1, DiceCoef];

    /// <summary>The metrics of <see cref="ToValues"/>.</summary>
    internal static MetricsAsPublished OfValues(double[] values) => new()
    {
        Iou = values[0],
        Dice = values[1],
        Sensitivity = values[2],
        Precision = values[3],
        Specificity = values[4],
        Accuracy = values[5],
        F1 = values[6],
        DiceCoef = values[7],
    };

    /// <summary>The mean of each metric, as over the images of an epoch.</summary>
    /// <param name="all">At least one.</param>
    /// <exception cref="ArgumentException">There are none.</exception>
    public static MetricsAsPublished Mean(IReadOnlyCollection<MetricsAsPublished> all)
    {
        ArgumentNullException.ThrowIfNull(all);
        if (all.Count == 0)
        {
            throw new ArgumentException("There is no mean of no metrics.", nameof(all));
        }

        return new MetricsAsPublished
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
}
