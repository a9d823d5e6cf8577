using System.Text;
using Microsoft.VisualBasic.FileIO;

namespace CMUNeXt.Files;

/// <summary>
/// A table in a text file (RFC 4180), its first row the names of the columns; values stand between commas, semicolons or tabs.
/// </summary>
public sealed class CsvFile
{
    private const int MaximumLength = 64 << 20;

    // The parser puts them together one by one, each time from the first.
    private const int MostLinesOfValue = 1000;

    // Some spreadsheets say above the table what stands between its values.
    private const string DelimiterLine = "sep=";

    private static readonly string[] Delimiters = [",", ";", "\t"];

    private CsvFile(string path, IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        Path = path;
        Columns = columns;
        Rows = rows;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The names of the columns, each once.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>The rows, at least one, each with a value for each column, blanks around it left out.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Rows { get; }

    /// <summary>Reads a table in UTF-8.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="BadFileException">It cannot be read, or is no table.</exception>
    public static CsvFile Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string text = ReadText(path);
        string head = FirstLine(text);
        string? named = Array.Find(Delimiters, candidate => head == DelimiterLine + candidate);

        // What stands between quotation marks is a name.
        string[] parts = [.. head.Split('"').Where(static (_, i) => i % 2 == 0)];
        string delimiter = named ?? Delimiters.MaxBy(candidate => parts.Sum(part => part.Split(candidate).Length))!;
        int start = named is null ? 0 : text.IndexOf(head, StringComparison.Ordinal) + head.Length;
        CheckQuotationMarks(path, text, start, delimiter[0]);
        using TextFieldParser parser = new(new StringReader(text[start..]))
        {
            TextFieldType = FieldType.Delimited,
            Delimiters = [delimiter],
            HasFieldsEnclosedInQuotes = true,
        };
        try
        {
            // Spreadsheets leave columns at the end that have neither a name nor a value.
            string[] names = parser.ReadFields() ?? [];
            string[] columns = names[..(Array.FindLastIndex(names, static name => name.Length > 0) + 1)];
            if (columns.Length == 0)
            {
                throw new BadFileException(path, "is empty; a table begins with the names of its columns");
            }

            if (columns.GroupBy(column => column, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
            {
                throw new BadFileException(path, $"two of its columns are called '{twice.Key}'; rename one");
            }

            List<string[]> rows = [];
            while (parser.ReadFields() is { } row)
            {
                bool fits = row.Length >= columns.Length && row[columns.Length..].All(string.IsNullOrEmpty);
                rows.Add(fits
                    ? row[..columns.Length]
                    : throw new BadFileException(path,
                        $"row {rows.Count + 2} has {row.Length} values, and there are {columns.Length} columns"));
            }

            return rows.Count > 0 ? new CsvFile(path, columns, rows)
                : throw new BadFileException(path, "has no row below the names of its columns");
        }
        catch (MalformedLineException e)
        {
            throw new BadFileException(path, $"is not a table: {e.Message}", e);
        }
    }

    /// <summary>The place of a column.</summary>
    /// <exception cref="BadFileException">There is none of that name; the message names those that there are.</exception>
    public int Find(string column)
    {
        int? place = Columns.Index().Where(one => one.Item == column).Select(static one => (int?)one.Index).FirstOrDefault();
        return place ?? throw new BadFileException(Path, $"has no column '{column}'; there are {string.Join(", ", Columns)}");
    }

    private static string FirstLine(string text)
    {
        using StringReader lines = new(text);
        string? line = lines.ReadLine();
        while (line is not null && string.IsNullOrWhiteSpace(line))
        {
            line = lines.ReadLine();
        }

        return line ?? "";
    }

    // By the rules of the parser: a mark opens where a value begins, blanks aside, and two within a value are one of its characters. What
    // follows a value else than a delimiter, the parser refuses by itself, and at once.
    private static void CheckQuotationMarks(string path, string text, int start, char delimiter)
    {
        int place = start;
        while (place < text.Length)
        {
            int open = AfterBlanks(text, place, delimiter);
            place = open < text.Length && text[open] == '"' ? AfterValue(path, text, open) : open;
            int end = text.AsSpan(place).IndexOfAny(delimiter, '\r', '\n');
            if (end < 0)
            {
                return;
            }

            place += end + 1;
        }
    }

    private static int AfterValue(string path, string text, int open)
    {
        int close = Closing(text, open);
        if (close >= 0 && LineAfter(text.AsSpan(open, close - open)) <= MostLinesOfValue)
        {
            return close + 1;
        }

        int line = LineAfter(text.AsSpan(0, open));
        throw new BadFileException(path, close < 0
            ? $"is not a table: the quotation mark in line {line} that begins a value is not closed; close it, or remove it"
            : $"is not a table: the value between quotation marks that begins in line {line} has more than {MostLinesOfValue} lines; "
                + "close its quotation mark where it ends, or remove it");
    }

    private static int AfterBlanks(string text, int place, char delimiter)
    {
        while (place < text.Length && text[place] != delimiter && text[place] is not ('\r' or '\n')
            && (char.IsWhiteSpace(text[place]) || text[place] is '\u200b' or '\ufeff'))
        {
            place++;
        }

        return place;
    }

    private static int Closing(string text, int open)
    {
        int close = text.IndexOf('"', open + 1);
        while (close >= 0 && close + 1 < text.Length && text[close + 1] == '"')
        {
            close = text.IndexOf('"', close + 2);
        }

        return close;
    }

    // The number of the line that goes on after a text. Lines end with either character, or with both.
    private static int LineAfter(ReadOnlySpan<char> text) => 1 + Math.Max(text.Count('\n'), text.Count('\r'));

    private static string ReadText(string path)
    {
        try
        {
            byte[] content = InputFile.ReadAllBytes(path, bytes =>
            {
                if (bytes > MaximumLength)
                {
                    throw new BadFileException(path, $"it has {bytes} bytes, too many for a table of cases");
                }
            });
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(content).TrimStart('\ufeff');
        }
        catch (DecoderFallbackException e)
        {
            throw new BadFileException(path, "it is not a text in UTF-8; save the table as CSV in UTF-8", e);
        }
        catch (ArgumentException e)
        {
            throw new BadFileException(path, $"the table cannot be read: {e.Message}", e);
        }
    }
}
