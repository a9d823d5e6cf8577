using CMUNeXt.Masks;
using CMUNeXt.Training.Evaluation;
using CMUNeXt.Training.Metrics;

namespace CMUNeXt.Training.Tests.Evaluation;

public class PresenceSummaryTests
{
    [Fact]
    public void The_area_under_the_curve_is_the_part_of_pairs_in_order()
    {
        Random random = new(1);
        double[] negatives = [.. Enumerable.Range(0, 53).Select(_ => (double)random.Next(20))];
        double[] positives = [.. Enumerable.Range(0, 71).Select(_ => (double)random.Next(6, 26))];
        double pairs = negatives.Sum(n => positives.Sum(p => p > n ? 1 : p == n ? 0.5 : 0)) / (negatives.Length * positives.Length);

        Assert.Equal(pairs, RocCurve.Area(negatives, positives), 12);

        // The trapezoids under the corners are the same area.
        IReadOnlyList<CurvePoint> points = RocCurve.Points(negatives, positives);
        Assert.Equal(pairs, points.Zip(points.Skip(1), (a, b) => (b.X - a.X) * (a.Y + b.Y) / 2).Sum(), 12);
        Assert.Equal(new CurvePoint(1, 1), points[^1]);
    }

    [Fact]
    public void The_threshold_leaves_the_stated_part_of_healthy_images_at_or_below_it()
    {
        double[] negatives = [.. Enumerable.Range(1, 20).Select(i => (double)i)];

        Assert.Equal(19, RocCurve.Threshold(negatives, 0.95));
        Assert.Equal(18, RocCurve.Threshold(negatives, 0.9));
        Assert.Equal(20, RocCurve.Threshold(negatives, 0.951));
        Assert.Equal(2.0 / 3, RocCurve.Sensitivity(negatives, [19, 19.5, 30], 0.95), 12);
    }

    [Fact]
    public void Sensitivity_is_told_at_90_and_at_95_percent_specificity()
    {
        // 18 and 19 of the 20 healthy images are at or below 18 and 19; four and two of the five others are above.
        double[] lesions = [18, 18.5, 19, 19.5, 30];
        PresenceSummary presence = PresenceSummary.Of(
            Info,
            [
                .. Enumerable.Range(1, 20).Select(score => Case(0) with { Presence = score }),
                .. lesions.Select(score => Case(1) with { Presence = score }),
            ],
            haveConfidences: true)!;

        Assert.Equal((0.8, 0.4), (presence.SensitivityAt90, presence.SensitivityAt95));
    }

    // Newcombe, "Two-sided confidence intervals for the single proportion" (1998), table I: 81/263, 15/148, 0/20, 1/29.
    [Theory]
    [InlineData(81, 263, 0.2553, 0.3662)]
    [InlineData(15, 148, 0.0624, 0.1605)]
    [InlineData(0, 20, 0.0000, 0.1611)]
    [InlineData(1, 29, 0.0061, 0.1718)]
    public void The_interval_is_Wilsons(int count, int of, double low, double high)
    {
        WilsonInterval interval = WilsonInterval.From(count, of);

        Assert.Equal((low, high), (Math.Round(interval.Low, 4), Math.Round(interval.High, 4)));
    }

    [Fact]
    public void FROC_counts_each_lesion_once_and_ties_together()
    {
        CaseResult[] cases =
        [
            Case(2, (0.9, 0.6, 0), (0.7, 0.2, 1), (0.6, 0.3, 0)),
            Case(1, (0.8, 0.05, 0)),
            Case(0, (0.8, 0, null), (0.3, 0, null)),
            Case(0),
        ];

        FrocCurve loose = FrocCurve.Of(cases, 0.1)!;
        FrocCurve strict = FrocCurve.Of(cases, 0.5)!;

        // Falling scores: a hit; two false positives at 0.8; a hit; a second hit of the first lesion; a false positive.
        Assert.Equal(
            [new(0, 0), new(0, 1 / 3.0), new(0.5, 1 / 3.0), new(0.5, 2 / 3.0), new(0.5, 2 / 3.0), new(0.75, 2 / 3.0)], loose.Points);
        Assert.Equal([1 / 3.0, 1 / 3.0, 2 / 3.0, 2 / 3.0], loose.Sensitivity);
        Assert.Equal(
            [new(0, 0), new(0, 1 / 3.0), new(0.5, 1 / 3.0), new(0.75, 1 / 3.0), new(1, 1 / 3.0), new(1.25, 1 / 3.0)], strict.Points);
        Assert.Null(FrocCurve.Of([Case(0)], 0.1));
    }

    [Fact]
    public void The_summary_counts_healthy_images_and_missed_lesions()
    {
        CaseResult[] cases =
        [
            Case(1, (0.9, 0.6, 0)) with { Presence = 4 },
            Case(2, (0.9, 0.05, 0), (0.6, 0.7, 1)) with { Presence = 1 },
            Case(0, (0.8, 0, null), (0.4, 0, null)) with { Presence = 2 },
            Case(0) with { Presence = -3 },
        ];

        PresenceSummary presence = PresenceSummary.Of(Info, cases, haveConfidences: true)!;

        Assert.Equal((2, 2), (presence.Healthy, presence.WithLesion));
        Assert.Equal(0.75, presence.RocArea);
        Assert.Equal(0.5, presence.SensitivityAt95);
        Assert.Equal((1, 2), (presence.FalsePositiveImages!.Count, presence.FalsePositiveImages.Of));
        Assert.Equal(1, presence.ConfidentFalsePositiveImages!.Count);
        Assert.Equal(1, presence.FalsePositivesAHealthyImage);
        Assert.Equal(0.5, presence.FalsePositivesALesionImage);
        Assert.Equal([0, 1, 0], presence.MissedBySize.Select(m => m.Missed.Count));
        Assert.Null(PresenceSummary.Of(Info, [Case(1) with { Presence = null }], haveConfidences: true));

        // What is not found has no confidence, whatever the weights have.
        Assert.Equal(0, PresenceSummary.Of(Info, [Case(0), Case(0)], haveConfidences: true)!.ConfidentFalsePositiveImages!.Count);
        Assert.Null(PresenceSummary.Of(Info, [Case(0), Case(0)], haveConfidences: false)!.ConfidentFalsePositiveImages);
    }

    [Fact]
    public void An_image_whose_only_lesion_is_ignored_has_no_part_in_it()
    {
        CaseResult[] cases = [Case(1, (0.9, 0.6, 0)) with { Presence = 4 }, Case(0) with { Presence = -3 }];
        PresenceSummary known = PresenceSummary.Of(Info, cases, haveConfidences: true)!;
        PresenceSummary all = PresenceSummary.Of(
            Info, [.. cases, Case(0, (0.95, 0, null)) with { Presence = 9, HasIgnored = true }], haveConfidences: true)!;
        Assert.Equal((1, 1, 1.0), (all.Healthy, all.WithLesion, all.RocArea));
        Assert.Equal((0, 1), (all.FalsePositiveImages!.Count, all.FalsePositiveImages.Of));
        Assert.Equal(known.Froc.SelectMany(curve => curve.Points), all.Froc.SelectMany(curve => curve.Points));
    }

    private static EvaluationInfo Info => new() { Data = "data", List = "list", Classes = ["lesion"] };

    // Lesions of the reference cover 1, 2, ... % of the image; found ones are (confidence, IoU, reference).
    private static CaseResult Case(int references, params (double Confidence, double Iou, int? Reference)[] found) => new(
        $"case {references}", SegmentationMetrics.OfClasses(new Mask(1, 1, [0]), new Mask(1, 1, [0]), 1))
    {
        Presence = 0,
        References = [.. Enumerable.Range(1, references).Select(i => new ReferenceLesion(1, references == 1 ? 0.005 : i / 100.0))],
        Lesions = [.. found.Select(f => new LesionResult(1, 10, 1, f.Confidence, f.Iou, f.Confidence) { Reference = f.Reference })],
    };
}
