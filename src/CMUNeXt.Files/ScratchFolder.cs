namespace CMUNeXt.Files;

/// <summary>
/// A temporary folder for what must not outlast its use, such as results of a patient's image: gone once it is disposed of. One that a
/// killed process left goes when another starts. On file systems that know no locks, that takes folders in use too.
/// </summary>
public sealed class ScratchFolder : IDisposable
{
    /// <summary>The name of the file that is held open while the folder is in use.</summary>
    internal const string LockName = "cmunext.held";

    private const string Prefix = "cmunext-";

    // Beside the lock, which goes last: what a removal could not finish still has it, and goes with a later one.
    private const string ContentName = "cmunext.content";

    private readonly string folder;
    private readonly FileStream held;

    private ScratchFolder(string folder, FileStream held)
    {
        this.folder = folder;
        this.held = held;
        Path = Directory.CreateDirectory(ContentIn(folder)).FullName;
    }

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>Makes a folder among the temporary files, which only this user may read.</summary>
    /// <param name="kind">What it is for, as a part of its name.</param>
    /// <exception cref="IOException">It cannot be made, or nothing can be written there.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public static ScratchFolder Create(string kind)
    {
        string path = Directory.CreateTempSubdirectory($"{Prefix}{kind}-").FullName;
        FileStream? held = null;
        try
        {
            held = new FileStream(LockIn(path), FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);

            // Whoever looks for abandoned folders passes over one whose lock is empty: it may be just about to be held.
            held.WriteByte(1);
            return new ScratchFolder(path, held);
        }
        catch
        {
            held?.Dispose();
            Directory.Delete(path, recursive: true);
            throw;
        }
    }

    /// <summary>Removes the folders that killed processes left; what cannot be removed stays.</summary>
    public static void RemoveAbandoned()
    {
        try
        {
            foreach (string folder in Directory.GetDirectories(System.IO.Path.GetTempPath(), $"{Prefix}*"))
            {
                RemoveIfAbandoned(folder);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // There is no such place, so that there is nothing in it.
        }
    }

    /// <summary>Removes the folder.</summary>
    public void Dispose()
    {
        held.Dispose();
        try
        {
            Remove(folder);
        }
        catch (Exception e) when (CannotRemove(e))
        {
            // Another start took it for abandoned meanwhile, or a later one will.
        }
    }

    // The last is thrown of a path in it that is longer than the system takes.
    private static bool CannotRemove(Exception e) => e is IOException or UnauthorizedAccessException or ArgumentException;

    private static string LockIn(string folder) => System.IO.Path.Combine(folder, LockName);

    private static string ContentIn(string folder) => System.IO.Path.Combine(folder, ContentName);

    private static void RemoveIfAbandoned(string folder)
    {
        try
        {
            // A link is not of this program: it may lead to a pipe, and opening one may never end.
            FileInfo file = new(LockIn(folder));
            if (RealPath.LinkTarget(folder) is null && IsPrivate(folder) && file is { Exists: true, Length: > 0, LinkTarget: null })
            {
                new FileStream(file.FullName, FileMode.Open, FileAccess.Write, FileShare.None).Dispose();
                Remove(folder);
            }
        }
        catch (Exception e) when (CannotRemove(e))
        {
            // Somebody holds it, or it is another user's.
        }
    }

    // Whoever may write into a folder can lead its removal to other files. A folder may inherit the mark of its group.
    private static bool IsPrivate(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return true;
        }

        UnixFileMode mode = File.GetUnixFileMode(folder) & ~UnixFileMode.SetGroup;
        return mode == (UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute) && FolderOwner.IsThisUser(folder);
    }

    private static void Remove(string folder)
    {
        string content = ContentIn(folder);
        if (Directory.Exists(content))
        {
            Directory.Delete(content, recursive: true);
        }

        Directory.Delete(folder, recursive: true);
    }
}
