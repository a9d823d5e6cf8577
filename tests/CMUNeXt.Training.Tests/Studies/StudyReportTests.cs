using CMUNeXt.Training.Evaluation;
using CMUNeXt.Training.Studies;
using CMUNeXt.Training.Tests.Evaluation;

namespace CMUNeXt.Training.Tests.Studies;

public sealed class StudyReportTests
{
    [Fact]
    public void Overlaps_are_of_the_images_that_hold_the_class_and_what_is_found_in_others_is_counted_beside()
    {
        EvaluationSummary summary = Results.Summarize(
            Results.Info("benign", "malignant"),
            [
                Results.Drawn("a", "11..", "11..", classes: 2),
                Results.Drawn("b", "22..", "2...", classes: 2),
                Results.Drawn("c", "22..", "11..", classes: 2),
                Results.Drawn("d", "....", "1...", classes: 2),
            ]);
        StudyEvaluation evaluation = new("arm", [41], Flips: false, "study/evaluations/arm-seed41");
        IReadOnlyList<IReadOnlyList<string>> rows = StudyReport.Table([(evaluation, summary)]).Rows;
        Assert.Equal(["arm-seed41", "benign", "1", "100.00", "100.00", "0.00", "0", "2 of 3"], rows[0]);
        Assert.Equal(["arm-seed41", "malignant", "2"], rows[1].Take(3));
        Assert.StartsWith("25.00 [", rows[1][3], StringComparison.Ordinal);
        Assert.Equal(["1", "0 of 2"], rows[1].TakeLast(2));

        // One of two malignant lesions is missed, and has no distance.
        Assert.EndsWith("(1)", rows[1][5], StringComparison.Ordinal);
        Assert.DoesNotContain("(", rows[1][3] + rows[1][4], StringComparison.Ordinal);
    }
}
