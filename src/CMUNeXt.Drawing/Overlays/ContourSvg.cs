using System.Globalization;
using CMUNeXt.Masks;

using SkiaSharp;

namespace CMUNeXt.Drawing.Overlays;

/// <summary>The contours of a mask as an SVG document.</summary>
public static class ContourSvg
{
    /// <summary>Draws the contours of each class, holes included, as a path of its own.</summary>
    /// <param name="mask">The mask; 0 is background.</param>
    /// <returns>A document of the mask's size in pixels, transparent where there is no contour, to lie over the image.</returns>
    public static string Of(Mask mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        byte[] labels = [.. mask.Pixels.Distinct().Where(static label => label > 0).Order()];
        IEnumerable<string> paths = labels.Select(label =>
        {
            using SKPath contour = MaskContour.Trace(mask, label);
            SKColor color = labels is [1] ? OverlayColors.Prediction : OverlayColors.OfClass(label);
            return $"""<path d="{contour.ToSvgPathData()}" stroke="#{color.Red:x2}{color.Green:x2}{color.Blue:x2}"/>""";
        });
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""<svg xmlns="http://www.w3.org/2000/svg" width="{mask.Width}" height="{mask.Height}" """
            + $"""viewBox="0 0 {mask.Width} {mask.Height}" """
            + $"""fill="none" stroke-width="2">{string.Concat(paths)}</svg>""");
    }
}
