using CMUNeXt.Training.Metrics;

namespace CMUNeXt.Training.Evaluation;

/// <summary>One metric of a report.</summary>
/// <param name="Key">Its name in files.</param>
/// <param name="Label">Its name on the page.</param>
/// <param name="Value">Reads it; NaN where it is undefined.</param>
/// <param name="InPixels">Whether it is a distance in pixels; otherwise it is a ratio in [0, 1].</param>
internal sealed record Metric<T>(string Key, string Label, Func<T, double> Value, bool InPixels = false);

/// <summary>The metrics that every report shows, in order.</summary>
internal static class Metric
{
    /// <summary>Of each class at the original size.</summary>
    public static IReadOnlyList<Metric<SegmentationMetrics>> All { get; } =
    [
        new("iou", "IoU", static m => m.Confusion.Iou),
        new("dice", "Dice", static m => m.Confusion.Dice),
        new("f1", "F1", static m => m.Confusion.F1),
        new("sensitivity", "Sensitivity", static m => m.Confusion.Sensitivity),
        new("precision", "Precision", static m => m.Confusion.Precision),
        new("specificity", "Specificity", static m => m.Confusion.Specificity),
        new("accuracy", "Accuracy", static m => m.Confusion.Accuracy),
        new("hd95", "HD95", static m => m.Surface.Hd95, InPixels: true),
        new("assd", "ASSD", static m => m.Surface.Assd, InPixels: true),
    ];

    /// <summary>As published, of the whole case at the network's size.</summary>
    public static IReadOnlyList<Metric<MetricsAsPublished>> AsPublished { get; } =
    [
        new("iou", "IoU", static m => m.Iou),
        new("dice", "Dice", static m => m.Dice),
        new("f1", "F1", static m => m.F1),
        new("sensitivity", "Sensitivity", static m => m.Sensitivity),
        new("precision", "Precision", static m => m.Precision),
        new("specificity", "Specificity", static m => m.Specificity),
        new("accuracy", "Accuracy", static m => m.Accuracy),
        new("dice_coef", "Soft Dice", static m => m.DiceCoef),
    ];

    /// <summary>How an outcome is written in files.</summary>
    public static string Key(Outcome outcome) => outcome switch
    {
        Outcome.BothPresent => "both_present",
        Outcome.CorrectlyEmpty => "correctly_empty",
        Outcome.FalsePositive => "false_positive",
        _ => "missed",
    };
}
