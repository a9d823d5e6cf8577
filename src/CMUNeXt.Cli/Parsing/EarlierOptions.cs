namespace CMUNeXt.Cli.Parsing;

/// <summary>How options and their values were spelled in earlier versions: they are still taken, and no help shows them.</summary>
internal static class EarlierOptions
{
    private static readonly Dictionary<string, string> Names = new()
    {
        ["--optimiser"] = "--optimizer",
        ["--rate"] = "--learning-rate",
        ["--fold-normalisation"] = "--fold-normalization",
    };

    private static readonly Dictionary<(string Option, string Value), string> Values = new()
    {
        [("--order", "normalisation-first")] = "normalization-first",
        [("--order", "grey")] = "gray",
        [("--loss", "ce-dice")] = "cross-entropy-dice",
        [("--loss", "ce")] = "cross-entropy",
        [("--loss", "ce-batch-dice")] = "cross-entropy-batch-dice",
    };

    /// <summary>The arguments in today's spelling. What stands behind <c>--</c> is no option and stays.</summary>
    public static IReadOnlyList<string> Renamed(IReadOnlyList<string> arguments)
    {
        int end = arguments.ToList().IndexOf("--");
        return
        [
            .. arguments.Select((argument, i) => end >= 0 && i > end ? argument
                : i > 0 && Values.TryGetValue((arguments[i - 1], argument), out string? value) ? value
                : Renamed(argument)),
        ];
    }

    private static string Renamed(string argument)
    {
        string[] parts = argument.Split('=', 2);
        string value = parts is [var option, var given] ? $"={Values.GetValueOrDefault((option, given), given)}" : "";
        return Names.GetValueOrDefault(parts[0], parts[0]) + value;
    }
}
