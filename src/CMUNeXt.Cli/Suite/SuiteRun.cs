using CMUNeXt.Files;
using CMUNeXt.Training.Evaluation;
using CMUNeXt.Training.Runs;
using CMUNeXt.Weights;

namespace CMUNeXt.Cli.Suite;

/// <summary>The run of one network on one split: an ordinary folder of <c>train</c>, with that of <c>evaluate</c> in it.</summary>
/// <param name="suite">The suite's folder.</param>
/// <param name="model">The network.</param>
/// <param name="split">The position of the pair of lists, from 1.</param>
internal sealed class SuiteRun(string suite, string model, int split)
{
    /// <summary>The name of the folder.</summary>
    public string Name { get; } = $"{model}-{split}";

    public RunFolder Folder { get; } = new(Path.Combine(suite, $"{model}-{split}"));

    /// <summary>The weights of the best epoch.</summary>
    public string BestPath => Folder.BestPath;

    /// <summary>Where they are judged.</summary>
    public string EvaluationPath => Path.Combine(Folder.Path, "evaluation");

    // Which images and masks they were judged on: the run's own list as it was then.
    private string JudgedFilesPath => Path.Combine(EvaluationPath, Path.GetFileName(Folder.DataFilesPath));

    /// <summary>Whether its training is done.</summary>
    public bool IsFinished => Folder.IsFinished() && File.Exists(BestPath);

    /// <summary>The runs of a network that there are, finished or not.</summary>
    public static IEnumerable<SuiteRun> All(string suite, string model)
    {
        for (int split = 1; Directory.Exists(Path.Combine(suite, $"{model}-{split}")); split++)
        {
            yield return new SuiteRun(suite, model, split);
        }
    }

    /// <summary>Notes which images and masks the weights were judged on; an earlier version's run does not know.</summary>
    public void KeepJudgedFiles()
    {
        if (SharedFile.ReadText(Folder.DataFilesPath) is { } files)
        {
            AtomicFile.WriteText(JudgedFilesPath, files);
        }
    }

    /// <summary>
    /// What the weights of the best epoch were found to be worth; null where these were not judged, or not on all cases, or with flips, or
    /// by another version's rules, or on images and masks that have changed since.
    /// </summary>
    public EvaluationSummary? ReadEvaluation() =>
        EvaluationReport.Read(EvaluationPath) is { } summary
        && summary.All.Cases == Folder.ReadSettings().Validation.Count
        && summary.Info is { IsCurrent: true, Flips: false }
        && summary.Info.WeightsSha256 == WeightsFile.Load(BestPath).Sha256
        && (SharedFile.ReadText(JudgedFilesPath) is not { } files || files == SharedFile.ReadText(Folder.DataFilesPath))
            ? summary
            : null;
}
