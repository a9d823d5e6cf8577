namespace CMUNeXt.Files;

/// <summary>Words a list of names so that it stays one line.</summary>
public static class ShortList
{
    private const int Few = 5;

    /// <summary>The first names, and a count of the others: "a, b, c, d, e and 7 more".</summary>
    /// <param name="names">The names.</param>
    /// <param name="shown">How many of them are named.</param>
    /// <param name="separator">What stands between two of them.</param>
    public static string Of(IReadOnlyList<string> names, int shown = Few, string separator = ", ")
    {
        ArgumentNullException.ThrowIfNull(names);
        return string.Join(separator, names.Take(shown)) + (names.Count > shown ? $" and {names.Count - shown} more" : "");
    }
}
