namespace CMUNeXt.Files;

/// <summary>Where a path leads: two paths are of one file exactly if their real paths are equal.</summary>
public static class RealPath
{
    // What the systems themselves allow.
    private const int MostLinks = 40;

    /// <summary>How names are compared: as the system's own file system does.</summary>
    public static StringComparison Comparison =>
        OperatingSystem.IsLinux() || OperatingSystem.IsFreeBSD() ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;

    /// <summary>
    /// The full path without links, dots or a separator at its end. What does not exist, or cannot be looked at, stays as it is.
    /// </summary>
    /// <exception cref="IOException">The links lead in a circle.</exception>
    public static string Of(string path)
    {
        string full = Path.IsPathRooted(path) ? path : Path.Combine(Environment.CurrentDirectory, path);
        string real = Path.GetPathRoot(full)!;
        Stack<string> parts = new(Parts(full[real.Length..]));
        for (int links = 0; parts.TryPop(out string? part);)
        {
            if (part == "..")
            {
                real = Path.GetDirectoryName(real) ?? real;
                continue;
            }

            string next = Path.Combine(real, part);
            if (LinkTarget(next) is not { } target)
            {
                real = next;
                continue;
            }

            if (++links > MostLinks)
            {
                throw new IOException($"{path}: its links lead in a circle");
            }

            real = Path.IsPathRooted(target) ? Path.GetPathRoot(target)! : real;
            foreach (string more in Parts(target[(Path.GetPathRoot(target)?.Length ?? 0)..]))
            {
                parts.Push(more);
            }
        }

        return real;
    }

    /// <summary>Whether two paths lead to one file or folder.</summary>
    /// <exception cref="IOException">The links of one lead in a circle.</exception>
    public static bool AreSame(string one, string other) => string.Equals(Of(one), Of(other), Comparison);

    /// <summary>Whether a file or folder is a folder or lies in it, whatever links lead there.</summary>
    public static bool IsWithin(string path, string folder)
    {
        return Ended(Of(path)).StartsWith(Ended(Of(folder)), Comparison);

        // The root of a drive ends in a separator as it is.
        static string Ended(string real) => Path.EndsInDirectorySeparator(real) ? real : real + Path.DirectorySeparatorChar;
    }

    /// <summary>What a link says; null where a path is none.</summary>
    public static string? LinkTarget(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // The last first.
    private static IEnumerable<string> Parts(string path) => path
        .Split([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries)
        .Where(static part => part != ".")
        .Reverse();
}
