using CMUNeXt.Training.Evaluation;
using CMUNeXt.Training.Protocol;

namespace CMUNeXt.Cli.Suite;

/// <summary>
/// What the runs of one network reached: for each metric the mean over its cases, and of these mean and standard deviation over the splits.
/// </summary>
/// <param name="Protocol">The settings of the runs.</param>
/// <param name="Runs">The names of the runs' folders, one for each split.</param>
/// <param name="Backend">What trained them, for each split another where they differ.</param>
/// <param name="Iou">At the images' own size; averaged over the classes where there are several.</param>
/// <param name="F1">The same.</param>
/// <param name="Hd95">The same, in pixels; without the cases that were missed, where it is not defined.</param>
/// <param name="Missed">The cases where a class was not found at all, of all splits.</param>
/// <param name="IouAsPublished">By the definition as published at the network's size, as the published figures are.</param>
/// <param name="F1AsPublished">The same.</param>
internal sealed record TrainedFigures(
    TrainingProtocol Protocol,
    IReadOnlyList<string> Runs,
    string Backend,
    Statistic Iou,
    Statistic F1,
    Statistic Hd95,
    int Missed,
    Statistic IouAsPublished,
    Statistic F1AsPublished)
{
    /// <summary>Gathers what is finished and evaluated in a suite's folder.</summary>
    /// <param name="folder">The suite's folder.</param>
    /// <param name="model">The network.</param>
    /// <returns>Null where no run of the network is.</returns>
    public static TrainedFigures? Read(string folder, string model)
    {
        SuiteRun[] runs = [.. SuiteRun.All(folder, model).Where(run => run.IsFinished)];
        (SuiteRun Run, EvaluationSummary Summary)[] judged =
            [.. runs.Select(run => (run, run.ReadEvaluation()!)).Where(pair => pair.Item2 is not null)];
        if (judged.Length == 0)
        {
            return null;
        }

        Statistic Mean(string metric) => Statistic.Of(judged.Select(one => one.Summary.All.Metrics.MeanWherePresent(metric) ?? double.NaN));
        Statistic AsPublished(string metric) => Statistic.Of(judged.Select(one => one.Summary.All.AsPublished?[metric].Mean ?? double.NaN));
        return new TrainedFigures(
            judged[0].Run.Folder.ReadSettings().Protocol,
            [.. judged.Select(one => one.Run.Name)],
            string.Join(", ", judged.Select(one => one.Run.Folder.ReadSettings().Backend).Distinct()),
            Mean("iou"),
            Mean("f1"),
            Mean("hd95"),
            judged.Sum(one => one.Summary.All.Metrics.Classes.Sum(found => found.Missed)),
            AsPublished("iou"),
            AsPublished("f1"));
    }
}
