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

    /// <summary>Reads the list of a folder, and those of parts; one that is not there is empty.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="part">The name of the part whose list is gone on with; null for the folder's own.</param>
    public static OwnFiles In(string folder, string? part = null)
    {
        OwnFiles own = new(folder, part is null ? ListName : $"{ListName}-{part}");
        foreach (string list in own.Lists())
        {
            own.names.UnionWith(
                (SharedFile.ReadText(list) ?? "").Split('\n').Select(static line => line.TrimEnd('\r'))
                    .Where(static line => line.Length > 0).Select(Decoded));
        }

        return own;
    }

    /// <summary>Makes one list of the folder's own and those of parts.</summary>
    public void JoinLists()
    {
        WriteList();
        foreach (string part in Lists().Where(part => part != list))
        {
            File.Delete(part);
        }
    }

    /// <summary>Refuses to replace a file that is not on the list, or that is a link to another.</summary>
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

        if (Path.Exists(path) && !names.Contains(Slashed(name)))
        {
            throw new BadFileException(
                path, "is not a file that this program wrote here, and is not replaced; move it away, or choose another place");
        }
    }

    /// <summary>Puts files on the list, before they are written.</summary>
    /// <exception cref="BadFileException">One of them is somebody's.</exception>
    public void Claim(params IEnumerable<string> files)
    {
        string[] claimed = [.. files];
        foreach (string name in claimed)
        {
            Check(name);
        }

        string[] added = [.. claimed.Select(Slashed).Where(names.Add)];
        if (added.Length > 0)
        {
            Directory.CreateDirectory(folder);
            using StreamWriter lines = SharedFile.OpenAppend(list);
            lines.Write(string.Concat(added.Select(static name => Encoded(name) + "\n")));
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
            try
            {
                if (Directory.Exists(Path.GetDirectoryName(path)))
                {
                    File.Delete(path);
                }
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

    private void WriteList() => AtomicFile.WriteText(
        list, string.Concat(names.Order(StringComparer.Ordinal).Select(static name => Encoded(name) + "\n")));

    private static string Slashed(string name) => name.Replace(Path.DirectorySeparatorChar, '/');

    // A name may hold a line end.
    private static string Encoded(string name) =>
        new StringBuilder(name).Replace("%", "%25").Replace("\n", "%0A").Replace("\r", "%0D").ToString();

    private static string Decoded(string line) =>
        new StringBuilder(line).Replace("%0D", "\r").Replace("%0A", "\n").Replace("%25", "%").ToString();
}
