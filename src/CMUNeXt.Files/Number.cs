using System.Globalization;
using System.Numerics;

namespace CMUNeXt.Files;

/// <summary>
/// How a number stands in text, typed by a person or held by a file: ASCII digits, with a point and an exponent where it is no whole one,
/// and a minus sign where it is negative. A comma is never read as a thousands separator, and what is infinite or no number is none.
/// </summary>
public static class Number
{
    /// <summary>Reads a number.</summary>
    /// <returns>False where the text is no number, or one that the type cannot hold.</returns>
    public static bool TryParse<T>(ReadOnlySpan<char> text, out T value)
        where T : struct, INumber<T>
    {
        // A whole number is one that has no half.
        bool isWhole = T.One / (T.One + T.One) == T.Zero;
        NumberStyles style = isWhole
            ? NumberStyles.AllowLeadingSign
            : NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        value = default;

        // The framework reads a plus sign, and passes over zeros at the end that are no digits but the character NUL.
        return text is not (['+', ..] or [.., '\0'])
            && T.TryParse(text, style, CultureInfo.InvariantCulture, out value)
            && T.IsFinite(value);
    }
}
