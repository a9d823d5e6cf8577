namespace CMUNeXt.Training.Data;

/// <summary>Words a list of names so that it stays one line.</summary>
internal static class ShortList
{
    private const int Shown = 5;

    /// <summary>The first few names, and a count of the others: "a, b, c, d, e and 7 more".</summary>
    public static string Of(IReadOnlyList<string> names) =>
        string.Join(", ", names.Take(Shown)) + (names.Count > Shown ? $" and {names.Count - Shown} more" : "");
}
