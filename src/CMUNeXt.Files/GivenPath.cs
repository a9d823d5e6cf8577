namespace CMUNeXt.Files;

/// <summary>A path that somebody gave, before the system sees it.</summary>
public static class GivenPath
{
    /// <summary>
    /// Refuses a path that names nothing, such as what a cleared field of a program's settings gives. The system's own calls would call it
    /// a fault of the program.
    /// </summary>
    /// <param name="path">The path of a file or a folder.</param>
    /// <param name="what">What it should name.</param>
    /// <exception cref="BadFileException">It is blank, or has a null character.</exception>
    public static void Check(string path, string what = "file")
    {
        ArgumentNullException.ThrowIfNull(path);
        if (string.IsNullOrWhiteSpace(path) || path.Contains('\0'))
        {
            throw new BadFileException(string.IsNullOrWhiteSpace(path) ? "an empty path" : path, $"names no {what}");
        }
    }
}
