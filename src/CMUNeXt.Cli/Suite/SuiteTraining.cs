using CMUNeXt.Files;
using CMUNeXt.Networks;
using CMUNeXt.Training.Runs;
using CMUNeXt.Training.Sessions;

namespace CMUNeXt.Cli.Suite;

/// <summary>A pair of lists.</summary>
internal sealed record ListPair(string Train, string Validation);

/// <summary>Trains and evaluates networks by one protocol, with the verbs that a user would do it with.</summary>
/// <param name="suite">The suite's folder.</param>
/// <param name="data">The prepared data set's folder.</param>
/// <param name="splits">The lists of each split.</param>
/// <param name="protocol">The settings of all trainings.</param>
/// <param name="computing">What computes.</param>
/// <param name="run">Runs a verb, and says what went wrong (<see cref="VerbProcess.Run"/>).</param>
internal sealed class SuiteTraining(
    string suite, string data, IReadOnlyList<ListPair> splits, SuiteProtocol protocol, SuiteComputing computing,
    Func<IReadOnlyList<string>, Action<string>, CancellationToken, string?> run)
{
    /// <summary>The number of splits.</summary>
    public int Splits => splits.Count;

    /// <summary>Checks the settings of all runs before any begins, and holds what is there against them.</summary>
    /// <param name="models">The networks to train. What is there of others belongs to the same table, and is checked too.</param>
    /// <exception cref="SettingsException">The protocol is none, or a network does not take it.</exception>
    /// <exception cref="BadFileException">
    /// A list cannot be read, or a folder holds a run of other settings, or of other images or masks.
    /// </exception>
    public void Check(IReadOnlyCollection<string> models)
    {
        List<RunFolder> begun = [];
        foreach (string model in NetworkCatalog.Names)
        {
            // Those of more splits than are asked for now come into the same mean.
            for (int split = 1; split <= splits.Count || new SuiteRun(suite, model, split).Folder.HasRun; split++)
            {
                RunFolder folder = new SuiteRun(suite, model, split).Folder;
                if (folder.HasRun)
                {
                    begun.Add(folder);
                }
                else if (!models.Contains(model))
                {
                    continue;
                }

                RunSettings settings = Options(model, Math.Min(split, splits.Count)).ToSettings();
                if (split > splits.Count && folder.ReadSettings() is var own)
                {
                    settings = settings with { Train = own.Train, Validation = own.Validation };
                }

                if (folder.HasRun && folder.ReadSettings().DifferencesFrom(settings) is { Count: > 0 } differences)
                {
                    throw new BadFileException(
                        folder.Path,
                        $"holds a run that is not the suite's, so that they cannot be compared: {string.Join("; ", differences)}. "
                        + "Give the suite the run's settings, or another --output, or move the folder away");
                }
            }
        }

        DataFiles.Check(data, begun);
    }

    /// <summary>Trains a network on a split, from wherever its run stands, and judges the weights of its best epoch.</summary>
    /// <param name="model">The network.</param>
    /// <param name="split">The split, from 1.</param>
    /// <param name="report">Told what happens, line by line.</param>
    /// <param name="stop">Stops after the iteration that is under way; all is kept.</param>
    /// <returns>What went wrong, in one line; null where nothing did.</returns>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public string? Complete(string model, int split, Action<string> report, CancellationToken stop)
    {
        SuiteRun one = new(suite, model, split);
        void Line(string line) => report($"{one.Name}: {line}");
        if (!one.IsFinished)
        {
            string[] train = one.Folder.HasRun
                ? ["--resume", "--data", data, .. computing.Arguments, "--output", one.Folder.Path]
                : Arguments(model, split);
            if (run(["train", .. train], Line, stop) is { } failure)
            {
                return $"{one.Name}: training: {failure}";
            }
        }

        if (one.ReadEvaluation() is null)
        {
            string[] evaluate =
                ["--data", data, "--list", splits[split - 1].Validation, "--weights", one.BestPath, .. computing.Arguments, "--output",
                    one.EvaluationPath, "--overwrite"];
            if (run(["evaluate", .. evaluate], Line, stop) is { } failure)
            {
                return $"{one.Name}: evaluation: {failure}";
            }

            one.KeepJudgedFiles();
        }

        return null;
    }

    // What follows "train" to begin a run, also where one was killed as it began: its files without settings are replaced.
    private string[] Arguments(string model, int split) =>
    [
        "--data", data, "--train", splits[split - 1].Train, "--val", splits[split - 1].Validation, "--model", model,
        .. protocol.Arguments(model), .. computing.Arguments, "--output", new SuiteRun(suite, model, split).Folder.Path, "--overwrite",
    ];

    private TrainingOptions Options(string model, int split) => new()
    {
        Data = data,
        Train = splits[split - 1].Train,
        Validation = splits[split - 1].Validation,
        Network = NetworkCatalog.Describe(model),
        Protocol = protocol.For(model),
        Device = computing.Device ?? "cpu",
        Threads = computing.Threads,
    };
}
