using System.Text;

namespace CMUNeXt.Files;

/// <summary>
/// Writes files so that a reader, or a later start, finds either the old content or the new, never a part:
/// the content goes beside the final name, is flushed to the disk, and is moved into place. Where the name is a link, it stays one, and
/// what it leads to is written.
/// </summary>
public static class AtomicFile
{
    /// <summary>The ending of a file that is still being written.</summary>
    public const string TemporaryEnding = ".part";

    /// <summary>The longest name of a file, in bytes of UTF-8, on the usual file systems.</summary>
    internal const int LongestName = 255;

    /// <summary>Writes a file through a stream.</summary>
    /// <param name="path">The final name; what stands there is replaced once the new content is complete.</param>
    /// <param name="write">Writes the content.</param>
    /// <exception cref="IOException">The content could not be written; what stood under the name is untouched.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        try
        {
            using PendingFile pending = new(path);
            write(pending.Content);
            pending.Complete();
        }
        catch (ArgumentOutOfRangeException e) when (e.ParamName == "value")
        {
            // A file that grows beyond the system's limit comes as this exception, not as an IOException.
            throw new IOException(
                $"{path}: it could not be written, the system allows no file of its size; what stood there is untouched", e);
        }
    }

    /// <summary>Writes bytes.</summary>
    /// <inheritdoc cref="Write(string, Action{Stream})"/>
    public static void WriteBytes(string path, ReadOnlyMemory<byte> content) => Write(path, stream => stream.Write(content.Span));

    /// <summary>Writes text as UTF-8 without a byte order mark.</summary>
    /// <inheritdoc cref="Write(string, Action{Stream})"/>
    public static void WriteText(string path, string content) => WriteBytes(path, Encoding.UTF8.GetBytes(content));

    /// <summary>
    /// Replaces files that are of one result. All but the first are removed before any is written, so that, wherever the writing ends, none
    /// stands beside those of another result; the first stays until the new one takes its place.
    /// </summary>
    /// <param name="folder">The folder, which is there.</param>
    /// <param name="names">The files' names, first that which is written first.</param>
    /// <param name="write">Writes the files, or those of them that there are.</param>
    /// <exception cref="IOException">A file could not be removed or written.</exception>
    public static void WriteTogether(string folder, IReadOnlyList<string> names, Action write)
    {
        ArgumentNullException.ThrowIfNull(names);
        ArgumentNullException.ThrowIfNull(write);
        foreach (string name in names.Skip(1))
        {
            File.Delete(Path.Combine(folder, name));
        }

        write();
    }
}
