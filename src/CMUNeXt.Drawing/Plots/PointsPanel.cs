namespace CMUNeXt.Drawing.Plots;

/// <summary>One panel of named points over an axis of powers of ten.</summary>
/// <param name="Title">What stands above the panel.</param>
/// <param name="XLabel">What the horizontal axis shows.</param>
/// <param name="YLabel">What the vertical axis shows.</param>
/// <param name="Points">
/// The points. One that is not finite is left out, and its color with it, so that panels of the same names have the same colors.
/// </param>
public sealed record PointsPanel(string Title, string XLabel, string YLabel, IReadOnlyList<NamedPoint> Points);

/// <summary>A point with its name beside it.</summary>
/// <param name="Name">What it is.</param>
/// <param name="X">The abscissa, above 0.</param>
/// <param name="Y">The ordinate.</param>
/// <param name="StandardDeviation">Drawn as a line up and down; null draws none.</param>
public sealed record NamedPoint(string Name, double X, double Y, double? StandardDeviation = null);
