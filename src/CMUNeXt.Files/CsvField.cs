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
        string safe = shown.Length > 0 && BeginsFormula.Contains(shown[0]) ? "'" + shown : shown;
        return safe.AsSpan().IndexOfAny(",\"") < 0 ? safe : $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
