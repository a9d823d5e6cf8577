using CMUNeXt.Images;
using CMUNeXt.Masks;

using SkiaSharp;

namespace CMUNeXt.Drawing.Overlays;

/// <summary>
/// Draws the contours of lesions on their image: the reference solid, the prediction dashed, so that both show where they agree.
/// </summary>
public static class Overlay
{
    private static readonly SKColor Halo = new(0, 0, 0, 150);

    /// <summary>Draws an overlay.</summary>
    /// <param name="image">The image, gray or RGB.</param>
    /// <param name="reference">The reference mask, of the image's size, or null.</param>
    /// <param name="prediction">The predicted mask, of the image's size, or null.</param>
    /// <param name="options">How it is drawn; contours alone if not given.</param>
    /// <returns>An RGB image of the same size.</returns>
    /// <exception cref="ArgumentException">A mask is of another size than the image.</exception>
    public static Image Draw(Image image, Mask? reference, Mask? prediction, OverlayOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(image);
        options ??= new OverlayOptions();
        Check(image, reference, nameof(reference));
        Check(image, prediction, nameof(prediction));

        // Two pixels at 500, so that a line is as visible when a large image is shown small.
        float stroke = Math.Max(Math.Max(image.Width, image.Height) / 250f, 1.5f);
        int classes = options.Classes ?? Math.Max(1, Math.Max(Largest(reference), Largest(prediction)));
        using SKBitmap bitmap = Canvases.From(image);
        using (SKCanvas canvas = new(bitmap))
        {
            for (int label = 1; label <= classes; label++)
            {
                if (reference is not null)
                {
                    using SKPath contour = MaskContour.Trace(reference, (byte)label);
                    Stroke(canvas, contour, classes == 1 ? OverlayColors.Reference : OverlayColors.OfClass(label), stroke, dashed: false);
                }

                if (prediction is not null)
                {
                    using SKPath contour = MaskContour.Trace(prediction, (byte)label);
                    SKColor color = classes == 1 ? OverlayColors.Prediction : OverlayColors.OfClass(label);
                    Fill(canvas, contour, color, options.Tint);
                    Stroke(canvas, contour, color, stroke, dashed: reference is not null);
                }
            }

            List<SKRect> written = [];
            foreach (OverlayLabel label in options.Labels)
            {
                LabelBox.Write(canvas, label, image.Width, image.Height, written);
            }
        }

        return Canvases.ToImage(bitmap);
    }

    /// <summary>
    /// Draws what was found over its image, as <c>predict</c> does: contours, a tint, and what is known of each lesion; of the whole image,
    /// that it looks unlike those of the training, and that nothing was found in it.
    /// </summary>
    /// <param name="image">The image, gray or RGB.</param>
    /// <param name="mask">The mask, of the image's size.</param>
    /// <param name="lesions">The lesions of the mask.</param>
    /// <param name="classes">The number of classes that are not background, at least 1.</param>
    /// <param name="isUnlike">Whether the image looks unlike those that the weights were trained on.</param>
    /// <returns>An RGB image of the same size.</returns>
    /// <exception cref="ArgumentException">The mask is of another size than the image.</exception>
    public static Image DrawFound(Image image, Mask mask, IReadOnlyCollection<Lesion> lesions, int classes, bool isUnlike)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(mask);
        ArgumentNullException.ThrowIfNull(lesions);
        return Draw(image, null, mask, new OverlayOptions
        {
            Classes = classes,
            Tint = OverlayOptions.UsualTint,
            Labels = OverlayLabel.Of(lesions, image, isUnlike),
        });
    }

    // The dark edge keeps a line legible on bright tissue.
    private static void Stroke(SKCanvas canvas, SKPath path, SKColor color, float width, bool dashed)
    {
        using SKPathEffect? dashes = dashed ? SKPathEffect.CreateDash([4 * width, 3 * width], 0) : null;
        using SKPaint paint = new() { IsStroke = true, IsAntialias = true, StrokeJoin = SKStrokeJoin.Round, PathEffect = dashes };
        paint.Color = Halo;
        paint.StrokeWidth = width + 1.5f;
        canvas.DrawPath(path, paint);
        paint.Color = color;
        paint.StrokeWidth = width;
        canvas.DrawPath(path, paint);
    }

    private static void Fill(SKCanvas canvas, SKPath path, SKColor color, double opacity)
    {
        if (opacity > 0)
        {
            using SKPaint paint = new() { Color = color.WithAlpha((byte)Math.Round(Math.Min(opacity, 1) * 255)), IsAntialias = true };
            canvas.DrawPath(path, paint);
        }
    }

    private static int Largest(Mask? mask)
    {
        int largest = 0;
        foreach (byte label in mask?.Pixels ?? [])
        {
            largest = Math.Max(largest, label);
        }

        return largest;
    }

    private static void Check(Image image, Mask? mask, string name)
    {
        if (mask is not null && (mask.Width != image.Width || mask.Height != image.Height))
        {
            throw new ArgumentException(
                $"The mask is {mask.Width} x {mask.Height}, the image {image.Width} x {image.Height}.", name);
        }
    }
}
