using CMUNeXt.Files;

namespace CMUNeXt.Cli;

/// <summary>
/// The folder that a verb fills. One process has it at a time. What stands in it is replaced only where this program wrote it, and never
/// where it is one of the files that the verb reads.
/// </summary>
internal sealed class OutputFolder : IDisposable
{
    private readonly FolderLock held;
    private readonly bool isMade;
    private readonly OwnFiles own;

    // The list as it was when the folder was taken, which does not change: other threads read it while files are claimed.
    private readonly HashSet<string> earlier;
    private readonly HashSet<string> sources;
    private readonly HashSet<string> claimed = new(StringComparer.FromComparison(RealPath.Comparison));

    private OutputFolder(string path, FolderLock held, bool isMade, string? part, IEnumerable<string> sources)
    {
        Path = path;
        this.held = held;
        this.isMade = isMade;
        own = OwnFiles.In(path, part);
        earlier = own.Names.ToHashSet(StringComparer.FromComparison(RealPath.Comparison));
        this.sources = sources.Select(RealPath.Of).ToHashSet(StringComparer.FromComparison(RealPath.Comparison));
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>Makes a folder and takes it.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="overwrite">
    /// Whether what an earlier run wrote there may be replaced; without, a folder that holds something is refused.
    /// </param>
    /// <param name="sources">Files that are read, and so never replaced.</param>
    /// <exception cref="BadFileException">The folder cannot be made, holds something, or another process has it.</exception>
    public static OutputFolder Open(string path, bool overwrite, params IEnumerable<string?> sources) =>
        Take(path, null, overwrite, sources);

    /// <summary>Makes a folder and takes a part of it, beside processes that have the other parts.</summary>
    /// <param name="path">The folder; it may hold something.</param>
    /// <param name="part">The name of the part.</param>
    /// <param name="sources">Files that are read, and so never replaced.</param>
    /// <exception cref="BadFileException">The folder cannot be made, or another process has the part.</exception>
    public static OutputFolder OpenPart(string path, string part, params IEnumerable<string?> sources) =>
        Take(path, part, mayHoldSomething: true, sources);

    /// <summary>Where a file may be written; the folders on the way are made.</summary>
    /// <param name="name">Its path below the folder.</param>
    /// <exception cref="BadFileException">Somebody's file stands there, or one that is read.</exception>
    public string Claim(string name)
    {
        Claim([name]);
        return System.IO.Path.Combine(Path, name);
    }

    /// <summary>Makes sure that files may be written.</summary>
    /// <inheritdoc cref="Claim(string)"/>
    public void Claim(IReadOnlyList<string> names)
    {
        foreach (string name in names)
        {
            string path = System.IO.Path.Combine(Path, name);
            if (sources.Contains(RealPath.Of(path)))
            {
                throw new BadFileException(path, "is one of the files that are read, and a result would replace it; give another --output");
            }
        }

        own.Claim(names);
        claimed.UnionWith(names);
        foreach (string folder in names.Select(name => System.IO.Path.GetDirectoryName(System.IO.Path.Combine(Path, name))!).Distinct())
        {
            Directory.CreateDirectory(folder);
        }
    }

    /// <summary>Removes files that were claimed, and that this run does not write, or not yet: they are an earlier one's.</summary>
    /// <param name="names">Their paths below the folder; what was not claimed stays as it is.</param>
    /// <exception cref="IOException">One cannot be removed.</exception>
    public void Withdraw(IEnumerable<string> names)
    {
        foreach (string name in names.Where(claimed.Contains))
        {
            File.Delete(System.IO.Path.Combine(Path, name));
        }
    }

    /// <summary>Removes files that an earlier run wrote, and that this one does not write. For any number of threads at once.</summary>
    /// <param name="names">Their paths below the folder; what no earlier run wrote, or this one reads, stays as it is.</param>
    /// <exception cref="IOException">One cannot be removed.</exception>
    public void RemoveEarlier(IEnumerable<string> names)
    {
        foreach (string path in names.Where(earlier.Contains).Select(name => System.IO.Path.Combine(Path, name)))
        {
            if (File.Exists(path) && !sources.Contains(RealPath.Of(path))
                && RealPath.IsWithin(System.IO.Path.GetDirectoryName(path)!, Path))
            {
                File.Delete(path);
            }
        }
    }

    /// <summary>Removes what an earlier run of the verb wrote and this one did not.</summary>
    /// <param name="isOfVerb">Whether, of all files that this program wrote into the folder, one is the verb's.</param>
    public void RemoveOthers(Func<IReadOnlyCollection<string>, string, bool> isOfVerb) => own.Remove(
    [
        .. own.Names.Where(name => isOfVerb(own.Names, name) && !claimed.Contains(name)
            && !sources.Contains(RealPath.Of(System.IO.Path.Combine(Path, name)))),
    ]);

    /// <summary>Makes one list of what this program wrote, of those of parts that it once did.</summary>
    public void JoinLists() => own.JoinLists();

    /// <summary>Gives the folder back. One that was made, and that nothing came into, is removed.</summary>
    public void Dispose()
    {
        held.Dispose();
        try
        {
            if (isMade && !Directory.EnumerateFileSystemEntries(Path).Any())
            {
                Directory.Delete(Path);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another process has taken it meanwhile.
        }
    }

    /// <summary>Refuses a file that exists, or that is the one to be read.</summary>
    /// <param name="path">A file to write.</param>
    /// <param name="overwrite">Whether one that exists is replaced.</param>
    /// <param name="source">The file that is read; null where there is none.</param>
    /// <exception cref="BadFileException">It is refused.</exception>
    public static void CheckFile(string path, bool overwrite, string? source)
    {
        if (Directory.Exists(path))
        {
            throw new BadFileException(path, "is a folder; give the name of a file");
        }

        if (source is not null && RealPath.AreSame(path, source))
        {
            throw new BadFileException(path, "is the file that is read; give another --output");
        }

        if (!overwrite && (System.IO.Path.Exists(path) || RealPath.LinkTarget(path) is not null))
        {
            throw new BadFileException(path, "it exists; give --overwrite to replace it");
        }
    }

    private static OutputFolder Take(string path, string? part, bool mayHoldSomething, IEnumerable<string?> sources)
    {
        FolderLock? held = null;
        try
        {
            if (!mayHoldSomething && Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any(IsContent))
            {
                throw new BadFileException(path, "the folder is not empty; give --overwrite to replace what this program wrote into it");
            }

            bool isMade = !Directory.Exists(path);
            held = FolderLock.Take(path, part);
            return new OutputFolder(path, held, isMade, part, sources.OfType<string>());
        }
        catch (Exception e) when (e is (IOException and not BadFileException) or UnauthorizedAccessException)
        {
            held?.Dispose();
            throw new BadFileException(path, $"the folder cannot be used ({e.Message}); choose another --output", e);
        }
        catch
        {
            held?.Dispose();
            throw;
        }
    }

    // A run that came to nothing leaves its list, and one that was killed may leave its lock.
    private static bool IsContent(string entry) => System.IO.Path.GetFileName(entry) is not (OwnFiles.ListName or FolderLock.FileName);
}
