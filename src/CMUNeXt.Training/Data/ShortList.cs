namespace CMUNeXt.Training.Data;

/// <summary>Words a list of names so that it stays one line.</summary>
internal static class ShortList
{
    private const int Few = 5;

    /// <summary>The first names, and a count of the others: "a, b, c, d, e and 7 more".</summary>
    public static string Of(IReadOnlyList<string> names, int shown = Few, string separator = ", ") =>
        string.Join(separator, names.Take(shown)) + (names.Count > shown ? $" and {names.Count - shown} more" : "");
}
