using CMUNeXt.Training.Evaluation;

namespace CMUNeXt.Training.Tests.Evaluation;

public sealed class CaseResultTests
{
    [Theory]
    [InlineData("benign (1)", "benign")]
    [InlineData("malignant (145)", "malignant")]
    [InlineData("benign", null)]
    [InlineData("benign 1", null)]
    [InlineData("patient 7 (1)", null)]
    [InlineData("benign (1)x", null)]
    [InlineData("benign (1)\n", null)]
    public void The_subgroup_is_the_word_before_a_number_in_brackets(string name, string? expected) =>
        Assert.Equal(expected, Results.Overlapping(name, 50).Subgroup);

    [Fact]
    public void The_mean_iou_leaves_out_classes_that_are_nowhere()
    {
        // Class 1 overlaps 1 of 2, class 2 is right, class 3 is nowhere.
        Assert.Equal(0.75, Results.Drawn("a", "1122..", "1.22..", 3).MeanIou);
        Assert.Equal(double.NaN, Results.Drawn("a", "..", "..", 2).MeanIou);
    }
}
