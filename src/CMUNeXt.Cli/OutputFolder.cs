using CMUNeXt.Files;

namespace CMUNeXt.Cli;

/// <summary>Where a verb puts its files.</summary>
internal static class OutputFolder
{
    /// <summary>Makes a folder, and refuses one that holds something.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="overwrite">Whether files in it may be replaced.</param>
    public static void Open(string path, bool overwrite)
    {
        if (!overwrite && Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any())
        {
            throw new BadFileException(path, "the folder is not empty; give --overwrite to replace files in it");
        }

        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadFileException(path, $"the folder cannot be made ({e.Message}); choose another --output", e);
        }
    }

    /// <summary>Refuses a file that exists.</summary>
    public static void CheckFile(string path, bool overwrite)
    {
        if (!overwrite && Path.Exists(path))
        {
            throw new BadFileException(path, "it exists; give --overwrite to replace it");
        }
    }
}
