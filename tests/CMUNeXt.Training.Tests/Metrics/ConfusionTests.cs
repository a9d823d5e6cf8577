using CMUNeXt.Masks;
using CMUNeXt.Tests;
using CMUNeXt.Training.Metrics;

namespace CMUNeXt.Training.Tests.Metrics;

public sealed class ConfusionTests
{
    private static readonly Mask Empty = TestMasks.Of("....", "....");
    private static readonly Mask Full = TestMasks.Of("1111", "1111");
    private static readonly Mask Left = TestMasks.Of("11..", "11..");
    private static readonly Mask Top = TestMasks.Of("111.", "....");

    [Fact]
    public void Ratios_of_a_case_by_hand()
    {
        Confusion confusion = Confusion.Of(Left, Top);
        Assert.Equal(new Confusion(2, 1, 2, 3), confusion);
        Assert.Equal(Outcome.BothPresent, confusion.Outcome);
        Assert.Equal(2.0 / 5, confusion.Iou);
        Assert.Equal(4.0 / 7, confusion.Dice);
        Assert.Equal(4.0 / 7, confusion.F1);
        Assert.Equal(2.0 / 4, confusion.Sensitivity);
        Assert.Equal(2.0 / 3, confusion.Precision);
        Assert.Equal(3.0 / 4, confusion.Specificity);
        Assert.Equal(5.0 / 8, confusion.Accuracy);
    }

    [Fact]
    public void Both_empty_is_correct_and_undefined()
    {
        Confusion confusion = Confusion.Of(Empty, Empty);
        Assert.Equal(Outcome.CorrectlyEmpty, confusion.Outcome);
        Assert.All([confusion.Iou, confusion.Dice, confusion.F1, confusion.Sensitivity, confusion.Precision],
            v => Assert.Equal(double.NaN, v));
        Assert.Equal(1, confusion.Specificity);
        Assert.Equal(1, confusion.Accuracy);
    }

    [Fact]
    public void A_false_positive_has_no_overlap_and_no_sensitivity()
    {
        Confusion confusion = Confusion.Of(Empty, Left);
        Assert.Equal(Outcome.FalsePositive, confusion.Outcome);
        Assert.All([confusion.Iou, confusion.Dice, confusion.F1, confusion.Precision], v => Assert.Equal(0, v));
        Assert.Equal(double.NaN, confusion.Sensitivity);
        Assert.Equal(0.5, confusion.Specificity);
        Assert.Equal(0.5, confusion.Accuracy);
    }

    [Fact]
    public void A_missed_lesion_is_zero_in_precision_too()
    {
        Confusion confusion = Confusion.Of(Left, Empty);
        Assert.Equal(Outcome.Missed, confusion.Outcome);
        Assert.All([confusion.Iou, confusion.Dice, confusion.F1, confusion.Sensitivity, confusion.Precision], v => Assert.Equal(0, v));
        Assert.Equal(1, confusion.Specificity);
        Assert.Equal(0.5, confusion.Accuracy);
    }

    [Fact]
    public void Specificity_is_undefined_without_background() => Assert.Equal(double.NaN, Confusion.Of(Full, Left).Specificity);

    [Fact]
    public void Each_class_is_judged_against_all_others()
    {
        Mask reference = TestMasks.Of("1122", "..33");
        Mask prediction = TestMasks.Of("1222", "..3.");
        Assert.Equal(new Confusion(1, 0, 1, 6), Confusion.Of(reference, prediction, 1));
        Assert.Equal(new Confusion(2, 1, 0, 5), Confusion.Of(reference, prediction, 2));
        Assert.Equal(new Confusion(1, 0, 1, 6), Confusion.Of(reference, prediction, 3));
        Assert.Equal([1, 2, 3], SegmentationMetrics.OfClasses(reference, prediction, 3).Select(m => (int)m.Class));
        Assert.Equal(Confusion.Of(reference, prediction, 2), SegmentationMetrics.OfClasses(reference, prediction, 3)[1].Confusion);
    }

    [Fact]
    public void Masks_of_different_sizes_are_refused()
    {
        Mask turned = new(2, 4, new byte[8]);
        Assert.Throws<ArgumentException>(() => Confusion.Of(Left, turned));
        Assert.Throws<ArgumentException>(() => SurfaceDistances.Of(Left, turned));
    }
}
