using System.Globalization;
using CMUNeXt.Files;
using CMUNeXt.Imaging;

namespace CMUNeXt.Training.Data;

/// <summary>
/// A folder in the prepared layout: <c>images/NAME.png</c> and, for each of K classes, <c>masks/0/NAME.png</c> to
/// <c>masks/K-1/NAME.png</c>.
/// </summary>
public sealed class DataSet
{
    /// <summary>
    /// The most classes: a mask in memory keeps class indices in bytes, 0 being the background, and 255 what is ignored.
    /// </summary>
    public const int MaximumClasses = 254;

    /// <summary>The folder below <c>masks</c> with the masks of pixels that nothing is known of.</summary>
    internal const string IgnoreFolder = "ignore";

    private const string Ending = ".png";
    private readonly Dictionary<string, Case> cases;

    private DataSet(string folder, int classes, IReadOnlyList<string>? names, IReadOnlyList<Case> all)
    {
        Folder = folder;
        Classes = classes;
        ClassNames = names;
        Cases = all;
        cases = all.ToDictionary(c => c.Name, CanonicalText.Comparer);
    }

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>The number of classes that are not background, from 1 to 254.</summary>
    public int Classes { get; }

    /// <summary>The names of the classes as <c>prepare.json</c> has them; null where they have none.</summary>
    public IReadOnlyList<string>? ClassNames { get; }

    /// <summary>The logits of a network for it: one for a single class, and with several one for each and one for the background.</summary>
    public int Outputs => Classes == 1 ? 1 : Classes + 1;

    /// <summary>
    /// A case for every image, ordered by name (ordinal). That its masks exist is checked when it is asked for by name.
    /// </summary>
    public IReadOnlyList<Case> Cases { get; }

    /// <summary>Looks into a folder; no image is read yet.</summary>
    /// <exception cref="BadFileException">
    /// The folder, <c>images</c> or <c>masks/0</c> does not exist, there is no image, an image or a mask is no <c>.png</c>, two images or
    /// two masks are of one case, the folders of masks are not 0, 1, 2, ..., or <c>prepare.json</c> is damaged.
    /// </exception>
    public static DataSet Open(string folder)
    {
        GivenPath.Check(folder, "folder");
        if (!Directory.Exists(folder))
        {
            throw new BadFileException(folder, "there is no such folder");
        }

        string images = Path.Combine(folder, "images");
        if (!Directory.Exists(images))
        {
            throw new BadFileException(
                folder, "there is no folder images in it, so it is not a prepared data set; see \"cmunext prepare\"");
        }

        int classes = CountClasses(folder);
        Dictionary<string, string>[] masksOf = [.. Enumerable.Range(0, classes).Select(c => FilesByCase(MaskFolder(folder, c)))];
        string ignore = Path.Combine(folder, "masks", IgnoreFolder);
        Dictionary<string, string> ignoredOf = Directory.Exists(ignore) ? FilesByCase(ignore) : [];
        List<Case> cases = [];
        foreach ((string name, string path) in FilesByCase(images))
        {
            if (CaseName.Problem(name) is { } problem)
            {
                throw new BadFileException(path, $"{problem}; rename it");
            }

            string[] masks = new string[classes];
            for (int c = 0; c < classes; c++)
            {
                masks[c] = masksOf[c].GetValueOrDefault(name, Path.Combine(MaskFolder(folder, c), name + Ending));
            }

            cases.Add(new Case(name, path, masks) { IgnorePath = ignoredOf.GetValueOrDefault(name) });
        }

        return cases.Count > 0
            ? new DataSet(folder, classes, Data.ClassNames.Read(folder, classes), cases)
            : throw new BadFileException(images, "there is no image (*.png) in it");
    }

    /// <summary>The name of a data set: that of its folder.</summary>
    /// <param name="folder">The folder, as it was given.</param>
    internal static string NameOf(string folder) => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));

    // The images or masks of a folder in order. Whatever is drawn for a case depends on its name, which file systems write in two ways.
    // Of two files of one case, the order in which a file system lists them would say which one counts.
    private static Dictionary<string, string> FilesByCase(string folder)
    {
        Dictionary<string, string> files = [];
        foreach (string path in FilesIn(folder)
            .OrderBy(static file => CanonicalText.Compose(file), StringComparer.Ordinal)
            .ThenBy(static file => file, StringComparer.Ordinal))
        {
            string name = CanonicalText.Compose(Path.GetFileNameWithoutExtension(path))!;
            if (!files.TryAdd(name, path))
            {
                throw new BadFileException(
                    path, $"looks like {Path.GetFileName(files[name])}, whose letters, marks or ending are written otherwise; rename one");
            }
        }

        return files;
    }

    // One of another ending would be left out, and nobody would know.
    private static IEnumerable<string> FilesIn(string folder)
    {
        string[] files = [.. Directory.EnumerateFiles(folder).Where(path => !FolderWalk.IsLeftover(Path.GetFileName(path)))];
        string[] others =
        [
            .. files.Where(path => ImageFile.HasImageEnding(path) && !IsPng(path))
                .Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal),
        ];
        return others.Length == 0
            ? files.Where(IsPng)
            : throw new BadFileException(
                folder,
                $"not all of its images end in {Ending}: {ShortList.Of(others)}; "
                    + "make PNG files of them (\"cmunext prepare pairs\" does), or move them away");
    }

    private static bool IsPng(string path) => path.EndsWith(Ending, StringComparison.OrdinalIgnoreCase);

    private static string MaskFolder(string folder, int index) =>
        Path.Combine(folder, "masks", index.ToString(CultureInfo.InvariantCulture));

    /// <summary>The cases of given names, in their order.</summary>
    /// <param name="names">The names.</param>
    /// <param name="source">Where the names come from (a list's path): the file that a failure names.</param>
    /// <exception cref="BadFileException">
    /// An image or a mask does not exist; the message names the first few and counts the rest.
    /// </exception>
    public IReadOnlyList<Case> Resolve(IEnumerable<string> names, string source)
    {
        ArgumentNullException.ThrowIfNull(names);
        List<Case> found = [];
        List<string> unknown = [];
        List<string> withoutMask = [];
        foreach (string name in names)
        {
            if (!cases.TryGetValue(name, out Case? resolved))
            {
                unknown.Add(name);
            }
            else if (resolved.MaskPaths.FirstOrDefault(path => !File.Exists(path)) is { } missing)
            {
                withoutMask.Add(Path.GetRelativePath(Folder, missing).Replace('\\', '/'));
            }
            else
            {
                found.Add(resolved);
            }
        }

        if (unknown.Count > 0)
        {
            string hint = unknown[0].EndsWith(Ending, StringComparison.OrdinalIgnoreCase) ? " (a list holds names without .png)" : "";
            throw new BadFileException(
                source,
                $"{unknown.Count} of its cases not found in {Path.Combine(Folder, "images")}: {ShortList.Of(unknown)}{hint}");
        }

        return withoutMask.Count == 0
            ? found
            : throw new BadFileException(
                source, $"{withoutMask.Count} of its cases without a mask in {Folder}: {ShortList.Of(withoutMask)}");
    }

    /// <summary>The cases of a list, in its order.</summary>
    /// <inheritdoc cref="Resolve(IEnumerable{string}, string)"/>
    public IReadOnlyList<Case> Resolve(CaseList list)
    {
        ArgumentNullException.ThrowIfNull(list);
        return Resolve(list.Names, list.Path);
    }

    private static int CountClasses(string folder)
    {
        string masks = Path.Combine(folder, "masks");
        if (!Directory.Exists(Path.Combine(masks, "0")))
        {
            throw new BadFileException(folder, "there is no folder masks/0 in it; masks of class c stand in masks/c, counted from 0");
        }

        string[] names = [.. Directory.EnumerateDirectories(masks).Select(path => Path.GetFileName(path))
            .Where(n => n[0] != '.' && n != IgnoreFolder && !FolderWalk.IsLeftover(n))];
        for (int c = 0; c < names.Length; c++)
        {
            if (!names.Contains(c.ToString(CultureInfo.InvariantCulture)))
            {
                throw new BadFileException(
                    masks,
                    $"its {names.Length} folders should be named 0 to {names.Length - 1}, one a class, but there is no {c}");
            }
        }

        return names.Length <= MaximumClasses
            ? names.Length
            : throw new BadFileException(masks, $"it has {names.Length} folders, one a class; at most {MaximumClasses} are possible");
    }
}
