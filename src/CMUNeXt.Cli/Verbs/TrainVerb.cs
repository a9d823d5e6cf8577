using System.CommandLine;
using CMUNeXt.Cli.Terminal;
using CMUNeXt.Mpi;
using CMUNeXt.Networks;
using CMUNeXt.Training.Protocol;
using CMUNeXt.Training.Runs;
using CMUNeXt.Training.Sessions;
using CMUNeXt.Weights;

namespace CMUNeXt.Cli.Verbs;

/// <summary><c>train</c>: the published protocol by default, every setting an option.</summary>
internal static class TrainVerb
{
    private static readonly Option<string?> Data = CommonOptions.Text("--data", "The prepared data set's folder (images, masks/0).", "DIR");
    private static readonly Option<string[]> TrainLists = new("--train")
    {
        Description = "The list of the cases to train on, one name a line; several lists are put together.",
        CustomParser = OptionValues.FileNames,
        AllowMultipleArgumentsPerToken = true,
        HelpName = "LIST",
    };

    private static readonly Option<double[]> Shares = CommonOptions.List<double>(
        "--shares", "Of several training lists: the share of an epoch's images that each has, such as 0.5,0.5. [default: every case once]",
        "S,...");

    private static readonly Option<string?> ValidationList = CommonOptions.Text(
        "--val", "The list of the cases to validate on after each epoch.", "LIST");
    private static readonly Option<string?> Model = CommonOptions.Model();
    private static readonly Option<string> Output = CommonOptions.Output("The run's folder.");
    private static readonly Option<string> Recipe = new("--recipe")
    {
        Description =
            $"Where the settings come from: {string.Join(", ", TrainingRecipe.Names)}, a file, or the config.json of a run; "
                + "other options change them.",
        DefaultValueFactory = _ => TrainingRecipe.Published,
        HelpName = "FILE",
    };

    private static readonly Option<string?> Weights = CommonOptions.Text(
        "--weights", "Start from a weight file, or a name of \"cmunext weights\"; where its classes differ, the last layer is new.",
        "FILE|NAME");

    private static readonly Option<string[]> Teachers = new("--teacher")
    {
        Description = "Learn from other networks beside the masks: from the mean of their logits, weighted by --distillation.",
        CustomParser = OptionValues.FileNames,
        AllowMultipleArgumentsPerToken = true,
        HelpName = "FILE",
    };

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
    private static readonly Option<int> Channels = new("--channels")
    {
        Description = "The channels of the network's input: 3 or 1 (gray).",
        DefaultValueFactory = _ => 3,
        HelpName = "N",
    };

    private static readonly Option<bool> Letterbox = CommonOptions.Letterbox();
    private static readonly ProtocolOptions Protocol = new();
    private static readonly AblationOptions Ablations = new();
    private static readonly Option<string?> Backend = CommonOptions.Backend();
    private static readonly Option<string> Device = CommonOptions.Device();
    private static readonly Option<int?> Threads = CommonOptions.Threads();

    public static Command Create()
    {
        Command command = new("train", "Train a network; without options by the published protocol of CMUNeXt.");
        foreach (Option option in (Option[])
        [
            Data, TrainLists, Shares, ValidationList, Model, Output, Recipe, Weights, Teachers, Resume, ChangedData, Overwrite,
            .. Protocol.All,
            Letterbox, Channels, .. Ablations.All,
            Backend, Device, Threads, MpiTraining.Deadline,
        ])
        {
            command.Add(option);
        }

        command.SetAction((parsed, stop) => Task.FromResult(Run(parsed, stop)));
        return command;
    }

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
        int? threads = parsed.GetValue(Threads) ?? ranks?.Threads;
        return resumes
            ? TrainingSession.Resume(folder, ReadChanges(parsed) with { Threads = threads }, ranks)
            : TrainingSession.Begin(
                folder, ReadOptions(parsed, tells: ranks is null or { Rank: 0 }) with { Threads = threads }, parsed.GetValue(Overwrite),
                ranks);
    }

    // The data may lie elsewhere, and the backend be another, than where the run began.
    private static ResumeOptions ReadChanges(ParseResult parsed)
    {
        Option[] possible =
        [
            Output, Resume, ChangedData, CommonOptions.Verbose, Data, Teachers, Device, Threads, Protocol.Epochs, MpiTraining.Deadline,
        ];
        string[] others = [.. parsed.CommandResult.Command.Options
            .Where(option => !possible.Contains(option) && CommonOptions.IsGiven(parsed, option))
            .Select(option => option.Name)];
        return others.Length > 0
            ? throw new UsageException($"--resume goes on with the settings that the run began with; leave out {string.Join(", ", others)}")
            : new ResumeOptions
            {
                Data = parsed.GetValue(Data),
                Teachers = CommonOptions.Given(parsed, Teachers),
                Device = CommonOptions.IsGiven(parsed, Device) ? parsed.GetValue(Device) : null,
                Epochs = CommonOptions.IsGiven(parsed, Protocol.Epochs) ? parsed.GetValue(Protocol.Epochs) : null,
                AcceptChangedData = parsed.GetValue(ChangedData),
            };
    }

    private static TrainingOptions ReadOptions(ParseResult parsed, bool tells)
    {
        if (CommonOptions.IsGiven(parsed, ChangedData))
        {
            throw new UsageException("--changed-data is for --resume");
        }

        string data = parsed.GetValue(Data) ?? throw new UsageException("train needs --data DIR (or --resume)");
        string[] train = CommonOptions.Given(parsed, TrainLists) ?? throw new UsageException("train needs --train LIST (or --resume)");
        string validation = parsed.GetValue(ValidationList) ?? throw new UsageException("train needs --val LIST (or --resume)");
        int channels = parsed.GetValue(Channels);
        if (channels is not (1 or 3))
        {
            throw new UsageException($"--channels is 1 or 3, not {channels}");
        }

        TrainingRecipe recipe = TrainingRecipe.Load(parsed.GetValue(Recipe)!);
        LoadedWeights? weights = parsed.GetValue(Weights) is { } path ? NetworkWeights.Load(path) : null;
        if (weights is not null && CommonOptions.IsGiven(parsed, Channels))
        {
            throw new UsageException("--weights brings its network's channels; leave out --channels");
        }

        if (weights is null && parsed.GetValue(Model) is null && recipe.Network is not null && CommonOptions.IsGiven(parsed, Channels))
        {
            throw new UsageException("--recipe brings its network's channels; leave out --channels, or give --model");
        }

        NetworkDescription? named = parsed.GetValue(Model) is { } model ? NetworkCatalog.Describe(model, channels)
            : weights is null ? recipe.Network : null;
        NetworkDescription network = Ablations.Apply(
            parsed,
            weights?.DescribeNetwork() ?? named ?? throw new UsageException("train needs --model NAME, or --weights FILE to start from"),
            fromFile: weights is not null);
        TrainingProtocol protocol = Protocol.Apply(parsed, recipe.ProtocolFor(network, weights));
        LoadedWeights[] teachers = [.. (parsed.GetValue(Teachers) ?? []).Select(WeightsFile.Load)];
        if (tells)
        {
            TellOfOptions(parsed, recipe, protocol, weights, teachers);
        }

        return new TrainingOptions
        {
            Data = data,
            Train = train[0],
            FurtherTrain = train[1..],
            Shares = CommonOptions.Given(parsed, Shares),
            Validation = validation,
            Network = weights is null ? network : named,
            Weights = weights,
            Teachers = teachers,
            Protocol = protocol,
            Preprocessing = recipe.Preprocessing,
            Letterbox = parsed.GetValue(Letterbox) ? true : null,
            Backend = parsed.GetValue(Backend),
            Device = parsed.GetValue(Device)!,
        };
    }

    // Of ranks the first alone does.
    private static void TellOfOptions(
        ParseResult parsed, TrainingRecipe recipe, TrainingProtocol protocol, LoadedWeights? weights, LoadedWeights[] teachers)
    {
        if (weights is not null && recipe.Preprocessing is null)
        {
            InputOptions.TellAssumed(weights, "give --recipe FILE with it");
        }

        if (weights is not null && recipe.Preprocessing is { } stated)
        {
            InputOptions.TellOther(weights, stated, parsed.GetValue(Letterbox));
        }

        foreach (LoadedWeights teacher in teachers)
        {
            InputOptions.TellAssumed(teacher, "it cannot teach", withSize: false);
        }

        foreach (string idle in Protocol.FindIdle(parsed, protocol, teachers.Length > 0))
        {
            Console.Error.WriteLine($"warning: {idle}");
        }
    }
}
