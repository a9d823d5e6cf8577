namespace CMUNeXt.Drawing.Plots;

/// <summary>One panel of grouped bars.</summary>
/// <param name="Title">What stands above the panel.</param>
/// <param name="YLabel">What the vertical axis shows.</param>
/// <param name="Groups">The names of the groups, from the left; lines are parted by <c>\n</c>.</param>
/// <param name="Series">The bars of a group, from the left.</param>
public sealed record BarsPanel(string Title, string YLabel, IReadOnlyList<string> Groups, IReadOnlyList<BarsSeries> Series);

/// <summary>The bars of one color.</summary>
/// <param name="Name">What the legend calls them.</param>
/// <param name="Bars">One for each group; null leaves its place empty.</param>
public sealed record BarsSeries(string Name, IReadOnlyList<Bar?> Bars);

/// <summary>A bar with the spread that is drawn as a line over its end.</summary>
public sealed record Bar(double Height, double Least, double Most);
