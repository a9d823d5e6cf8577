using System.Diagnostics;

namespace CMUNeXt.Files;

/// <summary>
/// Keeps a folder for one process: the file <c>cmunext.lock</c> in it, held open. The system lets go of it when the process ends, however
/// it ends; on file systems that know no locks it keeps nobody away.
/// </summary>
public sealed class FolderLock : IDisposable
{
    /// <summary>The name of the file.</summary>
    public const string FileName = "cmunext.lock";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

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
        string path = Path.Combine(folder, part is null ? FileName : $"{FileName}-{part}");
        try
        {
            try
            {
                return Open();
            }
            catch (DirectoryNotFoundException)
            {
                // Another process that came to nothing has just removed the empty folder.
                return Open();
            }
        }
        catch (IOException e) when (IsHeld(e))
        {
            throw new BadFileException(folder, "another process writes here; wait until it has ended, or give another --output", e);
        }

        FolderLock Open()
        {
            Directory.CreateDirectory(folder);
            return new FolderLock(new FileStream(
                path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose));
        }
    }

    /// <summary>Takes a folder, and waits for it where another process has it.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="wait">The longest time to wait; <see cref="Timeout.InfiniteTimeSpan"/> waits until the other has ended.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <returns>Null where another process still has it.</returns>
    /// <exception cref="OperationCanceledException">The waiting was ended.</exception>
    /// <exception cref="IOException">The folder cannot be made, or nothing can be written there.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public static FolderLock? TryTake(string folder, TimeSpan wait = default, CancellationToken cancellation = default)
    {
        for (long began = Stopwatch.GetTimestamp(); ;)
        {
            try
            {
                return Take(folder);
            }
            catch (BadFileException)
            {
                if (wait != Timeout.InfiniteTimeSpan && Stopwatch.GetElapsedTime(began) >= wait)
                {
                    return null;
                }
            }

            cancellation.WaitHandle.WaitOne(Pause);
            cancellation.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Gives the folder back.</summary>
    public void Dispose() => file.Dispose();

    // What the systems say where another has the file: a sharing violation, and EWOULDBLOCK of Linux and of macOS.
    private static bool IsHeld(IOException e) => (e.HResult & 0xffff) is 32 or 11 or 35;
}
