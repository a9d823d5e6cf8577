using CMUNeXt.Training.Runs;

namespace CMUNeXt.Training.Tests.Runs;

public sealed class RunProgressTests
{
    [Theory]
    [InlineData(0.1)]
    [InlineData(-5.0)]
    public void An_epoch_whose_score_is_undefined_is_not_the_best_by_the_IoU_as_published(double score) => Assert.Equal(
        1, BestOf(SomeRun.Epoch(0, 1) with { Score = null }, SomeRun.Epoch(1, 0.1) with { Score = score }));

    [Fact]
    public void In_a_run_of_an_earlier_version_the_IoU_as_published_is_the_score()
    {
        EpochRecord[] epochs = [.. new[] { 0.1, 0.7, 0.5 }.Select((iou, i) => SomeRun.Epoch(i, iou) with { Score = null, Masks = null })];
        Assert.Equal(1, BestOf(epochs));
    }

    private static int BestOf(params EpochRecord[] epochs) => (RunProgress.None with { Epochs = epochs }).Best!.Epoch;
}
