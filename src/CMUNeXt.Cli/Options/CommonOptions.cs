using System.CommandLine;
using System.CommandLine.Completions;
using System.Numerics;

namespace CMUNeXt.Cli.Options;

/// <summary>Options that several verbs share, worded once.</summary>
internal static class CommonOptions
{
    public static Option<bool> Verbose { get; } = new("--verbose")
    {
        Description = "Show where in the program a failure arose.",
        Recursive = true,
    };

    public static Option<bool> Letterbox() => new("--letterbox")
    {
        Description = "Images keep their proportions, with black bars, instead of being stretched to the network's input.",
    };

    public static Option<string?> Text(string name, string description, string helpName) =>
        new(name) { Description = description, HelpName = helpName };

    public static Option<bool> Overwrite() => new("--overwrite") { Description = "Replace output that exists." };

    public static Option<bool> Json() =>
        new("--json") { Description = "Print one JSON document on standard output, and everything else on standard error." };

    public static Option<string> Data() =>
        new("--data") { Description = "The prepared data set's folder (images, masks/0).", Required = true, HelpName = "DIR" };

    public static Option<string> Output(string description) =>
        new("--output") { Description = description, Required = true, HelpName = "DIR" };

    public static Option<string> Output(string description, string folder) =>
        new("--output") { Description = description, DefaultValueFactory = _ => folder, HelpName = "DIR" };

    public static Option<int?> Threads() =>
        Within(1, MaximumThreads,
            new Option<int?>("--threads") { Description = "The number of threads. [default: one for each core]", HelpName = "N" });

    public static Option<double> BenchmarkSeconds() => Ruled(
        new Option<double>("--seconds")
        {
            Description = "How long each backend computes in each case, in several turns.",
            DefaultValueFactory = _ => 3,
            HelpName = "S",
        },
        static (double value) => value is > 0 and <= 3600,
        "above 0, and at most 3600");

    public static Option<string?> Weights() => new("--weights")
    {
        Description = $"A weight file, or a name of \"cmunext weights\". [default: {NamedWeights.Default}]",
        HelpName = "FILE|NAME",
        CompletionSources = { (_ => NamedWeights.Names.Select(name => new CompletionItem(name))) },
    };

    /// <summary>
    /// Several weight files: the option is given once for each, since what follows it may be an image.
    /// </summary>
    public static Option<string[]> EnsembleWeights() => new("--weights")
    {
        Description = "A weight file, or a name of \"cmunext weights\"; of several, each with a --weights of its own, the mean of their "
            + $"probabilities counts. [default: {NamedWeights.Default}]",
        HelpName = "FILE|NAME",
        CompletionSources = { (_ => NamedWeights.Names.Select(name => new CompletionItem(name))) },
        CustomParser = OptionValues.FileNames,
    };

    public static Option<bool> Flips() => new("--tta")
    {
        Description = "Average the probabilities over the image and its flips: left to right, and top to bottom where the training had "
            + "these; two or four times the work.",
    };

    public static Option<string?> Model() => Network($"The network: {string.Join(", ", Networks.NetworkCatalog.Names)}.");

    /// <summary>Beside weights, which have their network.</summary>
    public static Option<string?> ModelOfWeights() =>
        Network($"Refuse weights of another network than this: {string.Join(", ", Networks.NetworkCatalog.Names)}.");

    private static Option<string?> Network(string description) => OneOf(
        new Option<string?>("--model") { Description = description, HelpName = "NAME" }, [.. Networks.NetworkCatalog.Names]);

    /// <summary>An option that takes one of some words.</summary>
    public static Option<T> OneOf<T>(Option<T> option, params string[] values)
    {
        option.CompletionSources.Add(values);
        option.Validators.Add(result =>
        {
            if (result.Tokens.FirstOrDefault(token => !values.Contains(token.Value)) is { } other)
            {
                result.AddError($"{option.Name} is one of {string.Join(", ", values)}, not '{other.Value}'.");
            }
        });
        return option;
    }

    /// <summary>What the word that is given for an option of some words means; null where none is given.</summary>
    public static T? Meaning<T>(ParseResult parsed, Option<string?> option, Dictionary<string, T> words)
        where T : struct, Enum => IsGiven(parsed, option) ? words[parsed.GetValue(option)!] : null;

    /// <summary>An option of several values, with commas between them, or blanks in a verb without arguments.</summary>
    public static Option<T[]> List<T>(string name, string description, string helpName) => new(name)
    {
        Description = description,
        HelpName = helpName,
        AllowMultipleArgumentsPerToken = true,
        Arity = ArgumentArity.OneOrMore,
    };

    /// <summary>Whether the command line has an option; its default does not count.</summary>
    public static bool IsGiven(ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    /// <summary>An option as the command line has it, its name before each of its values; nothing where it is not given.</summary>
    public static IEnumerable<string> AsGiven(ParseResult parsed, Option option) => parsed.GetResult(option) switch
    {
        { Implicit: false, Tokens.Count: 0 } => [option.Name],
        { Implicit: false, Tokens: var tokens } => tokens.SelectMany(token => (string[])[option.Name, token.Value]),
        _ => [],
    };

    /// <summary>The values of a list; null where it is not given.</summary>
    public static T[]? Given<T>(ParseResult parsed, Option<T[]> option) =>
        parsed.GetValue(option) is { Length: > 0 } values ? values : null;

    /// <summary>The values of a list, each once; null where it is not given.</summary>
    public static T[]? GivenOnce<T>(ParseResult parsed, Option<T[]> option) => Given(parsed, option)?.Distinct().ToArray();

    /// <summary>The most threads that may be asked for: more than any machine has cores.</summary>
    public const int MaximumThreads = 1024;

    /// <summary>An option of numbers from a least one up.</summary>
    public static TOption AtLeast<TOption, T>(T minimum, TOption option)
        where TOption : Option
        where T : struct, INumber<T> => Ruled(option, (T value) => value >= minimum, $"at least {minimum}");

    /// <summary>An option of numbers from a least to a largest one.</summary>
    public static TOption Within<TOption, T>(T minimum, T maximum, TOption option)
        where TOption : Option
        where T : struct, INumber<T> =>
        Ruled(option, (T value) => value >= minimum && value <= maximum, $"from {minimum} to {maximum}");

    /// <summary>An option of numbers that are neither none nor all.</summary>
    public static TOption Fraction<TOption>(TOption option)
        where TOption : Option => Ruled(option, static (double value) => value is > 0 and < 1, "above 0 and below 1");

    private static TOption Ruled<TOption, T>(TOption option, Func<T, bool> keeps, string rule)
        where TOption : Option
        where T : struct, INumber<T>
    {
        option.Validators.Add(result =>
        {
            foreach (T value in OptionValues.NumbersOf<T>(result).Where(value => !keeps(value)))
            {
                result.AddError($"{option.Name} is {rule}, not {value}.");
            }
        });
        return option;
    }
}
