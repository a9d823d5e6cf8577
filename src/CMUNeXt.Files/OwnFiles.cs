using System.Text;

namespace CMUNeXt.Files;

/// <summary>
/// What this program wrote into a folder: the list <c>.cmunext-files</c> in it, a path a line. Only what is on the list may be replaced or
/// removed; everything else is somebody's, whatever its name. Processes that do parts of one job keep a list each, until one joins them.
/// </summary>
public sealed class OwnFiles
{
    /// <summary>The list's name.</summary>
    public const string ListName = ".cmunext-files";

    private const int LongestList = 64 << 20;

    private readonly string folder;
    private readonly HashSet<string> names = new(StringComparer.FromComparison(RealPath.Comparison));

    private readonly string list;

    private OwnFiles(string folder, string list)
    {
        this.folder = folder;
        this.list = Path.Combine(folder, list);
    }

    /// <summary>The files, as paths below the folder with forward slashes.</summary>
    public IReadOnlyCollection<string> Names => names;

    /// <summary>
    /// Reads the list of a folder, and those of parts; one that is not there is empty. Names that lead out of the folder are left out.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="part">The name of the part whose list is gone on with; null for the folder's own.</param>
    /// <exception cref="BadFileException">A list is a link, no ordinary file, or too long.</exception>
    public static OwnFiles In(string folder, string? part = null)
    {
        OwnFiles own = new(folder, part is null ? ListName : $"{ListName}-{part}");
        foreach (string list in own.Lists())
        {
            CheckKind(list);
            CheckLength(list, LengthOf(list));
            own.names.UnionWith(
                (SharedFile.ReadText(list) ?? "").Split('\n').Select(static line => line.TrimEnd('\r'))
                    .Where(static line => line.Length > 0).Select(Decoded).Where(IsBelow));
        }

        return own;
    }

    /// <summary>Makes one list of the folder's own and those of parts.</summary>
    /// <exception cref="BadFileException">The list is a link, no ordinary file, or would be too long.</exception>
    public void JoinLists()
    {
        WriteList();
        foreach (string part in Lists().Where(part => part != list))
        {
            File.Delete(part);
        }
    }

    /// <summary>Refuses to replace a file that is not on the list, that is a link to another, or to which a link leads out.</summary>
    /// <param name="name">Its path below the folder.</param>
    /// <exception cref="BadFileException">It is somebody's.</exception>
    public void Check(string name)
    {
        string path = Path.Combine(folder, name);
        int length = Encoding.UTF8.GetByteCount(Path.GetFileName(path));
        if (length > AtomicFile.LongestName)
        {
            throw new BadFileException(
                path, $"the name would have {length} bytes, and {AtomicFile.LongestName} are possible; "
                    + "shorten the name of the file that it is made from");
        }

        if (RealPath.LinkTarget(path) is not null)
        {
            throw new BadFileException(path, "is a link, and what it leads to is not replaced; remove it, or choose another place");
        }

        if (!RealPath.IsWithin(path, folder))
        {
            throw new BadFileException(
                path, "leads out of the folder, and nothing is written there; remove the link on the way, or choose another place");
        }

        if (Path.Exists(path) && !names.Contains(Slashed(name)))
        {
            throw new BadFileException(
                path, "is not a file that this program wrote here, and is not replaced; move it away, or choose another place");
        }
    }

    /// <summary>Puts files on the list, before they are written.</summary>
    /// <exception cref="BadFileException">One of them is somebody's, or the list takes no more.</exception>
    public void Claim(params IEnumerable<string> files)
    {
        string[] claimed = [.. files];
        foreach (string name in claimed)
        {
            Check(name);
        }

        string[] added = [.. claimed.Select(Slashed).Where(name => !names.Contains(name)).Distinct(names.Comparer)];
        if (added.Length > 0)
        {
            string lines = Lines(added);
            CheckKind(list);
            CheckLength(list, LengthOf(list) + Encoding.UTF8.GetByteCount(lines));
            Directory.CreateDirectory(folder);
            using StreamWriter writer = SharedFile.OpenAppend(list);
            writer.Write(lines);
            names.UnionWith(added);
        }
    }

    /// <summary>Removes files that are on the list, and takes them off it.</summary>
    /// <exception cref="BadFileException">One of them cannot be removed.</exception>
    public void Remove(IEnumerable<string> files)
    {
        string[] removed = [.. files.Select(Slashed).Where(names.Contains)];
        foreach (string name in removed)
        {
            string path = Path.Combine(folder, name);
            string parent = Path.GetDirectoryName(path)!;
            try
            {
                // What lies behind a link out of the folder is not of this program.
                if (Directory.Exists(parent) && RealPath.IsWithin(parent, folder))
                {
                    File.Delete(path);
                }
            }
            catch (UnauthorizedAccessException e) when (!Directory.Exists(path))
            {
                throw new BadFileException(
                    path, "it may not be removed: choose a folder that you may write in, or change its permissions", e);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new BadFileException(path, $"is of an earlier start and cannot be removed ({e.Message}); move it away", e);
            }

            names.Remove(name);
        }

        if (removed.Length > 0)
        {
            WriteList();
        }
    }

    private string[] Lists() => Directory.Exists(folder) ? Directory.GetFiles(folder, ListName + "*") : [];

    private void WriteList()
    {
        string lines = Lines(names.Order(StringComparer.Ordinal));
        CheckKind(list);
        CheckLength(list, Encoding.UTF8.GetByteCount(lines));
        AtomicFile.WriteText(list, lines);
    }

    private static string Lines(IEnumerable<string> names) => string.Concat(names.Select(static name => Encoded(name) + "\n"));

    // A link would lead the writing out of the folder, and the opening of a pipe may never end.
    private static void CheckKind(string list)
    {
        if (RealPath.LinkTarget(list) is not null || !OrdinaryFile.Is(list))
        {
            throw new BadFileException(list, "is a link or no ordinary file, and no list of what this program wrote; remove it");
        }
    }

    private static void CheckLength(string list, long bytes)
    {
        if (bytes > LongestList)
        {
            throw new BadFileException(
                list, $"has {bytes} bytes, or would have them, and a list has at most {LongestList}; remove it, or choose another folder");
        }
    }

    private static long LengthOf(string list)
    {
        FileInfo file = new(list);
        return file.Exists ? file.Length : 0;
    }

    // The list may have come with the folder, from somebody else.
    private static bool IsBelow(string name) => !Path.IsPathRooted(name) && !name.Contains('\0')
        && !name.Split(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar).Contains("..");

    private static string Slashed(string name) => name.Replace(Path.DirectorySeparatorChar, '/');

    // A name may hold a line end.
    private static string Encoded(string name) =>
        new StringBuilder(name).Replace("%", "%25").Replace("\n", "%0A").Replace("\r", "%0D").ToString();

    private static string Decoded(string line) =>
        new StringBuilder(line).Replace("%0D", "\r").Replace("%0A", "\n").Replace("%25", "%").ToString();
}
