using System.CommandLine;
using CMUNeXt.Cli.Options;
using CMUNeXt.Cli.Parts;
using CMUNeXt.Cli.Terminal;
using CMUNeXt.Mpi;
using CMUNeXt.Training.Sessions;

namespace CMUNeXt.Cli.Verbs;

/// <summary><c>train</c>: the published protocol by default, every setting an option.</summary>
internal static class TrainVerb
{
    private static readonly BeginOptions Begin = new();
    private static readonly Option<string> Output = CommonOptions.Output("The run's folder.");
    private static readonly Option<bool> Resume = new("--resume")
    {
        Description = "Go on with the run in the output's folder after any interruption, with its own settings; "
            + "only --data, --teacher, --threads, --device, --epochs and --mpi-timeout may differ.",
    };

    private static readonly Option<bool> ChangedData = new("--changed-data")
    {
        Description = "With --resume: go on although images or masks have changed since the run began; config.json records which.",
    };

    private static readonly Option<bool> Overwrite = CommonOptions.Overwrite();

    public static Command Create() => Verb.Create(
        "train",
        "Train a network; without options by the published protocol of CMUNeXt.",
        [
            .. Begin.Cases, Output, .. Begin.Sources, Resume, ChangedData, Overwrite, .. Begin.Settings, MpiTraining.Deadline,
        ],
        Run);

    private static int Run(ParseResult parsed, CancellationToken stop)
    {
        string folder = parsed.GetValue(Output)!;
        bool resumes = parsed.GetValue(Resume);
        if (MpiLauncher.StartedThis)
        {
            return MpiTraining.Run(
                folder, parsed.GetValue(MpiTraining.Deadline), ranks => Open(parsed, folder, resumes, ranks), begins: !resumes, stop);
        }

        using TrainingSession session = Open(parsed, folder, resumes, null);
        TrainingReport.Warn(session, begins: !resumes, stop);
        TrainingReport.Train(session, stop);
        return ExitStatus.Done;
    }

    // Under mpirun the threads of a rank follow from its cores, also where a run of other threads goes on.
    private static TrainingSession Open(ParseResult parsed, string folder, bool resumes, MpiCommunicator? ranks)
    {
        int? threads = parsed.GetValue(Begin.Computing.Threads) ?? ranks?.Threads;
        if (resumes)
        {
            return TrainingSession.Resume(folder, ReadChanges(parsed) with { Threads = threads }, ranks);
        }

        TrainingOptions options = ReadBeginning(parsed) with { Threads = threads };
        TrainingSession session = TrainingSession.Begin(folder, options, parsed.GetValue(Overwrite), ranks);

        // Where it cannot begin, that is all that is said. Of ranks the first alone says more.
        if (ranks is null or { Rank: 0 })
        {
            Begin.Tell(parsed, options);
        }

        return session;
    }

    // The data may lie elsewhere, and the backend be another, than where the run began.
    private static ResumeOptions ReadChanges(ParseResult parsed)
    {
        Option[] possible =
        [
            Output, Resume, ChangedData, CommonOptions.Verbose, Begin.Data, Begin.Teachers, Begin.Computing.Device, Begin.Computing.Threads,
            Begin.Epochs, MpiTraining.Deadline,
        ];
        string[] others = [.. parsed.CommandResult.Command.Options
            .Where(option => !possible.Contains(option) && CommonOptions.IsGiven(parsed, option))
            .Select(option => option.Name)];
        return others.Length > 0
            ? throw new UsageException($"--resume goes on with the settings that the run began with; leave out {string.Join(", ", others)}")
            : new ResumeOptions
            {
                Data = parsed.GetValue(Begin.Data),
                Teachers = CommonOptions.Given(parsed, Begin.Teachers),
                Device = CommonOptions.IsGiven(parsed, Begin.Computing.Device) ? parsed.GetValue(Begin.Computing.Device) : null,
                Epochs = CommonOptions.IsGiven(parsed, Begin.Epochs) ? parsed.GetValue(Begin.Epochs) : null,
                AcceptChangedData = parsed.GetValue(ChangedData),
            };
    }

    private static TrainingOptions ReadBeginning(ParseResult parsed) => CommonOptions.IsGiven(parsed, ChangedData)
        ? throw new UsageException("--changed-data is for --resume")
        : Begin.Read(parsed);
}
