namespace CMUNeXt.Cli.Verbs;

/// <summary>How options were spelled in earlier versions: they are still taken, and no help shows them.</summary>
internal static class EarlierOptions
{
    private const string Order = "--order";

    private static readonly Dictionary<string, string> Names = new()
    {
        ["--optimiser"] = "--optimizer",
        ["--rate"] = "--learning-rate",
        ["--fold-normalisation"] = "--fold-normalization",
    };

    private static readonly Dictionary<string, string> Orders = new()
    {
        ["normalisation-first"] = "normalization-first",
        ["grey"] = "gray",
    };

    /// <summary>The arguments in today's spelling. What stands behind <c>--</c> is no option and stays.</summary>
    public static IReadOnlyList<string> Renamed(IReadOnlyList<string> arguments)
    {
        int end = arguments.ToList().IndexOf("--");
        return
        [
            .. arguments.Select((argument, i) => end >= 0 && i > end ? argument
                : i > 0 && arguments[i - 1] == Order ? Orders.GetValueOrDefault(argument, argument)
                : Renamed(argument)),
        ];
    }

    private static string Renamed(string argument)
    {
        string[] parts = argument.Split('=', 2);
        string value = parts is [var option, var given] ? $"={(option == Order ? Orders.GetValueOrDefault(given, given) : given)}" : "";
        return Names.GetValueOrDefault(parts[0], parts[0]) + value;
    }
}
