using System.Xml.Linq;
using CMUNeXt.Training.Evaluation;

namespace CMUNeXt.Training.Tests.Evaluation;

public sealed class IouHistogramTests
{
    [Fact]
    public void Each_value_falls_into_its_bin()
    {
        int[] counts = IouHistogram.Count([0, 0.049, 0.05, 0.5, 0.999, 1]);
        Assert.Equal(20, counts.Length);
        Assert.Equal((2, 1, 1, 2), (counts[0], counts[1], counts[10], counts[19]));
        Assert.Equal(6, counts.Sum());
    }

    [Fact]
    public void Bars_are_as_high_as_their_counts()
    {
        XElement svg = XElement.Parse(IouHistogram.Svg([0.02, 0.02, 0.02, 0.02, 0.52, 0.52, 0.52, 1], 0.27));
        double[] heights = [.. svg.Elements("rect").Select(r => (double)r.Attribute("height")!)];
        Assert.Equal(20, heights.Length);
        Assert.Equal(4 * heights[19], heights[0], 1e-6);
        Assert.Equal(3 * heights[19], heights[10], 1e-6);
        Assert.Equal(heights[0] + heights[10] + heights[19], heights.Sum(), 1e-6);
        Assert.Contains(svg.Elements("text"), t => t.Value == "median 27.0");
    }
}
