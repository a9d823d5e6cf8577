using System.Globalization;
using CMUNeXt.Files;

namespace CMUNeXt.Cli;

/// <summary>A table with commas between its values: each column's name beside what stands in it.</summary>
/// <param name="columns">The columns, in order.</param>
internal sealed class CsvColumns<TRow>(params IReadOnlyList<CsvColumn<TRow>> columns)
{
    /// <summary>The first line, with its end.</summary>
    public string Header => string.Join(',', columns.Select(static column => column.Name)) + "\n";

    /// <summary>The line of a row, with its end.</summary>
    public string LineOf(TRow row) =>
        string.Join(',', columns.Select(column => TextOf(column.Value(row), column.Format))) + "\n";

    /// <summary>The whole table.</summary>
    public string TableOf(IEnumerable<TRow> rows) => Header + string.Concat(rows.Select(LineOf));

    private static string TextOf(object? value, string format) => value switch
    {
        null => "",
        double number => number.ToString(format, CultureInfo.InvariantCulture),
        string text => CsvField.Of(text),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}

/// <summary>A column of a table.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">What stands in it: a text, a number, or nothing where it is null.</param>
/// <param name="Format">The digits of a number that is not whole.</param>
internal sealed record CsvColumn<TRow>(string Name, Func<TRow, object?> Value, string Format = "0.####");
