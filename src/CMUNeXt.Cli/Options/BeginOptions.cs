using System.CommandLine;
using CMUNeXt.Networks;
using CMUNeXt.Training.Protocol;
using CMUNeXt.Training.Sessions;
using CMUNeXt.Weights;

namespace CMUNeXt.Cli.Options;

/// <summary>The options that a training begins with: its cases, what it starts from, and its settings.</summary>
internal sealed class BeginOptions
{
    private readonly Option<string[]> train = new("--train")
    {
        Description = "The list of the cases to train on, one name a line; several lists are put together.",
        CustomParser = OptionValues.FileNames,
        AllowMultipleArgumentsPerToken = true,
        HelpName = "LIST...",
    };

    private readonly Option<double[]> shares = CommonOptions.List<double>(
        "--shares",
        "Of several training lists: the share of an epoch's images that each has, in any unit: 1,3 is 0.25,0.75. "
            + "[default: every case once]",
        "S,...");

    private readonly Option<string?> validation = CommonOptions.Text(
        "--val", "The list of the cases to validate on after each epoch.", "LIST");

    private readonly Option<string?> model = CommonOptions.Model();
    private readonly Option<string> recipe = new("--recipe")
    {
        Description =
            $"Where the settings come from: {string.Join(", ", TrainingRecipe.Names)}, a file, or the config.json of a run. "
                + "Other options change them; their defaults below are those of published.",
        DefaultValueFactory = _ => TrainingRecipe.Published,
        HelpName = "FILE",
    };

    private readonly Option<string?> weights = CommonOptions.Text(
        "--weights", "Start from a weight file, or a name of \"cmunext weights\"; where its classes differ, the last layer is new.",
        "FILE|NAME");

    private readonly Option<int> channels = new("--channels")
    {
        Description = "The channels of the network's input: 3 or 1 (gray).",
        DefaultValueFactory = _ => 3,
        HelpName = "N",
    };

    private readonly Option<bool> letterbox = CommonOptions.Letterbox();
    private readonly ProtocolOptions protocol = new();
    private readonly AblationOptions ablations = new();

    /// <summary>The data set's folder, which may lie elsewhere when a run goes on.</summary>
    public Option<string?> Data { get; } = CommonOptions.Text("--data", "The prepared data set's folder (images, masks/0).", "DIR");

    /// <summary>The teachers' files, which may lie elsewhere when a run goes on.</summary>
    public Option<string[]> Teachers { get; } = new("--teacher")
    {
        Description = "Learn from other networks beside the masks: from the mean of their logits, weighted by --distillation.",
        CustomParser = OptionValues.FileNames,
        AllowMultipleArgumentsPerToken = true,
        HelpName = "FILE...",
    };

    /// <summary>Backend, device and threads; the last two may be others when a run goes on.</summary>
    public ComputingOptions Computing { get; } = new();

    /// <inheritdoc cref="ProtocolOptions.Epochs"/>
    public Option<int> Epochs => protocol.Epochs;

    /// <summary>The options that name the cases and the network, to be added to a command.</summary>
    public IReadOnlyList<Option> Cases => [Data, train, shares, validation, model];

    /// <summary>Those that name what it starts and learns from.</summary>
    public IReadOnlyList<Option> Sources => [recipe, weights, Teachers];

    /// <summary>All others.</summary>
    public IReadOnlyList<Option> Settings => [.. protocol.All, letterbox, channels, .. ablations.All, .. Computing.All];

    /// <summary>Reads the options.</summary>
    /// <param name="parsed">The command line.</param>
    /// <exception cref="UsageException">One is missing, or some do not belong together.</exception>
    /// <exception cref="Files.BadFileException">The recipe, the weights or a teacher cannot be used.</exception>
    public TrainingOptions Read(ParseResult parsed)
    {
        string data = parsed.GetValue(Data) ?? throw new UsageException("train needs --data DIR (or --resume)");
        string[] lists = CommonOptions.Given(parsed, train) ?? throw new UsageException("train needs --train LIST (or --resume)");
        string validationList = parsed.GetValue(validation) ?? throw new UsageException("train needs --val LIST (or --resume)");
        int inputs = parsed.GetValue(channels);
        if (inputs is not (1 or 3))
        {
            throw new UsageException($"--channels is 1 or 3, not {inputs}");
        }

        TrainingRecipe chosen = TrainingRecipe.Load(parsed.GetValue(recipe)!);
        LoadedWeights? start = parsed.GetValue(weights) is { } path ? NetworkWeights.Load(path) : null;
        if (start is not null && CommonOptions.IsGiven(parsed, channels))
        {
            throw new UsageException("--weights brings its network's channels; leave out --channels");
        }

        if (start is null && parsed.GetValue(model) is null && chosen.Network is not null && CommonOptions.IsGiven(parsed, channels))
        {
            throw new UsageException("--recipe brings its network's channels; leave out --channels, or give --model");
        }

        NetworkDescription? named = parsed.GetValue(model) is { } name ? NetworkCatalog.Describe(name, inputs)
            : start is null ? chosen.Network : null;
        NetworkDescription network = ablations.Apply(
            parsed,
            start?.DescribeNetwork() ?? named ?? throw new UsageException("train needs --model NAME, or --weights FILE to start from"),
            fromFile: start is not null);
        TrainingProtocol settings = protocol.Apply(parsed, chosen.ProtocolFor(network, start));
        LoadedWeights[] teachers = [.. (parsed.GetValue(Teachers) ?? []).Select(LoadTeacher)];
        return new TrainingOptions
        {
            Data = data,
            Train = lists[0],
            FurtherTrain = lists[1..],
            Shares = CommonOptions.Given(parsed, shares),
            Validation = validationList,
            Network = start is null ? network : named,
            Weights = start,
            Teachers = teachers,
            Protocol = settings,
            Preprocessing = chosen.Preprocessing,
            Letterbox = CommonOptions.IsGiven(parsed, letterbox) ? parsed.GetValue(letterbox) : null,
            Backend = parsed.GetValue(Computing.Backend),
            Device = parsed.GetValue(Computing.Device)!,
        };
    }

    /// <summary>Says what is assumed, and which options change nothing, a line each.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="read">What was read of it.</param>
    public void Tell(ParseResult parsed, TrainingOptions read)
    {
        if (read.Weights is { } start)
        {
            if (read.Preprocessing is { } stated)
            {
                InputOptions.TellOther(start, stated, read.Letterbox);
            }
            else
            {
                InputOptions.TellAssumed(start, "give --recipe FILE with it");
            }

            if (start.Metadata is { } of
                && (of.Calibration ?? of.CalibrationWithFlips, of.Presence ?? of.PresenceWithFlips) != (null, null))
            {
                Console.Error.WriteLine(
                    $"note: what {start.Path} has of confidences and presence threshold does not hold for the new weights; "
                    + "cmunext calibrate fits theirs.");
            }
        }

        foreach (LoadedWeights teacher in read.Teachers)
        {
            InputOptions.TellAssumed(teacher, "it cannot teach", withSize: false);
        }

        foreach (string idle in protocol.FindIdle(parsed, read.Protocol!, read.Teachers.Count > 0))
        {
            Console.Error.WriteLine($"warning: {idle}");
        }
    }

    // A run that goes on reads it again, so that it lies in a file.
    private static LoadedWeights LoadTeacher(string path) => !Path.Exists(path) && NamedWeights.Names.Contains(path)
        ? throw new UsageException(
            $"--teacher takes a file, not a name; write one with cmunext export --weights {path} --output {path}.safetensors")
        : WeightsFile.Load(path);
}
