using System.Globalization;
using CMUNeXt.Images;
using CMUNeXt.Masks;

namespace CMUNeXt.Drawing.Overlays;

/// <summary>A text on an overlay, for example the confidence of a lesion.</summary>
/// <param name="Text">The text, one line.</param>
/// <param name="X">The left end of the text, in pixels of the image; moved inwards where it would leave the image.</param>
/// <param name="Y">The lower end of the text, in pixels of the image; moved inwards likewise.</param>
public sealed record OverlayLabel(string Text, double X, double Y)
{
    /// <summary>
    /// What is known of each lesion, above the left end of its box: how likely its contour is right (not what the lesion is), and its axes
    /// in millimeters. A lesion of which neither is known has no label, and none has one that is no finding (<see
    /// cref="Lesion.IsFinding"/>).
    /// </summary>
    /// <param name="lesions">The lesions.</param>
    public static IReadOnlyList<OverlayLabel> Of(IEnumerable<Lesion> lesions) =>
    [
        .. lesions.Where(static lesion => lesion.IsFinding)
            .Select(static lesion => new OverlayLabel(Describe(lesion), lesion.Box.X, lesion.Box.Y))
            .Where(static label => label.Text.Length > 0),
    ];

    /// <summary>
    /// What is known of each lesion, and of the whole image: at its upper end, that it looks unlike what the weights were trained on; at
    /// its lower end, that nothing was found in it.
    /// </summary>
    /// <param name="lesions">The lesions.</param>
    /// <param name="image">The image.</param>
    /// <param name="isUnlike">Whether it looks unlike the images of the training.</param>
    internal static IReadOnlyList<OverlayLabel> Of(IReadOnlyCollection<Lesion> lesions, Image image, bool isUnlike)
    {
        OverlayLabel[] unlike = isUnlike ? [new OverlayLabel("unlike the images of the training", 0, 0)] : [];
        OverlayLabel[] nothing = lesions.Any(static lesion => lesion.IsFinding)
            ? []
            : [new OverlayLabel("no finding, which is no diagnosis", 0, image.Height)];
        return [.. Of(lesions), .. unlike, .. nothing];
    }

    private static string Describe(Lesion lesion)
    {
        string?[] parts =
        [
            lesion.Confidence is { } confidence ? $"contour: {Math.Round(100 * confidence)} %" : null,
            lesion.LongAxisMm is { } length
                ? string.Create(CultureInfo.InvariantCulture, $"{length:0.0} x {lesion.ShortAxisMm:0.0} mm")
                : null,
        ];
        return string.Join(", ", parts.OfType<string>());
    }
}
