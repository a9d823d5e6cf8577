using SkiaSharp;

namespace CMUNeXt.Drawing.Overlays;

/// <summary>
/// Colors that people with any kind of color vision tell apart: those of Okabe and Ito (2002), made lighter where a dark ultrasound
/// image asks for it. Reference and prediction are also told apart by their strokes, solid and dashed.
/// </summary>
internal static class OverlayColors
{
    /// <summary>The reference where there is one class.</summary>
    public static SKColor Reference { get; } = new(0, 214, 150);

    /// <summary>The prediction where there is one class.</summary>
    public static SKColor Prediction { get; } = new(255, 130, 0);

    private static readonly SKColor[] Classes =
    [
        new(230, 159, 0), new(86, 180, 233), new(0, 190, 140), new(240, 228, 66), new(70, 130, 255), new(230, 100, 20), new(220, 140, 190),
    ];

    /// <summary>The color of a class, from 1, where there are several.</summary>
    public static SKColor OfClass(int label) => Classes[(label - 1) % Classes.Length];
}
