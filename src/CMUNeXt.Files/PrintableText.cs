using System.Buffers;
using System.Globalization;
using System.Text;

namespace CMUNeXt.Files;

/// <summary>Text from outside, such as the name of a file, made fit for a line that a person reads.</summary>
public static class PrintableText
{
    // Control characters, the two line ends of Unicode, the marks that turn the direction of what follows, and the byte order mark.
    private static readonly SearchValues<char> Hidden = SearchValues.Create(
        string.Concat(Enumerable.Range(0, 0x20).Concat(Enumerable.Range(0x7f, 0x21)).Select(static code => (char)code))
        + "\u061c\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff");

    /// <summary>The text with what does not show itself, and halves of characters, written as <c>\u001b</c>.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="kept">Characters that stay nevertheless, such as line ends.</param>
    public static string Of(string text, string kept = "")
    {
        StringBuilder shown = new(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            char character = text[i];
            if (char.IsHighSurrogate(character) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                shown.Append(character).Append(text[++i]);
            }
            else if ((Hidden.Contains(character) || char.IsSurrogate(character)) && !kept.Contains(character))
            {
                shown.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
            }
            else
            {
                shown.Append(character);
            }
        }

        return shown.ToString();
    }
}
