namespace CMUNeXt.Files;

/// <summary>A field of a table of values with commas between them (RFC 4180).</summary>
internal static class CsvField
{
    /// <summary>The text as it stands in the table: in quotation marks where it would break the row.</summary>
    public static string Of(string text) =>
        text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
