using System.Globalization;
using CMUNeXt.Training.Evaluation;
using CMUNeXt.Training.Tables;

namespace CMUNeXt.Training.Studies;

/// <summary>Writes the one table of a study: <c>study.md</c>, <c>study.csv</c> and <c>study.tex</c>.</summary>
public static class StudyReport
{
    private const string Name = "study";

    private static readonly string[] Keys = ["iou", "dice", "hd95"];

    /// <summary>The files.</summary>
    public static IReadOnlyList<string> Files { get; } = ResultTable.FilesOf(Name);

    /// <summary>Writes the files; files of these names are replaced.</summary>
    /// <param name="folder">The study's folder.</param>
    /// <param name="evaluations">The evaluations with what they found.</param>
    /// <exception cref="IOException">A file could not be written.</exception>
    public static void Write(string folder, IReadOnlyList<(StudyEvaluation Evaluation, EvaluationSummary Summary)> evaluations) =>
        Table(evaluations).Write(folder, Name);

    /// <summary>
    /// A row for each evaluation and class: means over the images that hold the class, with their intervals, and the false positives in the
    /// others. Behind a mean that is of fewer images than n stands their number.
    /// </summary>
    public static ResultTable Table(IReadOnlyList<(StudyEvaluation Evaluation, EvaluationSummary Summary)> evaluations)
    {
        ArgumentNullException.ThrowIfNull(evaluations);
        bool classes = evaluations.Any(one => one.Summary.Info.Classes.Count > 1);
        Metric<Metrics.SegmentationMetrics>[] metrics = [.. Metric.All.Where(metric => Keys.Contains(metric.Key))];
        return new ResultTable(
            [
                "evaluation", .. classes ? ["class"] : Array.Empty<string>(), "n",
                .. metrics.Select(metric => $"{metric.Label}, {(metric.InPixels ? "px" : "%")}"), "missed", "false positives",
            ],
            [
                .. from one in evaluations
                   from label in one.Summary.All.Metrics.ClassesAndAny
                   select (IReadOnlyList<string>)
                   [
                       one.Evaluation.Name,
                       .. classes ? [label.Name] : Array.Empty<string>(),
                       Text(label.BothPresent + label.Missed),
                       .. metrics.Select(metric => Value(label.Present[metric.Key], label.BothPresent + label.Missed, metric.InPixels)),
                       Text(label.Missed),
                       $"{label.FalsePositive} of {label.FalsePositive + label.CorrectlyEmpty}",
                   ],
            ],
            classes ? 2 : 1);
    }

    private static string Text(int count) => count.ToString(CultureInfo.InvariantCulture);

    private static string Value(Statistic value, int n, bool inPixels) =>
        ResultTable.Value(value.Mean, value.Interval, value.Count, n, inPixels);
}
