using CMUNeXt.Training.Calibration;

namespace CMUNeXt.Training.Tests.Calibration;

public class PresenceReportTests
{
    [Fact]
    public void The_threshold_is_fitted_to_healthy_cases_and_judged_on_the_other_half()
    {
        // Healthy: 1 to 40; with a lesion: 31 to 50.
        CalibrationCase[] healthy = [.. Enumerable.Range(1, 40).Select(i => Case(i, isHealthy: true))];
        CalibrationCase[] lesions = [.. Enumerable.Range(31, 20).Select(i => Case(i, isHealthy: false))];

        PresenceReport report = PresenceReport.Fit(
            [.. healthy, .. lesions], [[.. healthy[..20], .. lesions], healthy[20..]], 0.9)!;

        Assert.Equal(
            (36.0, 0.9, 40, 0.7),
            (report.Threshold.Score, report.Threshold.Specificity, report.Threshold.HealthyImages, report.Threshold.Sensitivity));
        Assert.Equal(36, report.HealthyAtOrBelow);

        // Of 800 pairs those of 31 to 40 are shared: 10 ties, 45 in the wrong order.
        Assert.Equal((800 - 45 - 5) / 800.0, report.RocArea!.Value, 12);

        // 18 of the lower half is below all of the upper; 38 of the upper is above all of the lower.
        Assert.Equal([0, 1], report.SpecificityOnOtherHalf);
    }

    [Fact]
    public void Too_few_healthy_cases_give_no_threshold()
    {
        CalibrationCase[] cases = [.. Enumerable.Range(1, PresenceReport.LeastHealthy - 1).Select(i => Case(i, isHealthy: true)),
            Case(99, isHealthy: false)];

        Assert.Null(PresenceReport.Fit(cases, [cases, cases], 0.95));
    }

    [Fact]
    public void A_case_whose_only_lesion_is_ignored_is_neither_healthy_nor_with_a_lesion()
    {
        CalibrationCase[] cases =
            [.. Enumerable.Range(1, PresenceReport.LeastHealthy).Select(i => Case(i, isHealthy: true)), Case(99, isHealthy: false)];
        PresenceReport known = PresenceReport.Fit(cases, [cases, cases], 0.95)!;
        CalibrationCase[] all = [.. cases, Case(1000, isHealthy: null), Case(-1000, isHealthy: null)];
        PresenceReport report = PresenceReport.Fit(all, [all, all], 0.95)!;
        Assert.Equal((known.Threshold, known.RocArea), (report.Threshold, report.RocArea));
        Assert.Equal(known.SpecificityOnOtherHalf, report.SpecificityOnOtherHalf);
    }

    private static CalibrationCase Case(double presence, bool? isHealthy) => new("any", [], null, presence, isHealthy);
}
