namespace CMUNeXt.Training.Evaluation;

/// <summary>What is in order, in parts of equal number.</summary>
internal static class EqualParts
{
    private static readonly string[] Sizes = ["small", "medium", "large"];

    /// <summary>The parts of so many.</summary>
    /// <param name="count">How many there are.</param>
    /// <param name="parts">The number of parts.</param>
    public static IEnumerable<Range> Of(int count, int parts) =>
        Enumerable.Range(0, parts).Select(part => new Range(part * count / parts, (part + 1) * count / parts));

    /// <summary>Thirds, by size.</summary>
    /// <param name="ordered">The smallest first.</param>
    /// <param name="least">The fewest in a third; where there are fewer, there is no third.</param>
    public static IEnumerable<(string Size, T[] Part)> BySize<T>(T[] ordered, int least) => ordered.Length < least * Sizes.Length
        ? []
        : Sizes.Zip(Of(ordered.Length, Sizes.Length), (size, range) => (size, ordered[range]));
}
