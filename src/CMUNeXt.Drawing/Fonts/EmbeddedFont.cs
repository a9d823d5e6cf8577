using SkiaSharp;

namespace CMUNeXt.Drawing.Fonts;

/// <summary>
/// The font of everything that is drawn: it comes with the program, so that text looks the same everywhere and is not missing on
/// machines without fonts, as containers are.
/// </summary>
internal static class EmbeddedFont
{
    /// <summary>The name under which plots know it.</summary>
    public const string Name = "CMUNeXt embedded";

    private static readonly Lazy<SKTypeface> Loaded = new(Load);

    /// <summary>The font; not to be disposed of.</summary>
    public static SKTypeface Typeface => Loaded.Value;

    /// <summary>A copy of the font for those who dispose of it.</summary>
    public static SKTypeface Load()
    {
        using Stream resource = typeof(EmbeddedFont).Assembly.GetManifestResourceStream("DejaVuSans.ttf")
            ?? throw new InvalidOperationException("The embedded font is missing from the program.");
        return SKTypeface.FromStream(resource) ?? throw new InvalidOperationException("The embedded font cannot be read.");
    }
}
