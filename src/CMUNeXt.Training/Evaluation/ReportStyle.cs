namespace CMUNeXt.Training.Evaluation;

/// <summary>The style sheet and the script of a report, which stand in the page itself: <c>report.css</c> and <c>report.js</c>.</summary>
internal static class ReportStyle
{
    /// <summary>The style sheet.</summary>
    public static string Css { get; } = Read("report.css");

    /// <summary>Sorts the table of cases by the column that is clicked; undefined values stay at the end.</summary>
    public static string Script { get; } = Read("report.js");

    private static string Read(string name)
    {
        using StreamReader reader = new(typeof(ReportStyle).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd().TrimEnd();
    }
}
