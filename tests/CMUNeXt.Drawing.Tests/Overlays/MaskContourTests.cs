using CMUNeXt.Drawing.Overlays;
using CMUNeXt.Imaging.Tests;
using CMUNeXt.Masks;

using SkiaSharp;

namespace CMUNeXt.Drawing.Tests.Overlays;

public sealed class MaskContourTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 3)]
    [InlineData(17, 11)]
    public void The_contour_encloses_the_centers_of_the_class_and_no_others(int width, int height)
    {
        byte[] pixels = [.. SomeImage.Noise(width, height, 1, seed: width).Pixels.Select(v => (byte)(v % 3))];
        pixels[0] = 1;
        using SKPath path = MaskContour.Trace(new Mask(width, height, pixels), 1);
        for (int i = 0; i < pixels.Length; i++)
        {
            Assert.Equal(pixels[i] == 1, path.Contains((i % width) + 0.5f, (i / width) + 0.5f));
        }
    }

    [Fact]
    public void Each_region_and_each_hole_is_one_closed_curve()
    {
        // A ring, and beside it a pixel that touches it by a corner alone.
        byte[] pixels =
        [
            1, 1, 1, 0, 0,
            1, 0, 1, 0, 0,
            1, 1, 1, 0, 0,
            0, 0, 0, 1, 0,
        ];
        using SKPath path = MaskContour.Trace(new Mask(5, 4, pixels), 1);
        Assert.Equal(3, path.ToSvgPathData().Count(c => c == 'M'));
        Assert.Equal(3, path.ToSvgPathData().Count(c => c == 'Z'));
    }

    [Theory]
    [InlineData(3, 2)]
    [InlineData(2, 1000)]
    [InlineData(1000, 700)]
    public void Straight_lines_have_no_points_but_their_ends(int width, int height)
    {
        byte[] pixels = [.. Enumerable.Repeat((byte)1, width * height)];
        using SKPath path = MaskContour.Trace(new Mask(width, height, pixels), 1);
        Assert.Equal(8, path.PointCount);
    }

    [Fact]
    public void An_absent_class_has_no_contour()
    {
        using SKPath path = MaskContour.Trace(new Mask(2, 1, [0, 2]), 1);
        Assert.True(path.IsEmpty);
    }
}
