using CMUNeXt.Drawing.Fonts;

using SkiaSharp;

namespace CMUNeXt.Drawing.Overlays;

/// <summary>Writes labels on an overlay: white on a dark box, as large as the image asks for, and as small as its width does.</summary>
internal static class LabelBox
{
    // Smaller letters are not legible, and half a label says something wrong.
    private const float SmallestFont = 7;

    /// <summary>Writes a label whole, in several lines and smaller where the image is narrow; leaves out one that has no room.</summary>
    /// <param name="canvas">The overlay.</param>
    /// <param name="label">The label.</param>
    /// <param name="width">The overlay's width in pixels.</param>
    /// <param name="height">The overlay's height in pixels.</param>
    /// <param name="written">The boxes so far, none of which is covered.</param>
    public static void Write(SKCanvas canvas, OverlayLabel label, int width, int height, List<SKRect> written)
    {
        // A whole size: Skia keeps glyphs by size, and those of a folder's hundreds of sizes lie scattered over the C library's memory.
        using SKFont font = new(EmbeddedFont.Typeface, MathF.Round(Math.Max(Math.Max(width, height) / 32f, 10f)));
        string[] lines = [label.Text];
        if (Width(lines, font) > width)
        {
            lines = label.Text.Split(", ");
            font.Size = Math.Min(font.Size, font.Size * width / Width(lines, font));
        }

        float padding = font.Size / 4;
        float boxWidth = Width(lines, font);
        float boxHeight = (lines.Length * font.Size) + (2 * padding);
        float left = Math.Clamp((float)label.X, 0, Math.Max(0, width - boxWidth));
        float top = Math.Clamp((float)label.Y - boxHeight, 0, Math.Max(0, height - boxHeight));
        SKRect box = SKRect.Create(left, top, boxWidth, boxHeight);
        if (font.Size < SmallestFont || boxHeight > height || written.Exists(box.IntersectsWith))
        {
            return;
        }

        written.Add(box);
        using SKPaint paint = new() { IsAntialias = true, Color = new SKColor(0, 0, 0, 170) };
        canvas.DrawRoundRect(box, padding, padding, paint);
        paint.Color = SKColors.White;
        for (int i = 0; i < lines.Length; i++)
        {
            canvas.DrawText(lines[i], left + padding, top + padding + (font.Size * (i + 0.85f)), font, paint);
        }
    }

    private static float Width(string[] lines, SKFont font) => lines.Max(line => font.MeasureText(line)) + (font.Size / 2);
}
