using CMUNeXt.Masks;

namespace CMUNeXt.Tests.Masks;

public sealed class MaskFilterTests
{
    private static readonly Mask Mixed = TestMasks.Of(
        "11..2",
        "11...",
        "....2",
        "1..22");

    [Fact]
    public void Minimum_area_takes_out_what_is_smaller()
    {
        Assert.Equal(Mixed.Pixels, Mixed.WithMinimumArea(1).Pixels);
        Assert.Equal(TestMasks.Of("11...", "11...", "....2", "...22").Pixels, Mixed.WithMinimumArea(3).Pixels);
        Assert.Equal(TestMasks.Of("11...", "11...", ".....", ".....").Pixels, Mixed.WithMinimumArea(4).Pixels);
        Assert.Throws<ArgumentOutOfRangeException>(() => Mixed.WithMinimumArea(-1));
    }

    [Fact]
    public void Largest_only_keeps_one_component_of_each_class() =>
        Assert.Equal(TestMasks.Of("11...", "11...", "....2", "...22").Pixels, Mixed.WithLargestOnly().Pixels);

    [Fact]
    public void Of_equally_large_components_the_first_stays() =>
        Assert.Equal(TestMasks.Of("1...", "....").Pixels, TestMasks.Of("1..1", "....").WithLargestOnly().Pixels);

    [Fact]
    public void The_mask_given_is_not_changed()
    {
        byte[] before = [.. Mixed.Pixels];
        Mixed.WithMinimumArea(100);
        Mixed.WithLargestOnly();
        Assert.Equal(before, Mixed.Pixels);
    }
}
