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

        string parent = System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(folder)));
        FolderWalk walk = new(folder) { Depth = 0 };
        SourceFile[] files = [.. walk.Files().Select(name => new SourceFile(System.IO.Path.Combine(folder, name), $"{parent}/{name}"))];
        return walk.Problems is [var problem, ..] ? throw problem : files;
    }

    /// <summary>Reads the whole file.</summary>
    /// <exception cref="BadFileException">It cannot be read, or is too large for an image.</exception>
    public byte[] ReadBytes()
    {
        try
        {
            long length = new FileInfo(Path).Length;
            return length <= ImageLimits.Default.Bytes
                ? File.ReadAllBytes(Path)
                : throw new BadFileException(
                    Display, $"{length} bytes, more than the {ImageLimits.Default.Bytes} that an image file may have");
        }
        catch (Exception e) when (e is (IOException and not BadFileException) or UnauthorizedAccessException)
        {
            throw new BadFileException(Display, $"it cannot be read: {e.Message}", e);
        }
    }
}
