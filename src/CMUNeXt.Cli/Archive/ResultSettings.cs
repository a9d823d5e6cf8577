using System.Globalization;

namespace CMUNeXt.Cli.Archive;

/// <summary>What of the command line changes a result, in words that stand in it.</summary>
internal static class ResultSettings
{
    public static string Of(int minimumArea, bool largestOnly)
    {
        string area = minimumArea > 0 ? string.Create(CultureInfo.InvariantCulture, $"minimum area {minimumArea}") : "";
        string largest = largestOnly ? "largest only" : "";
        return string.Join(", ", new[] { area, largest }.Where(static part => part.Length > 0));
    }
}
