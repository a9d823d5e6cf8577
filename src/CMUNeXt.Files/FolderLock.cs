namespace CMUNeXt.Files;

/// <summary>
/// Keeps a folder for one process: the file <c>cmunext.lock</c> in it, held open. The system lets go of it when the process ends, however
/// it ends; on file systems that know no locks it keeps nobody away.
/// </summary>
public sealed class FolderLock : IDisposable
{
    /// <summary>The name of the file.</summary>
    public const string FileName = "cmunext.lock";

    private readonly FileStream file;

    private FolderLock(FileStream file) => this.file = file;

    /// <summary>Takes a folder, and makes it where it is not there.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="part">The name of the part of a job that is kept for one process; null keeps the folder.</param>
    /// <exception cref="BadFileException">Another process has it.</exception>
    /// <exception cref="IOException">The folder cannot be made, or nothing can be written there.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public static FolderLock Take(string folder, string? part = null)
    {
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, part is null ? FileName : $"{FileName}-{part}");
        try
        {
            return new FolderLock(new FileStream(
                path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose));
        }
        catch (IOException e) when (File.Exists(path))
        {
            throw new BadFileException(folder, "another process writes here; wait until it has ended, or give another --output", e);
        }
    }

    /// <summary>Takes a folder; null where another process has it.</summary>
    /// <inheritdoc cref="Take"/>
    public static FolderLock? TryTake(string folder)
    {
        try
        {
            return Take(folder);
        }
        catch (BadFileException)
        {
            return null;
        }
    }

    /// <summary>Gives the folder back.</summary>
    public void Dispose() => file.Dispose();
}
