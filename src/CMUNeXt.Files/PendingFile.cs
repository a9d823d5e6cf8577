using System.Text;

namespace CMUNeXt.Files;

/// <summary>
/// A file that is written beside its final name, and moved there when it is complete. Disposed of before that, it leaves what stood under
/// the name untouched. Where the name is a link, it stays one, and what it leads to is written. A file that is replaced keeps its Unix
/// mode, and its owner may write to it.
/// </summary>
public sealed class PendingFile : IDisposable
{
    private readonly string path;
    private readonly string target;
    private readonly string temporary;
    private bool isComplete;

    /// <summary>Begins to write a file.</summary>
    /// <param name="path">The final name.</param>
    /// <exception cref="IOException">It cannot be written, or another process is writing it.</exception>
    public PendingFile(string path)
    {
        GivenPath.Check(path);
        this.path = path;
        target = RealPath.LinkTarget(path) is null ? path : RealPath.Of(path);
        temporary = TemporaryFor(target);
        if (RealPath.LinkTarget(temporary) is not null)
        {
            throw new BadFileException(temporary, "is a link, and what it leads to is not replaced; remove it, or choose another place");
        }

        try
        {
            Content = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None);
            KeepMode();
        }
        catch (UnauthorizedAccessException e)
        {
            throw NotAllowed(e);
        }
        catch (DirectoryNotFoundException e)
        {
            throw new IOException($"{path}: its folder is not there: make it, or choose another", e);
        }
    }

    /// <summary>Takes the content.</summary>
    public FileStream Content { get; }

    /// <summary>Flushes the content to the disk, and moves it to its final name.</summary>
    /// <exception cref="IOException">It cannot be written, or not be moved there.</exception>
    public void Complete()
    {
        Content.Flush(flushToDisk: true);
        Content.Dispose();
        try
        {
            File.Move(temporary, target, overwrite: true);
        }
        catch (UnauthorizedAccessException e)
        {
            throw NotAllowed(e);
        }

        isComplete = true;
    }

    /// <summary>Closes the file; one that is not complete is removed.</summary>
    public void Dispose()
    {
        try
        {
            Content.Dispose();
        }
        finally
        {
            if (!isComplete)
            {
                Remove();
            }
        }
    }

    // .NET calls this failure no IOException, and names the file beside the final one.
    private IOException NotAllowed(UnauthorizedAccessException failure) =>
        new($"{path}: it may not be written: choose a folder that you may write in, or change its permissions", failure);

    // Before there is content, which others might read meanwhile.
    private void KeepMode()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        try
        {
            if (File.Exists(target))
            {
                // What a killed program leaves shall be no hindrance to the next.
                File.SetUnixFileMode(Content.SafeFileHandle, File.GetUnixFileMode(target) | UnixFileMode.UserWrite);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The file system keeps no modes.
        }
    }

    // Where something fails, that is the failure to report, not a second one of the clean-up.
    private void Remove()
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    // A name that leaves no room for the ending gives way to a short one.
    private static string TemporaryFor(string path)
    {
        string name = Path.GetFileName(path);
        return Encoding.UTF8.GetByteCount(name) + AtomicFile.TemporaryEnding.Length <= AtomicFile.LongestName
            ? path + AtomicFile.TemporaryEnding
            : Path.Combine(
                Path.GetDirectoryName(path)!,
                Sha256.Of(Encoding.UTF8.GetBytes(name))[..32] + AtomicFile.TemporaryEnding);
    }
}
