using System.Text;

namespace CMUNeXt.Files;

/// <summary>
/// Files that one process adds lines to while others read them, replace them or remove them. Systems that lock what is open (Windows) ask
/// each of them to allow it.
/// </summary>
public static class SharedFile
{
    /// <summary>Opens a file to add to it; it is made where it is not there.</summary>
    /// <param name="path">The file.</param>
    /// <returns>Writes each text at once, as UTF-8 without a byte order mark.</returns>
    /// <exception cref="BadFileException">It is no ordinary file.</exception>
    public static StreamWriter OpenAppend(string path)
    {
        if (!OrdinaryFile.Is(path))
        {
            throw new BadFileException(path, "is not an ordinary file, and is not written into; remove it, or choose another place");
        }

        return new(
            new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read | FileShare.Delete), new UTF8Encoding(false))
        {
            AutoFlush = true,
        };
    }

    /// <summary>Reads a file that others may be adding to: what they have written by now.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The text; null where there is no such file.</returns>
    /// <exception cref="BadFileException">It is a folder, or no ordinary file, or it cannot be read.</exception>
    public static string? ReadText(string path)
    {
        try
        {
            return InputFile.Open(path, path =>
            {
                using StreamReader reader = new(
                    new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete), Encoding.UTF8);
                return reader.ReadToEnd();
            });
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }
}
