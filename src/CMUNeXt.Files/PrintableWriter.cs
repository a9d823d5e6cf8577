using System.Text;

namespace CMUNeXt.Files;

/// <summary>
/// A terminal's stream that text from outside cannot take over: control characters are written as <c>\u001b</c>, line ends and tabs as they
/// are.
/// </summary>
/// <param name="inner">Where it writes.</param>
public sealed class PrintableWriter(TextWriter inner) : TextWriter
{
    private static readonly string Kept = "\t" + Environment.NewLine;

    /// <inheritdoc/>
    public override Encoding Encoding => inner.Encoding;

    /// <inheritdoc/>
    public override void Write(char value) => Write($"{value}");

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    /// <inheritdoc/>
    public override void Write(string? value) => inner.Write(PrintableText.Of(value ?? "", Kept));

    /// <inheritdoc/>
    public override void WriteLine(string? value) => Write(value + Environment.NewLine);

    /// <inheritdoc/>
    public override void Flush() => inner.Flush();
}
