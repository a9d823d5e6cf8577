namespace CMUNeXt.Files;

/// <summary>
/// The files below a folder: each folder once, however many links lead to it, and without what systems and tools leave beside people's
/// files. A folder that may not be read is told of and passed over.
/// </summary>
/// <param name="root">Where the walk begins.</param>
public sealed class FolderWalk(string root)
{
    private readonly HashSet<string> seen = new(StringComparer.FromComparison(RealPath.Comparison));

    /// <summary>What could not be read, in one line each, after the walk.</summary>
    public List<BadFileException> Problems { get; } = [];

    /// <summary>A folder that is not walked into, such as that of the results, unless the walk begins in it.</summary>
    public string? Except { get; init; }

    /// <summary>How many folders deep the walk goes; 0 for the files of the root alone.</summary>
    public int Depth { get; init; } = int.MaxValue;

    /// <summary>Whether a file or folder is what macOS, Windows or a notebook leaves beside others' files.</summary>
    public static bool IsLeftover(string name) =>
        name.StartsWith("._", StringComparison.Ordinal)
        || name is ".DS_Store" or ".ipynb_checkpoints" or "__MACOSX"
        || name.Equals("Thumbs.db", StringComparison.OrdinalIgnoreCase)
        || name.Equals("desktop.ini", StringComparison.OrdinalIgnoreCase);

    /// <summary>The files, as paths below the root, ordered (ordinal).</summary>
    /// <param name="stop">Stops the walk.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public IReadOnlyList<string> Files(CancellationToken stop = default)
    {
        if (Except is not null && !RealPath.IsWithin(root, Except))
        {
            seen.Add(RealPath.Of(Except));
        }

        List<string> files = [];
        Queue<(string Folder, int Depth)> links = new([("", 0)]);
        while (links.TryDequeue(out (string Folder, int Depth) next))
        {
            // Folders come before the links to them, so that a file has its own name where there is one.
            Stack<(string Folder, int Depth)> folders = new([next]);
            while (folders.TryPop(out (string Folder, int Depth) one))
            {
                stop.ThrowIfCancellationRequested();
                if (one.Depth <= Depth && seen.Add(RealPath.Of(Path.Combine(root, one.Folder))))
                {
                    Read(one.Folder, one.Depth, files, folders, links);
                }
            }
        }

        files.Sort(StringComparer.Ordinal);
        return files;
    }

    private void Read(string folder, int depth, List<string> files, Stack<(string, int)> folders, Queue<(string, int)> links)
    {
        string path = Path.Combine(root, folder);
        try
        {
            foreach (FileSystemInfo entry in new DirectoryInfo(path).EnumerateFileSystemInfos())
            {
                string below = Path.Combine(folder, entry.Name);
                if (IsLeftover(entry.Name))
                {
                    continue;
                }

                if (!Directory.Exists(entry.FullName))
                {
                    files.Add(below);
                }
                else if (entry.LinkTarget is null)
                {
                    folders.Push((below, depth + 1));
                }
                else
                {
                    links.Enqueue((below, depth + 1));
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Problems.Add(new BadFileException(
                path, "the folder cannot be read, and is passed over; give yourself the right to, or leave it out", e));
        }
    }
}
