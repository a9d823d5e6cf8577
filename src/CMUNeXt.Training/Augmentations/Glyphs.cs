namespace CMUNeXt.Training.Augmentations;

/// <summary>Letters and digits of 5 x 7 pixels, as devices write them on images.</summary>
internal static class Glyphs
{
    public const int Width = 5;
    public const int Height = 7;

    // Seven rows from the top; the highest of five bits is the left.
    private static readonly ulong[] Rows =
    [
        Of(0b01110, 0b10001, 0b10011, 0b10101, 0b11001, 0b10001, 0b01110), // 0
        Of(0b00100, 0b01100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110), // 1
        Of(0b01110, 0b10001, 0b00001, 0b00110, 0b01000, 0b10000, 0b11111), // 2
        Of(0b01110, 0b10001, 0b00001, 0b00110, 0b00001, 0b10001, 0b01110), // 3
        Of(0b00010, 0b00110, 0b01010, 0b10010, 0b11111, 0b00010, 0b00010), // 4
        Of(0b11111, 0b10000, 0b11110, 0b00001, 0b00001, 0b10001, 0b01110), // 5
        Of(0b01110, 0b10000, 0b11110, 0b10001, 0b10001, 0b10001, 0b01110), // 6
        Of(0b11111, 0b00001, 0b00010, 0b00100, 0b01000, 0b01000, 0b01000), // 7
        Of(0b01110, 0b10001, 0b10001, 0b01110, 0b10001, 0b10001, 0b01110), // 8
        Of(0b01110, 0b10001, 0b10001, 0b01111, 0b00001, 0b00001, 0b01110), // 9
        Of(0b01110, 0b10001, 0b10001, 0b11111, 0b10001, 0b10001, 0b10001), // A
        Of(0b11110, 0b10001, 0b10001, 0b11110, 0b10001, 0b10001, 0b11110), // B
        Of(0b01110, 0b10001, 0b10000, 0b10000, 0b10000, 0b10001, 0b01110), // C
        Of(0b11110, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b11110), // D
        Of(0b11111, 0b10000, 0b10000, 0b11110, 0b10000, 0b10000, 0b11111), // E
        Of(0b10001, 0b10001, 0b10001, 0b11111, 0b10001, 0b10001, 0b10001), // H
        Of(0b10000, 0b10000, 0b10000, 0b10000, 0b10000, 0b10000, 0b11111), // L
        Of(0b10001, 0b11011, 0b10101, 0b10101, 0b10001, 0b10001, 0b10001), // M
        Of(0b11110, 0b10001, 0b10001, 0b11110, 0b10100, 0b10010, 0b10001), // R
        Of(0b11111, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100), // T
        Of(0b00000, 0b00000, 0b11010, 0b10101, 0b10101, 0b10101, 0b10101), // m
        Of(0b00000, 0b00000, 0b00000, 0b00000, 0b00000, 0b01100, 0b01100), // .
    ];

    /// <summary>The number of glyphs.</summary>
    public static int Count => Rows.Length;

    /// <summary>Whether a pixel of a glyph is drawn.</summary>
    public static bool IsSet(int glyph, int column, int row) => ((Rows[glyph] >> ((5 * row) + (Width - 1 - column))) & 1) != 0;

    private static ulong Of(params ReadOnlySpan<ulong> rows)
    {
        ulong all = 0;
        for (int row = 0; row < Height; row++)
        {
            all |= rows[row] << (5 * row);
        }

        return all;
    }
}
