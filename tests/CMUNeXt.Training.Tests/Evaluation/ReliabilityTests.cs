using System.Xml.Linq;
using CMUNeXt.Numerics;
using CMUNeXt.Training.Evaluation;

namespace CMUNeXt.Training.Tests.Evaluation;

public sealed class ReliabilityTests
{
    [Fact]
    public void The_error_is_the_mean_distance_over_bins_of_equally_many_lesions()
    {
        // In rising order two lesions to each of five bins; mean confidence and fraction right:
        // 0.1 and 0, 0.3 and 0.5, 0.5 and 0.5, 0.7 and 1, 0.9 and 1.
        (double, bool)[] lesions =
        [
            (0.9, true), (0.9, true), (0.1, false), (0.1, false), (0.25, false), (0.35, true), (0.5, true), (0.5, false), (0.7, true),
            (0.7, true),
        ];
        Reliability found = Reliability.Of(lesions);
        Assert.Equal((0.1 + 0.2 + 0 + 0.3 + 0.1) / 5, found.ExpectedCalibrationError, 1e-12);
        Assert.Equal([2, 2, 2, 2, 2], found.Bins.Select(bin => bin.Lesions));
        Assert.Equal([0, 0.5, 0.5, 1, 1], found.Bins.Select(bin => bin.FractionRight));
        Assert.Equal((0.25, 0.35), (found.Bins[1].LeastConfidence, found.Bins[1].MostConfidence));
        Assert.Equal(0.3, found.Bins[1].MeanConfidence, 1e-12);
    }

    [Fact]
    public void Calibrated_confidences_show_about_the_error_of_chance_and_others_more()
    {
        RandomSequence random = new(8, "lesions");
        List<(double Confidence, bool Right)> calibrated = [];
        for (int i = 0; i < 5000; i++)
        {
            double p = random.NextDouble();
            calibrated.Add((p, random.NextDouble() < p));
        }

        Reliability good = Reliability.Of(calibrated);
        Assert.InRange(good.ExpectedCalibrationError, 0, 1.5 * good.ByChance95);
        Reliability bad = Reliability.Of([.. calibrated.Select(lesion => (Math.Sqrt(lesion.Confidence), lesion.Right))]);
        Assert.True(bad.ExpectedCalibrationError > 3 * bad.ByChance95, $"{bad.ExpectedCalibrationError} and {bad.ByChance95}");
    }

    [Fact]
    public void Chance_is_what_the_binomial_distribution_says()
    {
        // All confidences 1/2, 100 lesions in 5 bins of 20: the mean of |k / 20 - 1 / 2| over k of 20 fair coins is C(20, 10) / 2^21.
        Reliability found = Reliability.Of([.. Enumerable.Range(0, 100).Select(i => (0.5, i % 2 == 0))]);
        Assert.Equal(184756.0 / (1 << 21), found.ByChance, 0.003);
        Assert.InRange(found.ByChance95, found.ByChance, 0.2);
    }

    [Fact]
    public void One_lesion_is_enough_and_none_is_not()
    {
        Assert.Equal(0.25, Reliability.Of([(0.75, true)]).ExpectedCalibrationError, 1e-12);
        Assert.Throws<ArgumentException>(() => Reliability.Of([]));
    }

    [Fact]
    public void The_diagram_is_a_image_with_a_point_for_each_bin()
    {
        Reliability found = Reliability.Of([.. Enumerable.Range(0, 50).Select(i => (i / 50.0, i > 20))]);
        XElement svg = XElement.Parse(ReliabilityDiagram.Svg([("one & only", found)]));
        Assert.Equal(found.Bins.Count, svg.Descendants().Count(e => e.Name.LocalName == "title"));
        Assert.Contains(svg.Descendants(), e => e.Name.LocalName == "text" && e.Value == "one & only");
    }
}
