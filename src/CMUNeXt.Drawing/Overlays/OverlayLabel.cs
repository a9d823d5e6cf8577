using CMUNeXt.Masks;

namespace CMUNeXt.Drawing.Overlays;

/// <summary>A text on an overlay, for example the confidence of a lesion.</summary>
/// <param name="Text">The text, one line.</param>
/// <param name="X">The left end of the text, in pixels of the image; moved inwards where it would leave the image.</param>
/// <param name="Y">The lower end of the text, in pixels of the image; moved inwards likewise.</param>
public sealed record OverlayLabel(string Text, double X, double Y)
{
    /// <summary>The confidence of each lesion that has one, above the left end of its box: how sure its outline is, and not what it is.</summary>
    /// <param name="lesions">The lesions.</param>
    public static IReadOnlyList<OverlayLabel> OfConfidences(IEnumerable<Lesion> lesions) =>
    [
        .. lesions.Where(static lesion => lesion.Confidence is not null)
            .Select(static lesion => new OverlayLabel($"outline: {Math.Round(100 * lesion.Confidence!.Value)} %", lesion.Box.X, lesion.Box.Y)),
    ];
}
