namespace CMUNeXt.Imaging.Overlays;

/// <summary>How an overlay is drawn.</summary>
public sealed record OverlayOptions
{
    /// <summary>The opacity, in [0, 1], of the colour that fills the prediction; 0 draws the outline alone.</summary>
    public double Tint { get; init; }

    /// <summary>Adds a strip below the picture that says what the lines are; the result is then higher than the picture.</summary>
    public bool Legend { get; init; }

    /// <summary>The names of classes 1, 2, ... in the legend; "class 1" and so on where there is none. Not used with one class.</summary>
    public IReadOnlyList<string> ClassNames { get; init; } = [];

    /// <summary>Texts on the picture.</summary>
    public IReadOnlyList<OverlayLabel> Labels { get; init; } = [];
}
