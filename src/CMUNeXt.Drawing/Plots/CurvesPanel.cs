namespace CMUNeXt.Drawing.Plots;

/// <summary>One panel of a plot of curves.</summary>
/// <param name="Title">What stands above the panel.</param>
/// <param name="YLabel">What the vertical axis shows.</param>
/// <param name="Series">The curves.</param>
/// <param name="XLabel">What the horizontal axis shows.</param>
public sealed record CurvesPanel(string Title, string YLabel, IReadOnlyList<CurvesSeries> Series, string XLabel = "epoch");
