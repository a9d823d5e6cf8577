namespace CMUNeXt.Files;

/// <summary>
/// A file that is read. What goes wrong is an <see cref="IOException"/> with one line that names the file: a
/// <see cref="FileNotFoundException"/> where it is missing, else a <see cref="BadFileException"/>.
/// </summary>
public static class InputFile
{
    internal const string Missing = "there is no such file";

    /// <summary>Opens a file.</summary>
    /// <typeparam name="T">What it is opened as.</typeparam>
    /// <param name="path">The file.</param>
    /// <param name="open">Opens it, and may read it.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="BadFileException">The path is empty, or it is a folder, or no ordinary file, or it cannot be read.</exception>
    public static T Open<T>(string path, Func<string, T> open)
    {
        ArgumentNullException.ThrowIfNull(open);
        GivenPath.Check(path);
        if (Directory.Exists(path))
        {
            throw new BadFileException(path, "this is a folder: name a file in it");
        }

        if (!OrdinaryFile.Is(path))
        {
            throw new BadFileException(path, "this is not an ordinary file: save what comes out of it in one");
        }

        try
        {
            return open(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new FileNotFoundException(PrintableText.Of($"{path}: {Missing}"), path, e);
        }
        catch (Exception e) when (e is (IOException and not BadFileException) or UnauthorizedAccessException)
        {
            throw new BadFileException(path, $"it cannot be read ({e.Message.ReplaceLineEndings(" ")})", e);
        }
    }

    /// <summary>Reads a whole file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="checkLength">Throws where the file has too many bytes; nothing is read then.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="BadFileException">
    /// It is a folder, or no ordinary file, or has 2 GiB or more, or it cannot be read.
    /// </exception>
    public static byte[] ReadAllBytes(string path, Action<long> checkLength)
    {
        ArgumentNullException.ThrowIfNull(checkLength);
        return Open(path, path =>
        {
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            checkLength(stream.Length);
            if (stream.Length > Array.MaxLength)
            {
                throw new BadFileException(
                    path, $"{stream.Length} bytes, more than the {Array.MaxLength} that are read at once: make the file smaller");
            }

            byte[] content = GC.AllocateUninitializedArray<byte>((int)stream.Length);
            stream.ReadExactly(content);
            return content;
        });
    }
}
