namespace CMUNeXt.Drawing.Overlays;

/// <summary>How an overlay is drawn.</summary>
public sealed record OverlayOptions
{
    /// <summary>A <see cref="Tint"/> that shows where a lesion is and what is below it.</summary>
    public const double UsualTint = 0.15;

    /// <summary>The opacity, in [0, 1], of the color that fills the prediction; 0 draws the contour alone.</summary>
    public double Tint { get; init; }

    /// <summary>
    /// The number of classes: with one, reference and prediction have a color each, with several each class has. Null takes the largest
    /// that occurs.
    /// </summary>
    public int? Classes { get; init; }

    /// <summary>Texts on the image, the most important first: one that would cover an earlier one is left out.</summary>
    public IReadOnlyList<OverlayLabel> Labels { get; init; } = [];
}
