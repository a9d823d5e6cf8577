namespace CMUNeXt.Drawing.Plots;

/// <summary>One curve of a panel.</summary>
/// <param name="Name">What the legend calls it.</param>
/// <param name="Xs">The abscissas, for example epochs.</param>
/// <param name="Ys">As many ordinates; those that are not finite leave a gap.</param>
public sealed record CurvesSeries(string Name, IReadOnlyList<double> Xs, IReadOnlyList<double> Ys);
