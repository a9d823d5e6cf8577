using CMUNeXt.Files;
using CMUNeXt.Imaging;

namespace CMUNeXt.Training.Preparation;

/// <summary>An image or mask file of a source.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Display">What a report calls it: its path below the source, with forward slashes.</param>
internal sealed record SourceFile(string Path, string Display)
{
    /// <summary>The file's name without its ending.</summary>
    public string Stem => System.IO.Path.GetFileNameWithoutExtension(Path);

    /// <summary>Whether the ending is one of the formats that are read.</summary>
    public bool IsImage => ImageFile.HasImageEnding(Path);

    /// <summary>
    /// The files of a folder, not of its subfolders, ordered by name (ordinal), without what systems and tools leave there.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="BadFileException">There is no such folder, or it cannot be read.</exception>
    public static IReadOnlyList<SourceFile> In(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new BadFileException(folder, "there is no such folder");
        }

        FolderWalk walk = new(folder) { Depth = 0 };
        SourceFile[] files = [.. walk.Files().Select(name => Named(folder, name))];
        return walk.Problems is [var problem, ..] ? throw problem : files;
    }

    /// <summary>The folders in a folder, likewise.</summary>
    /// <param name="folder">The folder, which can be read.</param>
    public static IEnumerable<SourceFile> FoldersIn(string folder) => Directory.EnumerateDirectories(folder)
        .Select(path => System.IO.Path.GetFileName(path)).Where(name => !FolderWalk.IsLeftover(name)).Order(StringComparer.Ordinal)
        .Select(name => Named(folder, name));

    /// <summary>Reads the whole file.</summary>
    /// <exception cref="BadFileException">It cannot be read, or is too large for an image.</exception>
    public byte[] ReadBytes()
    {
        try
        {
            return ImageFile.ReadEncoded(Path);
        }
        catch (IOException e)
        {
            throw new BadFileException(Display, ImageFailure.Of(Path, e).Problem, e);
        }
    }

    private static SourceFile Named(string folder, string name)
    {
        string parent = System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(folder)));
        return new SourceFile(System.IO.Path.Combine(folder, name), $"{parent}/{name}");
    }
}
