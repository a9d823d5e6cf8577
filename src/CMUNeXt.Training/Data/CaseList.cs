using System.Text;
using CMUNeXt.Files;

namespace CMUNeXt.Training.Data;

/// <summary>A list of cases: a text file in UTF-8 with one case name (the file stem, without ending) a line.</summary>
public sealed class CaseList
{
    /// <summary>The longest list that is read, in bytes.</summary>
    internal const int MaximumLength = 64 << 20;

    private CaseList(string path, IReadOnlyList<string> names)
    {
        Path = path;
        Names = names;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The cases in the order of the file, each once, at least one; each letter and its marks are in one (NFC).</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>
    /// Reads a list. Lines may end in LF or CRLF; blank lines, and blanks around a name, are passed over.
    /// </summary>
    /// <param name="list">The file, looked for as given, and then under <paramref name="dataFolder"/>.</param>
    /// <param name="dataFolder">The folder of the data set, or null for none.</param>
    /// <exception cref="BadFileException">
    /// There is no such file, it is not a text, it is empty, a case stands twice, or a name could lead out of the data set's folders.
    /// </exception>
    public static CaseList Read(string list, string? dataFolder = null)
    {
        GivenPath.Check(list);
        string path = Find(list, dataFolder);
        Dictionary<string, int> lines = [];
        List<string> names = [];
        int line = 0;
        foreach (string text in ReadText(path).Split('\n'))
        {
            line++;
            // Lists that were put one behind the other have byte order marks within.
            string name = CanonicalText.Compose(text.Trim().Trim('\ufeff').Trim())!;
            if (name.Length == 0)
            {
                continue;
            }

            if (CaseName.Problem(name) is { } problem)
            {
                throw new BadFileException(path, $"line {line}: {problem}; a line holds the name of one case, as in images/NAME.png");
            }

            if (!lines.TryAdd(name, line))
            {
                throw new BadFileException(path, $"the case {name} stands twice, in lines {lines[name]} and {line}; remove one");
            }

            names.Add(name);
        }

        return names.Count > 0 ? new CaseList(path, names) : throw new BadFileException(path, "there is no case in the list");
    }

    /// <summary>Writes a list, one name a line, ended by LF; what stands there is replaced.</summary>
    /// <param name="path">The file.</param>
    /// <param name="names">The cases, each once, in the order in which they are to stand.</param>
    /// <exception cref="ArgumentException">A name could not be read back, or stands twice.</exception>
    /// <exception cref="IOException">The file could not be written.</exception>
    public static void Write(string path, IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        HashSet<string> seen = new(CanonicalText.Comparer);
        StringBuilder text = new();
        foreach (string name in names)
        {
            if (CaseName.Problem(name) is { } problem)
            {
                throw new ArgumentException(problem, nameof(names));
            }

            if (!seen.Add(name))
            {
                throw new ArgumentException($"The case {name} stands twice.", nameof(names));
            }

            text.Append(name).Append('\n');
        }

        AtomicFile.WriteText(path, text.ToString());
    }

    private static string Find(string list, string? dataFolder)
    {
        if (File.Exists(list))
        {
            return list;
        }

        if (dataFolder is null)
        {
            throw new BadFileException(list, "there is no such list");
        }

        string path = System.IO.Path.Combine(dataFolder, list);
        return File.Exists(path)
            ? path
            : throw new BadFileException(list, $"there is no such list, neither as given nor under {dataFolder}");
    }

    private static string ReadText(string path)
    {
        try
        {
            return InputFile.Open(path, static path =>
            {
                using FileStream stream = File.OpenRead(path);
                if (stream.Length > MaximumLength)
                {
                    throw new BadFileException(path, $"it has {stream.Length} bytes, too many for a list of cases");
                }

                using StreamReader reader = new(stream, new UTF8Encoding(false, throwOnInvalidBytes: true));
                return reader.ReadToEnd();
            });
        }
        catch (DecoderFallbackException e)
        {
            throw new BadFileException(path, "it is not a text in UTF-8; a list holds one case name a line", e);
        }
    }
}
