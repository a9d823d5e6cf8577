namespace CMUNeXt.Cli.Terminal;

/// <summary>Words how many there are of something.</summary>
internal static class Quantity
{
    /// <summary>The number and what is counted: "1 case", "2 cases".</summary>
    /// <param name="count">The number.</param>
    /// <param name="one">What is counted, in the singular; an s makes the plural.</param>
    public static string Of(int count, string one) => count == 1 ? $"1 {one}" : $"{count} {one}s";
}
