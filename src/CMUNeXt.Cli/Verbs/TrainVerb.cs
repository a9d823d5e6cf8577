using System.CommandLine;
using System.Reflection;
using CMUNeXt.Backends;
using CMUNeXt.Cli.Terminal;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Networks;
using CMUNeXt.Numerics;
using CMUNeXt.Training.Data;
using CMUNeXt.Training.Protocol;
using CMUNeXt.Training.Runs;
using CMUNeXt.Weights;

namespace CMUNeXt.Cli.Verbs;

/// <summary><c>train</c>: the published protocol by default, every setting an option.</summary>
internal static class TrainVerb
{
    private static readonly TrainingProtocol Published = new();

    private static readonly Option<string?> Data = new("--data") { Description = "The prepared data set's folder (images, masks/0).", HelpName = "DIR" };
    private static readonly Option<string?> TrainList = new("--train") { Description = "The list of the cases to train on, one name a line.", HelpName = "LIST" };
    private static readonly Option<string?> ValidationList = new("--val") { Description = "The list of the cases to validate on after each epoch.", HelpName = "LIST" };
    private static readonly Option<string?> Model = CommonOptions.Model();
    private static readonly Option<string> Output = CommonOptions.Output("The run's folder.");
    private static readonly Option<string?> Weights = new("--weights") { Description = "Start from the weights of a file; where its classes differ, the last layer is new.", HelpName = "FILE" };
    private static readonly Option<bool> Resume = new("--resume") { Description = "Go on with the run in the output's folder after any interruption, with its own settings; only --data, --threads and --device may be others." };
    private static readonly Option<bool> Overwrite = CommonOptions.Overwrite();
    private static readonly Option<int> Channels = new("--channels") { Description = "The channels of the network's input: 3 or 1 (grey).", DefaultValueFactory = _ => 3, HelpName = "N" };
    private static readonly Option<int> Epochs = new("--epochs") { Description = "The number of epochs.", DefaultValueFactory = _ => Published.Epochs, HelpName = "N" };
    private static readonly Option<int> BatchSize = new("--batch") { Description = "The cases of a step.", DefaultValueFactory = _ => Published.Batch, HelpName = "N" };
    private static readonly Option<string?> Size = new("--size") { Description = "The size of the network's input: N, or WIDTHxHEIGHT, multiples of 16. [default: the network's own, 256 for most]", HelpName = "N" };
    private static readonly Option<ulong> Seed = new("--seed") { Description = "The seed of weights, order and augmentation.", DefaultValueFactory = _ => Published.Seed, HelpName = "S" };
    private static readonly Option<string> Optimizer = CommonOptions.OneOf(
        new Option<string>("--optimiser") { Description = "sgd or adamw.", DefaultValueFactory = _ => "sgd", HelpName = "NAME" }, "sgd", "adamw");

    private static readonly Option<double?> Rate = new("--rate") { Description = "The first learning rate. [default: 0.01 for sgd, 0.001 for adamw]", HelpName = "R" };
    private static readonly Option<double> Momentum = new("--momentum") { Description = "The momentum of sgd.", DefaultValueFactory = _ => Published.Momentum, HelpName = "M" };
    private static readonly Option<double?> WeightDecay = new("--weight-decay") { Description = "The weight decay. [default: 0.0001 for sgd, 0.01 for adamw]", HelpName = "W" };
    private static readonly Option<string> Schedule = CommonOptions.OneOf(
        new Option<string>("--schedule") { Description = "How the rate goes on: polynomial (power 0.9), cosine or constant.", DefaultValueFactory = _ => "polynomial", HelpName = "NAME" }, "polynomial", "cosine", "constant");

    private static readonly Option<string> Loss = CommonOptions.OneOf(
        new Option<string>("--loss") { Description = "ce-dice (0.5 x cross-entropy + Dice loss), ce or dice.", DefaultValueFactory = _ => "ce-dice", HelpName = "NAME" }, "ce-dice", "ce", "dice");

    private static readonly Option<string> Augment = CommonOptions.OneOf(
        new Option<string>("--augmentation") { Description = "rotate-flip or none.", DefaultValueFactory = _ => "rotate-flip", HelpName = "NAME" }, "rotate-flip", "none");

    private static readonly Option<int?> Patience = CommonOptions.AtLeast(
        1, new Option<int?>("--patience") { Description = "Stop when the validation IoU has not risen for so many epochs. [default: never]", HelpName = "N" });

    private static readonly AblationOptions Ablations = new();

    private static readonly Option<string?> Backend = CommonOptions.Backend();
    private static readonly Option<string> Device = CommonOptions.Device();
    private static readonly Option<int?> Threads = CommonOptions.Threads();

    public static Command Create()
    {
        Command command = new("train", "Train a network; without options by the published protocol of CMUNeXt.")
        {
            Data, TrainList, ValidationList, Model, Output, Weights, Resume, Overwrite, Epochs, BatchSize, Size, Seed, Optimizer, Rate, Momentum, WeightDecay,
            Schedule, Loss, Augment, Patience, Channels, Backend, Device, Threads,
        };
        foreach (Option option in Ablations.All)
        {
            command.Add(option);
        }

        command.SetAction((parsed, stop) => Task.FromResult(Run(parsed, stop)));
        return command;
    }

    /// <summary>The settings of the run that a command line would begin; nothing is written.</summary>
    /// <param name="arguments">What follows <c>train</c>.</param>
    /// <exception cref="UsageException">The command line is wrong.</exception>
    /// <exception cref="BadFileException">A list or the data set cannot be read.</exception>
    public static RunSettings ReadSettings(IReadOnlyList<string> arguments)
    {
        ParseResult parsed = CommandLine.Parse(["train", .. arguments]);
        return parsed.Errors is [{ } error, ..] ? throw new UsageException(error.Message) : Begun(parsed).Settings;
    }

    private static int Run(ParseResult parsed, CancellationToken stop)
    {
        RunFolder folder = new(parsed.GetValue(Output)!);
        return parsed.GetValue(Resume) ? GoOn(parsed, folder, stop) : Begin(parsed, folder, stop);
    }

    private static int Begin(ParseResult parsed, RunFolder folder, CancellationToken stop)
    {
        bool overwrite = parsed.GetValue(Overwrite);
        CheckFree(folder, overwrite);
        (RunSettings settings, DataSet data, StateDict? initial) = Begun(parsed);
        IReadOnlyList<Case> train = data.Resolve(settings.Train, "the training list");
        IReadOnlyList<Case> validation = data.Resolve(settings.Validation, "the validation list");
        WarnOfOverlap(train, validation, stop);
        using ITrainable network = Open(settings);
        Start(network, settings, initial);
        using FolderLock held = FolderLock.Take(folder.Path);
        CheckFree(folder, overwrite);
        folder.Begin(settings);
        return Train(new Trainer(settings, train, validation, network, folder), null, settings, folder, stop);
    }

    private static int GoOn(ParseResult parsed, RunFolder folder, CancellationToken stop)
    {
        RunSettings settings = Resumed(parsed, folder);
        DataSet data = DataSet.Open(settings.Data);
        if (data.Outputs != settings.Network.Outputs)
        {
            throw new BadFileException(settings.Data, $"has {data.Classes} classes now, which need {data.Outputs} outputs, and the run began with {settings.Network.Outputs}");
        }

        IReadOnlyList<Case> train = data.Resolve(settings.Train, "the training list");
        IReadOnlyList<Case> validation = data.Resolve(settings.Validation, "the validation list");
        using ITrainable network = Open(settings);
        using FolderLock held = FolderLock.Take(folder.Path);
        Checkpoint? checkpoint = folder.ReadCheckpoint();
        if (checkpoint is null)
        {
            Start(network, settings, settings.InitialWeights is { } path ? ReadInitial(path, settings).State : null);
        }

        folder.WriteSettings(settings);
        return Train(new Trainer(settings, train, validation, network, folder), checkpoint, settings, folder, stop);
    }

    private static int Train(Trainer trainer, Checkpoint? from, RunSettings settings, RunFolder folder, CancellationToken stop)
    {
        RunProgress progress = WorkProgress.Run("training", "steps", work => trainer.Run(from, new StepReport(work), stop));
        EpochRecord best = progress.Best!;
        Console.WriteLine($"Best validation IoU {best.Validation.Iou:0.0000} (original definition) in epoch {best.Epoch + 1} of {progress.Epochs.Count}.");
        Console.WriteLine($"Weights, metrics and curves are in {folder.Path}. To judge them on the validation list:");
        Console.WriteLine($"cmunext evaluate --data {settings.Data} --list LIST --weights {Path.Combine(folder.Path, "best.safetensors")} --output {Path.Combine(folder.Path, "evaluation")}");
        return ExitStatus.Done;
    }

    private static void CheckFree(RunFolder folder, bool overwrite)
    {
        if (!overwrite)
        {
            folder.CheckFree();
        }
    }

    // Where the data lies and what computes may be another than where the run began.
    private static RunSettings Resumed(ParseResult parsed, RunFolder folder)
    {
        Option[] possible = [Output, Resume, CommonOptions.Verbose, Data, Device, Threads];
        string[] others = [.. parsed.CommandResult.Command.Options
            .Where(option => !possible.Contains(option) && CommonOptions.IsGiven(parsed, option))
            .Select(option => option.Name)];
        if (others.Length > 0)
        {
            throw new UsageException($"--resume goes on with the settings that the run began with; leave out {string.Join(", ", others)}");
        }

        RunSettings begun = folder.ReadSettings();
        return begun with
        {
            Data = parsed.GetValue(Data) is { } data ? Path.GetFullPath(data) : begun.Data,
            Device = CommonOptions.IsGiven(parsed, Device) ? parsed.GetValue(Device)! : begun.Device,
            Threads = parsed.GetValue(Threads) ?? begun.Threads,
        };
    }

    private static (RunSettings Settings, DataSet Data, StateDict? Initial) Begun(ParseResult parsed)
    {
        string dataFolder = parsed.GetValue(Data) ?? throw new UsageException("train needs --data DIR (or --resume)");
        string trainList = parsed.GetValue(TrainList) ?? throw new UsageException("train needs --train LIST (or --resume)");
        string validationList = parsed.GetValue(ValidationList) ?? throw new UsageException("train needs --val LIST (or --resume)");
        string? model = parsed.GetValue(Model);
        string? weights = parsed.GetValue(Weights);
        if (model is null && weights is null)
        {
            throw new UsageException("train needs --model NAME, or --weights FILE to start from");
        }

        int channels = parsed.GetValue(Channels);
        if (channels is not (1 or 3))
        {
            throw new UsageException($"--channels is 1 or 3, not {channels}");
        }

        if (weights is not null && CommonOptions.IsGiven(parsed, Channels))
        {
            throw new UsageException("--weights brings its network's channels; leave out --channels");
        }

        DataSet data = DataSet.Open(dataFolder);
        LoadedWeights? loaded = weights is null ? null : NetworkWeights.Load(weights);
        NetworkDescription network = Ablations.Apply(
            parsed,
            loaded is null ? NetworkCatalog.Describe(model!, channels, data.Outputs) : NetworkWeights.Describe(loaded, model) with { Outputs = data.Outputs },
            fromFile: loaded is not null);
        if (network.Channels is not (1 or 3))
        {
            throw new BadFileException(weights!, $"holds a network with {network.Channels} input channels; images have 1 or 3");
        }

        TrainingProtocol protocol = ReadProtocol(parsed, network.Name);
        RunSettings settings = new()
        {
            Version = typeof(TrainVerb).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0],
            Network = network,
            Preprocessing = (loaded?.Metadata?.Preprocessing ?? Preprocessing.For(network.Channels)) with { Width = protocol.Width, Height = protocol.Height },
            Protocol = protocol,
            Data = Path.GetFullPath(dataFolder),
            Train = CaseList.Read(trainList, dataFolder).Names,
            Validation = CaseList.Read(validationList, dataFolder).Names,
            Backend = BackendRegistry.ForTraining(network, parsed.GetValue(Device)!, parsed.GetValue(Backend)).Name,
            Device = parsed.GetValue(Device)!,
            Threads = parsed.GetValue(Threads) ?? Environment.ProcessorCount,
            InitialWeights = weights is null ? null : Path.GetFullPath(weights),
            InitialWeightsSha256 = loaded?.Sha256,
        };
        CheckLastBatch(settings);
        return (settings, data, loaded?.State);
    }

    // A pixel of the lowest level is some pixels of the image wide, and a normalization in training needs two values of each channel.
    private static void CheckLastBatch(RunSettings settings)
    {
        TrainingProtocol protocol = settings.Protocol;
        InputSize size = NetworkCatalog.SizeOf(settings.Network.Name);
        int lowest = protocol.Width / size.Multiple * (protocol.Height / size.Multiple);
        if (lowest == 1 && (protocol.Batch == 1 || settings.Train.Count % protocol.Batch == 1))
        {
            throw new UsageException(
                $"with --size {protocol.Width} a step needs at least two cases, since batch normalization cannot work with a single pixel, and with "
                + $"--batch {protocol.Batch} the last step of an epoch of {settings.Train.Count} cases has one; give another --batch or a larger --size");
        }
    }

    private static TrainingProtocol ReadProtocol(ParseResult parsed, string network)
    {
        bool adam = parsed.GetValue(Optimizer) == "adamw";
        InputSize size = NetworkCatalog.SizeOf(network);
        (int width, int height) = parsed.GetValue(Size) is { } given ? ParseSize(given) : (size.Default, size.Default);
        TrainingProtocol protocol = new()
        {
            Epochs = parsed.GetValue(Epochs),
            Batch = parsed.GetValue(BatchSize),
            Width = width,
            Height = height,
            Seed = parsed.GetValue(Seed),
            Optimizer = adam ? OptimizerKind.AdamW : OptimizerKind.Sgd,
            Rate = parsed.GetValue(Rate) ?? (adam ? 1e-3 : Published.Rate),
            Momentum = parsed.GetValue(Momentum),
            WeightDecay = parsed.GetValue(WeightDecay) ?? (adam ? 1e-2 : Published.WeightDecay),
            Schedule = parsed.GetValue(Schedule) switch { "cosine" => ScheduleKind.Cosine, "constant" => ScheduleKind.Constant, _ => ScheduleKind.Polynomial },
            Loss = parsed.GetValue(Loss) switch { "ce" => LossKind.CrossEntropy, "dice" => LossKind.Dice, _ => LossKind.CrossEntropyDice },
            Augmentation = parsed.GetValue(Augment) == "none" ? AugmentationKind.None : AugmentationKind.RotateFlip,
            Patience = parsed.GetValue(Patience),
        };
        return (size.FindFault(width, height) is { } fault ? $"{network}: {fault}" : protocol.FindFault()) is { } problem ? throw new UsageException(problem) : protocol;
    }

    private static (int Width, int Height) ParseSize(string text)
    {
        string[] parts = text.Split('x');
        return parts.Length is 1 or 2 && Number.TryParse(parts[0], out int width) && Number.TryParse(parts[^1], out int height)
            ? (width, height)
            : throw new UsageException($"--size is N or WIDTHxHEIGHT, not '{text}'");
    }

    private static LoadedWeights ReadInitial(string path, RunSettings settings)
    {
        LoadedWeights loaded = NetworkWeights.Load(path);
        return loaded.Sha256 == settings.InitialWeightsSha256
            ? loaded
            : throw new BadFileException(path, "is not the file that the run began with (its SHA-256 differs), so the run cannot be resumed");
    }

    // A CMUNeXt starts from the same values in every backend, another network as its own backend has made it from the seed.
    private static void Start(ITrainable network, RunSettings settings, StateDict? given)
    {
        StateDict initial = settings.Network.Configuration is { } configuration
            ? Initialization.Create(CMUNeXtLayers.Of(configuration, settings.Network.Channels, settings.Network.Outputs), settings.Protocol.Seed)
            : network.CopyWeights();
        try
        {
            network.Restore(given is null ? initial : NetworkWeights.WithNewHead(settings.Network.Name, given, initial), null);
        }
        catch (ArgumentException e)
        {
            throw new BadFileException(settings.InitialWeights!, e.Message, e);
        }
    }

    private static ITrainable Open(RunSettings settings)
    {
        try
        {
            return BackendRegistry.ForTraining(settings.Network, settings.Device, settings.Backend)
                .OpenForTraining(settings.Network, settings.Protocol.ToTrainableSettings(), settings.Threads, settings.Device);
        }
        catch (ArgumentException e)
        {
            throw new UsageException(e.Message);
        }
    }

    private static void WarnOfOverlap(IReadOnlyList<Case> train, IReadOnlyList<Case> validation, CancellationToken stop)
    {
        ListOverlap overlap = WorkProgress.Run("comparing the lists", "images", work => ListOverlap.Find(
            train, validation, new Callback<int>(done => work.Report(done, train.Count + validation.Count)), stop));
        if (!overlap.IsEmpty)
        {
            Console.Error.WriteLine($"warning: the validation list is not independent of the training list: {overlap}");
        }
    }

    private sealed class StepReport(WorkProgress work) : IProgress<TrainingStep>
    {
        public void Report(TrainingStep step)
        {
            // A validation case costs about a twentieth of a step of eight.
            double epochLength = step.Steps + (step.ValidationCases / 20.0);
            double done = step.Step + (step.Validated / 20.0);
            work.Title = step.Validated == 0
                ? $"epoch {step.Epoch + 1}/{step.Epochs}, step {step.Step}/{step.Steps}, loss {step.Loss:0.000}"
                : $"epoch {step.Epoch + 1}/{step.Epochs}, validation {step.Validated}/{step.ValidationCases}";
            work.Report((step.Epoch * epochLength) + done, step.Epochs * epochLength);
            if (step.Completed is { } epoch)
            {
                work.WriteLine(
                    $"epoch {epoch.Epoch + 1,3}/{step.Epochs}: loss {epoch.TrainLoss:0.0000}, IoU {epoch.TrainIou:0.0000}; "
                    + $"validation loss {epoch.ValidationLoss:0.0000}, IoU {epoch.Validation.Iou:0.0000}, F1 {epoch.Validation.F1:0.0000}; {epoch.Seconds:0.0} s");
            }
        }
    }
}
