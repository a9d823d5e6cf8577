using CMUNeXt.Imaging.Fonts;

using SkiaSharp;

namespace CMUNeXt.Imaging.Overlays;

/// <summary>The strip below an overlay that says what its lines are; entries go on to a new row where the width is used up.</summary>
internal sealed class OverlayLegend
{
    private readonly List<(string Text, SKColor Colour, bool Dashed, float X, int Row)> entries = [];
    private readonly float fontSize;
    private readonly float stroke;
    private readonly float rowHeight;

    private OverlayLegend(float fontSize, float stroke)
    {
        this.fontSize = fontSize;
        this.stroke = stroke;
        rowHeight = fontSize * 1.7f;
    }

    /// <summary>The strip's height in pixels.</summary>
    public int Height { get; private set; }

    private float SampleWidth => 18 * stroke;

    public static OverlayLegend? Create(int width, float stroke, int classes, IReadOnlyList<string> names, bool truth, bool prediction)
    {
        if (!truth && !prediction)
        {
            return null;
        }

        OverlayLegend legend = new(Math.Clamp(width / 32f, 9f, 60f), stroke);
        List<(string, SKColor, bool)> lines = [];
        bool both = truth && prediction;
        if (classes == 1)
        {
            if (truth)
            {
                lines.Add(("truth", OverlayColours.Truth, false));
            }

            if (prediction)
            {
                lines.Add(("prediction", OverlayColours.Prediction, both));
            }
        }
        else
        {
            for (int label = 1; label <= classes; label++)
            {
                lines.Add((label <= names.Count ? names[label - 1] : $"class {label}", OverlayColours.OfClass(label), false));
            }

            if (both)
            {
                lines.Add(("truth", SKColors.White, false));
                lines.Add(("prediction", SKColors.White, true));
            }
        }

        legend.Arrange(lines, width);
        return legend;
    }

    /// <summary>Draws the strip from a row of the canvas on.</summary>
    public void Draw(SKCanvas canvas, int top)
    {
        using SKFont font = new(EmbeddedFont.Typeface, fontSize);
        using SKPaint paint = new() { IsAntialias = true, Color = SKColors.White };
        foreach ((string text, SKColor colour, bool dashed, float x, int row) in entries)
        {
            float middle = top + (rowHeight * (row + 0.5f));
            using SKPath line = new();
            line.MoveTo(x, middle);
            line.LineTo(x + SampleWidth, middle);
            Overlay.Stroke(canvas, line, colour, stroke, dashed);
            canvas.DrawText(text, x + SampleWidth + (fontSize / 2), middle + (fontSize * 0.36f), font, paint);
        }
    }

    private void Arrange(List<(string Text, SKColor Colour, bool Dashed)> lines, int width)
    {
        using SKFont font = new(EmbeddedFont.Typeface, fontSize);
        float margin = fontSize / 2;
        float x = margin;
        int row = 0;
        foreach ((string text, SKColor colour, bool dashed) in lines)
        {
            float length = SampleWidth + (fontSize / 2) + font.MeasureText(text);
            if (x > margin && x + length > width - margin)
            {
                x = margin;
                row++;
            }

            entries.Add((text, colour, dashed, x, row));
            x += length + (1.5f * fontSize);
        }

        Height = (int)MathF.Ceiling((row + 1) * rowHeight);
    }
}
