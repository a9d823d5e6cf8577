using System.CommandLine;
using CMUNeXt.Images;
using CMUNeXt.Masks;
using CMUNeXt.Training.Sessions;
using CMUNeXt.Weights;

namespace CMUNeXt.Cli.Options;

/// <summary>The options that say how weights were trained to see an image, where their file does not say it, or says it wrongly.</summary>
internal sealed class InputOptions
{
    private static readonly Dictionary<string, ChannelOrder> Orders = new()
    {
        ["bgr"] = ChannelOrder.Bgr,
        ["rgb"] = ChannelOrder.Rgb,
        ["gray"] = ChannelOrder.Gray,
        ["mean"] = ChannelOrder.Mean,
    };

    private readonly Option<string?> size = CommonOptions.Text(
        "--size",
        "The size that the weights were trained at: N, or WIDTHxHEIGHT. [default: the weight file's, else the network's own]",
        "N");

    private readonly Option<string?> order = CommonOptions.OneOf(
        CommonOptions.Text(
            "--order",
            "The channel order that the weights were trained on: bgr, rgb, gray (one channel), or mean (the mean, three times).", "NAME"),
        [.. Orders.Keys]);

    private readonly Option<double[]> mean = PerChannel(
        "--mean", "The mean that the training subtracted from pixels of 0 to 1: one number, or one for each channel; 0 for none.", "V,...");

    private readonly Option<double[]> std = PerChannel(
        "--std", "The standard deviation that the training then divided by: one number, or one for each channel; 1 for none.", "V,...");

    private readonly Option<double?> scale = new("--scale")
    {
        Description = "What the training divided pixels by once more: 255 as published, 1 for none.",
        HelpName = "D",
    };

    private readonly Option<bool> letterbox = CommonOptions.Letterbox();

    private readonly Option<string?> recipe = CommonOptions.Text(
        "--recipe",
        $"What says how the weights were trained (size to letterbox): {string.Join(", ", TrainingRecipe.Names)}, a file, or the "
            + "config.json of a run.",
        "FILE");

    /// <summary>The options, to be added to a command.</summary>
    public IReadOnlyList<Option> All => [size, order, mean, std, scale, letterbox, recipe];

    /// <summary>
    /// Weights with the preprocessing that the options state; one line says what is assumed of it, since neither they nor the file state
    /// it, and where the options take away what was fitted to another input, one line says so.
    /// </summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="weights">The weights.</param>
    /// <param name="tell">Takes the line; null writes it at once.</param>
    /// <exception cref="UsageException">The network does not take such an input.</exception>
    /// <exception cref="Files.BadFileException">The weights or the recipe cannot be used.</exception>
    public LoadedWeights Apply(ParseResult parsed, LoadedWeights weights, Action<string>? tell = null)
    {
        tell ??= Console.Error.WriteLine;
        Preprocessing described = weights.Describe().Preprocessing;
        LoadedWeights stated = All.Any(option => CommonOptions.IsGiven(parsed, option))
            ? With(weights, Read(parsed, described), tell)
            : weights;
        (Option Option, string Words)[] open =
        [
            .. ((Option[])[size, order, mean, std, scale]).Zip(WordsOf(described))
                .Where(part => !CommonOptions.IsGiven(parsed, part.First)),
        ];
        if (weights.Metadata is null && open.Length > 0 && !CommonOptions.IsGiven(parsed, recipe))
        {
            string names = string.Join(", ", open.SkipLast(1).Select(static part => part.Option.Name));
            string last = open[^1].Option.Name;
            tell(Assumed(
                weights,
                open.Select(static part => part.Words),
                $"give {(names.Length > 0 ? $"{names} and {last}" : last)}, or --recipe FILE"));
        }

        return stated;
    }

    /// <summary>Weights with another preprocessing; where that takes away what was fitted to another input, one line says so.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="preprocessing">How an image becomes the network's input.</param>
    /// <param name="tell">Takes the line; null writes it at once.</param>
    /// <exception cref="UsageException">The network does not take such an input.</exception>
    /// <exception cref="Files.BadFileException">The weights cannot be used.</exception>
    public static LoadedWeights With(LoadedWeights weights, Preprocessing preprocessing, Action<string>? tell = null)
    {
        try
        {
            LoadedWeights stated = weights.With(preprocessing);
            TellLeftOut(weights, stated, tell ?? Console.Error.WriteLine);
            return stated;
        }
        catch (ArgumentException e)
        {
            throw new UsageException(e.Message);
        }
    }

    /// <summary>Says in one line what is assumed of weights that say nothing of their preprocessing.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="remedy">What to do where they were trained otherwise; as it stands, for a verb without these options.</param>
    /// <param name="withSize">Whether the size is assumed too.</param>
    public static void TellAssumed(
        LoadedWeights weights,
        string remedy = "export it to a .safetensors with --size, --order, --mean, --std and --scale, and give that",
        bool withSize = true)
    {
        if (weights.Metadata is null)
        {
            Console.Error.WriteLine(Assumed(weights, WordsOf(weights.Describe().Preprocessing).Skip(withSize ? 0 : 1), remedy));
        }
    }

    /// <summary>Warns of weights to start from that saw images otherwise than the network will: their kernels fit another input.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="recipe">What the recipe states.</param>
    /// <param name="letterbox">What the command line says of the letterbox; null for nothing.</param>
    public static void TellOther(LoadedWeights weights, Preprocessing recipe, bool? letterbox)
    {
        Preprocessing next = recipe with { Letterbox = letterbox ?? recipe.Letterbox };
        if (weights.Metadata?.Preprocessing is { } seen && seen with { Width = next.Width, Height = next.Height } != next)
        {
            Console.Error.WriteLine(
                $"warning: {weights.Path} was trained on another input ({InWords(seen)}) than this training has ({InWords(next)}); "
                + "the one that it was trained on keeps what it has learned.");
        }
    }

    private static void TellLeftOut(LoadedWeights weights, LoadedWeights stated, Action<string> tell)
    {
        if (FitsOf(weights) != FitsOf(stated))
        {
            string fitted = FitsOf(weights) switch
            {
                (null, _) => "the confidences",
                (_, null) => "the presence threshold",
                _ => "the presence threshold and the confidences",
            };
            tell($"warning: {fitted} of {weights.Path} were fitted to another input, and are left out.");
        }
    }

    private static (PresenceThreshold?, LesionCalibration?) FitsOf(LoadedWeights weights) =>
        (weights.Metadata?.Presence ?? weights.Metadata?.PresenceWithFlips,
        weights.Metadata?.Calibration ?? weights.Metadata?.CalibrationWithFlips);

    private Preprocessing Read(ParseResult parsed, Preprocessing described)
    {
        TrainingRecipe? from = parsed.GetValue(recipe) is { } path ? TrainingRecipe.Load(path) : null;
        Preprocessing stated = from?.Preprocessing ?? described;
        (int width, int height) = parsed.GetValue(size) is { } text
            ? ProtocolOptions.ParseSize(text)
            : from?.Size ?? (described.Width, described.Height);
        stated = stated with { Width = width, Height = height, Order = CommonOptions.Meaning(parsed, order, Orders) ?? stated.Order };
        return stated with
        {
            Mean = ForEachChannel(CommonOptions.Given(parsed, mean), stated.Channels) ?? stated.Mean,
            StandardDeviation = ForEachChannel(CommonOptions.Given(parsed, std), stated.Channels) ?? stated.StandardDeviation,
            Divisor = parsed.GetValue(scale) ?? stated.Divisor,
            Letterbox = CommonOptions.IsGiven(parsed, letterbox) ? parsed.GetValue(letterbox) : stated.Letterbox,
        };
    }

    // Two values are no channels, but one with a decimal comma.
    private static Option<double[]> PerChannel(string name, string description, string helpName)
    {
        Option<double[]> option = CommonOptions.List<double>(name, description, helpName);
        option.Validators.Add(result =>
        {
            string[] values = [.. result.Tokens.SelectMany(token => token.Value.Split(','))];
            if (values.Length is not (1 or 3))
            {
                result.AddError(
                    $"{name} is one number, or three with commas between them, not '{string.Join(',', values)}'; decimals have a point.");
            }
        });
        return option;
    }

    private static double[]? ForEachChannel(double[]? values, int channels) =>
        values is [double one] ? [.. Enumerable.Repeat(one, channels)] : values;

    private static string Assumed(LoadedWeights weights, IEnumerable<string> words, string remedy) =>
        $"warning: {weights.Path} says nothing of its preprocessing; the published one is assumed: {string.Join(", ", words)}. "
            + $"Where it was trained otherwise, {remedy}.";

    // Without the size, which a training has of its own.
    private static string InWords(Preprocessing input) =>
        string.Join(", ", [.. WordsOf(input).Skip(1), .. input.Letterbox ? ["letterbox"] : Array.Empty<string>()]);

    // Of --size, --order, --mean, --std and --scale.
    private static string[] WordsOf(Preprocessing input) =>
    [
        $"{input.Width} x {input.Height}",
        Orders.First(order => order.Value == input.Order).Key,
        $"mean {string.Join(' ', input.Mean)}",
        $"standard deviation {string.Join(' ', input.StandardDeviation)}",
        $"divided by {input.Divisor} once more",
    ];
}
