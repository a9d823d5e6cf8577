using System.Globalization;
using CMUNeXt.Files;
using CMUNeXt.Training.Data;

namespace CMUNeXt.Training.Preparation;

/// <summary>
/// The folder that a preparation writes. Everything goes to a folder <c>prepare.part</c> inside it, and is moved out when it is
/// complete: first <c>masks</c>, then the list <c>normal.txt</c> and <c>prepare.json</c>, and <c>images</c> last. Without <c>images</c> a
/// folder is no data set, so whenever the work is interrupted, a part is never taken for the whole, and a data set that stood there is lost
/// only in the instant of being replaced. Moves within one folder cannot fail for being on different disks, as they could beside it.
/// </summary>
internal sealed class PreparedFolder : IDisposable
{
    private const string ReportName = KeptReport.FileName;
    private const string EmptyListName = "normal.txt";

    // What is there before anything is written, and what an interrupted preparation leaves.
    private static readonly string[] Unseen = [FolderLock.FileName, OwnFiles.ListName, "prepare" + AtomicFile.TemporaryEnding];

    // What a preparation puts into its folder inside, until it is complete.
    private static readonly string[] Staged =
    [
        "images", "masks", "replaced", ReportName, EmptyListName, ReportName + AtomicFile.TemporaryEnding,
        EmptyListName + AtomicFile.TemporaryEnding,
    ];

    private readonly string folder;
    private readonly string staging;
    private readonly bool isNew;
    private readonly FolderLock held;
    private readonly OwnFiles own;

    private PreparedFolder(string folder, string staging, bool isNew, FolderLock held, OwnFiles own)
    {
        this.folder = folder;
        this.staging = staging;
        this.isNew = isNew;
        this.held = held;
        this.own = own;
    }

    /// <summary>Checks that the folder may be written, and makes the folders of a data set with the given number of classes.</summary>
    /// <param name="output">The folder; it is made where there is none.</param>
    /// <param name="overwrite">
    /// Whether what an earlier preparation made may be replaced; other files there are kept, and refused under the names of a data set.
    /// </param>
    /// <param name="classes">The number of folders of masks.</param>
    /// <param name="sources">Folders and files that are read, and so must not be replaced.</param>
    /// <exception cref="BadFileException">The folder is not empty and not to be overwritten, or it holds a source or somebody's files under
    /// the names of a data set, or another process has it.</exception>
    public static PreparedFolder Begin(string output, bool overwrite, int classes, params IReadOnlyList<string> sources)
    {
        string folder = Path.TrimEndingDirectorySeparator(output);
        foreach (string source in sources)
        {
            if (LiesIn(source, folder))
            {
                throw new BadFileException(output, $"the source {source} is in it; choose another folder for the output");
            }
        }

        string staging = Path.Combine(folder, "prepare" + AtomicFile.TemporaryEnding);
        if (File.Exists(folder))
        {
            throw new BadFileException(output, "it is a file; choose a folder for the output");
        }

        bool isNew = !Directory.Exists(folder);
        FolderLock held = FolderLock.Take(folder);
        PreparedFolder prepared;
        try
        {
            prepared = new PreparedFolder(folder, staging, isNew, held, OwnFiles.In(folder));
            prepared.CheckReplaceable(overwrite);
            DeleteFolder(staging);
            Directory.CreateDirectory(Path.Combine(staging, "images"));
            for (int c = 0; c < classes; c++)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(prepared.MaskPath(c, "any"))!);
            }
        }
        catch
        {
            held.Dispose();
            throw;
        }

        return prepared;
    }

    // A link that leads in a circle leads nowhere; whoever reads it says so.
    private static bool LiesIn(string source, string folder)
    {
        try
        {
            return RealPath.IsWithin(source, folder);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private void CheckReplaceable(bool overwrite)
    {
        string[] others =
        [
            .. Directory.EnumerateFileSystemEntries(folder).Select(entry => Path.GetFileName(entry)).Where(name => !Unseen.Contains(name)),
        ];
        if (others.Length > 0 && !overwrite)
        {
            throw new BadFileException(folder, "the folder is not empty; give --overwrite to replace the data set in it");
        }

        string[] staged = Directory.Exists(staging) ? Directory.GetFileSystemEntries(staging) : [];
        if (Array.Find(staged, entry => !IsStaged(Path.GetFileName(entry))) is { } foreign)
        {
            throw new BadFileException(
                foreign, "is of no preparation, and its folder would be removed; move it away, or choose another folder for the output");
        }

        foreach (string name in others.Where(name => name is ReportName or EmptyListName))
        {
            own.Check(name);
        }

        foreach (string part in others.Where(name => name is "images" or "masks"))
        {
            string path = Path.Combine(folder, part);
            if (RealPath.LinkTarget(path) is not null)
            {
                throw new BadFileException(
                    path, "is a link, and what it leads to is not replaced; remove it, or choose another folder for the output");
            }

            foreach (string file in new FolderWalk(path).Files())
            {
                own.Check(Path.Combine(part, file));
            }
        }
    }

    /// <summary>Where to write an image.</summary>
    public string ImagePath(string name) => Path.Combine(staging, "images", name + ".png");

    /// <summary>Where to write a mask.</summary>
    public string MaskPath(int label, string name) =>
        Path.Combine(staging, "masks", label.ToString(CultureInfo.InvariantCulture), name + ".png");

    /// <summary>Where to write the mask of what is ignored in an image; the folder is made.</summary>
    public string IgnorePath(string name) =>
        Path.Combine(Directory.CreateDirectory(Path.Combine(staging, "masks", DataSet.IgnoreFolder)).FullName, name + ".png");

    /// <summary>Moves everything into place; the images come last.</summary>
    /// <param name="report">What goes into <c>prepare.json</c>.</param>
    /// <param name="empty">The healthy cases, which become a list of their own where there are any.</param>
    public void Complete(string report, IReadOnlyList<string> empty)
    {
        AtomicFile.WriteText(Path.Combine(staging, ReportName), report);
        if (empty.Count > 0)
        {
            CaseList.Write(Path.Combine(staging, EmptyListName), empty);
        }

        IReadOnlyList<string> written = new FolderWalk(staging).Files();
        string[] before =
        [
            .. own.Names.Where(IsPartOfDataSet).Except(written.Select(name => name.Replace(Path.DirectorySeparatorChar, '/'))),
        ];
        own.Claim(written);
        string images = Path.Combine(folder, "images");
        string masks = Path.Combine(folder, "masks");
        string emptyPath = Path.Combine(folder, EmptyListName);
        if (Directory.Exists(images))
        {
            // In one move: half deleted, it would pass for a smaller data set.
            Directory.Move(images, Path.Combine(staging, "replaced"));
        }

        DeleteFolder(masks);
        File.Delete(emptyPath);
        Directory.Move(Path.Combine(staging, "masks"), masks);
        if (empty.Count > 0)
        {
            File.Move(Path.Combine(staging, EmptyListName), emptyPath);
        }

        File.Move(Path.Combine(staging, ReportName), Path.Combine(folder, ReportName), overwrite: true);

        // The last: whoever finds them takes the data set for whole.
        Directory.Move(Path.Combine(staging, "images"), images);
        own.Remove(before);
    }

    private static bool IsStaged(string name) => Staged.Contains(name) || FolderWalk.IsLeftover(name);

    private static bool IsPartOfDataSet(string name) =>
        name is ReportName or EmptyListName || name.StartsWith("images/", StringComparison.Ordinal)
            || name.StartsWith("masks/", StringComparison.Ordinal);

    /// <summary>Removes what was not completed.</summary>
    public void Dispose()
    {
        try
        {
            DeleteFolder(staging);
            held.Dispose();
            if (isNew && !Directory.EnumerateFileSystemEntries(folder).Any())
            {
                Directory.Delete(folder);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next preparation removes it; a failure that is under way must not be hidden by this one.
        }
    }

    private static void DeleteFolder(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    }
}
