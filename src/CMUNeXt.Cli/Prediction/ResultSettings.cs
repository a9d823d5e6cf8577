using System.Globalization;
using CMUNeXt.Images;

namespace CMUNeXt.Cli.Prediction;

/// <summary>What of the command line changes a result, in words that stand in it.</summary>
internal static class ResultSettings
{
    /// <param name="minimumArea">Lesions of fewer pixels are left out.</param>
    /// <param name="largestOnly">Only the largest lesion of each class is kept.</param>
    /// <param name="all">Lesions are outlined in images too that are taken for healthy.</param>
    /// <param name="cropToRegion">Only the part that shows tissue is looked at.</param>
    /// <param name="flips">The mean of the image's flips is taken.</param>
    /// <param name="input">How an image becomes the network's input.</param>
    public static string Of(int minimumArea, bool largestOnly, bool all, bool cropToRegion, bool flips, Preprocessing input)
    {
        string area = minimumArea > 0 ? string.Create(CultureInfo.InvariantCulture, $"minimum area {minimumArea}") : "";
        string largest = largestOnly ? "largest only" : "";
        string healthy = all ? "healthy images too" : "";
        string region = cropToRegion ? "cropped to region" : "";
        string mean = flips ? "mean of flips" : "";
        return string.Join(", ", new[] { Describe(input), area, largest, healthy, region, mean }.Where(static part => part.Length > 0));
    }

    private static string Describe(Preprocessing input)
    {
        string Numbers(IEnumerable<double> values) =>
            string.Join(' ', values.Select(static value => value.ToString(CultureInfo.InvariantCulture)));
        return $"input {input.Width} x {input.Height} {input.Order}, mean {Numbers(input.Mean)}, std {Numbers(input.StandardDeviation)}, "
            + $"scale {Numbers([input.Divisor])}";
    }
}
