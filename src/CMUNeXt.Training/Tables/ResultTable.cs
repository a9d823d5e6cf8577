using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using CMUNeXt.Files;
using CMUNeXt.Training.Resampling;

namespace CMUNeXt.Training.Tables;

/// <summary>
/// A table of results, as it goes into a paper, a web page or a spreadsheet. The first columns name a row, the others hold numbers.
/// </summary>
/// <param name="Columns">The names of the columns.</param>
/// <param name="Rows">The rows, each with a text for each column.</param>
/// <param name="Names">How many of the first columns are names.</param>
public sealed partial record ResultTable(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows, int Names)
{
    /// <summary>What stands where there is no value.</summary>
    internal const string None = "-";

    /// <summary>A mean with its interval, as it stands in a cell: a ratio in percent, or a distance in pixels.</summary>
    /// <param name="mean">The mean; null where there is none.</param>
    /// <param name="interval">Its interval; null where there is none.</param>
    /// <param name="defined">The number of cases that it is of.</param>
    /// <param name="n">
    /// The number of the row's cases; where it is another, that of the mean stands behind it: a lesion that was missed has no distance.
    /// </param>
    /// <param name="inPixels">Whether it is a distance in pixels.</param>
    internal static string Value(double? mean, MeanInterval? interval, int defined, int n, bool inPixels)
    {
        return mean is not { } known ? None : Number(known)
            + (interval is null ? "" : $" [{Number(interval.Low)}, {Number(interval.High)}]")
            + (defined == n ? "" : string.Create(CultureInfo.InvariantCulture, $" ({defined})"));

        // Without the sign of a zero.
        string Number(double value) => (Math.Round(inPixels ? value : 100 * value, 2, MidpointRounding.AwayFromZero) + 0.0)
            .ToString("0.00", CultureInfo.InvariantCulture);
    }

    /// <summary>The names of the files that <see cref="Write"/> writes.</summary>
    internal static IReadOnlyList<string> FilesOf(string name) => [$"{name}.md", $"{name}.csv", $"{name}.tex"];

    /// <summary>Writes the table as Markdown, CSV and LaTeX; files of these names are replaced.</summary>
    /// <param name="folder">The folder, which is there.</param>
    /// <param name="name">The files' name without an ending.</param>
    /// <exception cref="IOException">A file could not be written.</exception>
    internal void Write(string folder, string name)
    {
        string[] contents = [ToMarkdown(), ToCsv(), ToLatex()];
        AtomicFile.WriteTogether(folder, FilesOf(name), () =>
        {
            foreach ((string file, string content) in FilesOf(name).Zip(contents))
            {
                AtomicFile.WriteText(Path.Combine(folder, file), content);
            }
        });
    }

    /// <summary>The table in Markdown.</summary>
    public string ToMarkdown()
    {
        StringBuilder text = new();
        AppendRow(Columns);
        AppendRow([.. Columns.Select((_, i) => i < Names ? "---" : "---:")]);
        foreach (IReadOnlyList<string> row in Rows)
        {
            AppendRow(row);
        }

        return text.ToString();

        void AppendRow(IReadOnlyList<string> cells) =>
            text.Append("| ").AppendJoin(" | ",
                cells.Select(static cell => PrintableText.Of(cell).Replace("|", "\\|", StringComparison.Ordinal))).Append(" |\n");
    }

    /// <summary>The table as CSV (RFC 4180).</summary>
    public string ToCsv()
    {
        IEnumerable<IEnumerable<string>> rows = Rows.Select(row =>
            row.Select((cell, i) => i < Names ? CsvField.Of(cell) : CsvField.OfNumber(cell)));
        return string.Concat(rows.Prepend(Columns.Select(CsvField.Of)).Select(static row => string.Join(',', row) + "\r\n"));
    }

    /// <summary>The table in LaTeX, with the rules of the package booktabs.</summary>
    public string ToLatex()
    {
        StringBuilder text = new();
        text.Append("\\begin{tabular}{").Append('l', Names).Append('r', Columns.Count - Names).Append("}\n\\toprule\n");
        AppendRow(Columns);
        text.Append("\\midrule\n");
        foreach (IReadOnlyList<string> row in Rows)
        {
            AppendRow(row);
        }

        return text.Append("\\bottomrule\n\\end{tabular}\n").ToString();

        void AppendRow(IReadOnlyList<string> cells) =>
            text.AppendJoin(" & ", cells.Select(Latex).Select((cell, i) => i < Names ? cell : WithMinus(cell))).Append(" \\\\\n");
    }

    // LaTeX sets a hyphen as a hyphen. A minus stands before a number, or between the two names whose difference a column holds.
    private static string WithMinus(string cell) => Minus().Replace(cell, "$$-$$");

    [GeneratedRegex(@"(?<![^ \[])-(?=\d)|(?<= )-(?= )")]
    private static partial Regex Minus();

    // What has a meaning to LaTeX stands as itself.
    private static string Latex(string cell)
    {
        StringBuilder text = new();
        foreach (char c in PrintableText.Of(cell))
        {
            text.Append(c switch
            {
                '\\' => "\\textbackslash{}",
                '~' => "\\textasciitilde{}",
                '^' => "\\textasciicircum{}",
                '<' => "$<$",
                '>' => "$>$",
                '&' or '%' or '$' or '#' or '_' or '{' or '}' => $"\\{c}",
                _ => c.ToString(),
            });
        }

        return text.ToString();
    }
}
