namespace CMUNeXt.Files;

/// <summary>A text in a table of values with commas between them (RFC 4180).</summary>
public static class CsvField
{
    // The wide forms are formulas to some spreadsheets too.
    private const string BeginsFormula = "=+-@\uff1d\uff0b\uff0d\uff20";

    /// <summary>
    /// The text as it stands in the table: its control characters as <c>\u001b</c>, behind an apostrophe where a spreadsheet would take it
    /// for a formula, and in quotation marks where it would break the row.
    /// </summary>
    public static string Of(string text)
    {
        string shown = PrintableText.Of(text);
        return Quoted(IsFormula(shown) ? "'" + shown : shown);
    }

    /// <summary>
    /// A field of a table that this program wrote, without the apostrophe that kept a spreadsheet from taking it for a formula.
    /// </summary>
    /// <param name="field">The field, out of its quotation marks.</param>
    public static string Read(string field) => field.StartsWith('\'') && IsFormula(field) ? field[1..] : field;

    /// <summary>A number, perhaps with its interval, as it stands in the table: it may be negative, and is no formula.</summary>
    /// <param name="number">What this program made of numbers.</param>
    public static string OfNumber(string number) => Quoted(PrintableText.Of(number));

    // With the apostrophes of its own before it, which would else be taken for that of the table.
    private static bool IsFormula(string text) => text.TrimStart('\'') is [var first, ..] && BeginsFormula.Contains(first);

    private static string Quoted(string text) =>
        text.AsSpan().IndexOfAny(",\"") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
