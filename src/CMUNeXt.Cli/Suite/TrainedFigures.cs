using CMUNeXt.Training.Evaluation;
using CMUNeXt.Training.Protocol;

namespace CMUNeXt.Cli.Suite;

/// <summary>
/// What the runs of one network reached: for each metric the mean over its cases, and of these mean and deviation over the splits.
/// </summary>
/// <param name="Protocol">The settings of the runs.</param>
/// <param name="Runs">The names of the runs' folders, one for each split.</param>
/// <param name="Backend">What trained them, for each split another where they differ.</param>
/// <param name="Iou">Honest, at the images' own size; averaged over the classes where there are several.</param>
/// <param name="F1">The same.</param>
/// <param name="Hd95">The same, in pixels; without the cases that were missed, where it is not defined.</param>
/// <param name="Missed">The cases where a class was not marked at all, of all splits.</param>
/// <param name="OriginalIou">By the original definition at the network's size, as the published figures are.</param>
/// <param name="OriginalF1">The same.</param>
internal sealed record TrainedFigures(
    TrainingProtocol Protocol,
    IReadOnlyList<string> Runs,
    string Backend,
    Statistic Iou,
    Statistic F1,
    Statistic Hd95,
    int Missed,
    Statistic OriginalIou,
    Statistic OriginalF1)
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

        Statistic Honest(string metric) => Statistic.Of(judged.Select(one => one.Summary.All.Honest.MeanOverClasses[metric] ?? double.NaN));
        Statistic Original(string metric) => Statistic.Of(judged.Select(one => one.Summary.All.Original?[metric].Mean ?? double.NaN));
        return new TrainedFigures(
            judged[0].Run.Folder.ReadSettings().Protocol,
            [.. judged.Select(one => one.Run.Name)],
            string.Join(", ", judged.Select(one => one.Run.Folder.ReadSettings().Backend).Distinct()),
            Honest("iou"),
            Honest("f1"),
            Honest("hd95"),
            judged.Sum(one => one.Summary.All.Honest.Classes.Sum(found => found.Missed)),
            Original("iou"),
            Original("f1"));
    }
}
