using CMUNeXt.Masks;

namespace CMUNeXt.Tests.Masks;

/// <summary>Areas and axes in millimeters, against what a person works out.</summary>
public class LesionMeasureTests
{
    [Fact]
    public void A_rectangle_has_its_diagonal_for_a_long_axis()
    {
        // 30 x 40 pixels of 0.1 mm: 3 x 4 mm, diagonal 5 mm; across it the corners are twice 3 x 4 / 5 mm apart.
        Lesion lesion = Measure(100, 100, (x, y) => x is >= 20 and < 50 && y is >= 30 and < 70, new PixelSize(0.1, 0.1));
        Assert.Equal(12, lesion.AreaMm2!.Value, 1e-9);
        Assert.Equal(5, lesion.LongAxisMm!.Value, 1e-9);
        Assert.Equal(4.8, lesion.ShortAxisMm!.Value, 1e-9);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.1, -0.1)]
    [InlineData(double.NaN, 0.1)]
    [InlineData(0.1, double.PositiveInfinity)]
    public void A_pixel_that_measures_nothing_is_refused(double width, double height) => Assert.Throws<ArgumentOutOfRangeException>(
        () => Measure(9, 9, (x, y) => (x, y) == (4, 4), new PixelSize(width, height)));

    [Fact]
    public void Pixels_need_not_be_square()
    {
        // One pixel of 3 x 4 mm.
        Lesion lesion = Measure(9, 9, (x, y) => (x, y) == (4, 4), new PixelSize(3, 4));
        Assert.Equal(12, lesion.AreaMm2!.Value, 1e-9);
        Assert.Equal(5, lesion.LongAxisMm!.Value, 1e-9);
        Assert.Equal(4.8, lesion.ShortAxisMm!.Value, 1e-9);
    }

    [Fact]
    public void A_disc_is_as_long_as_it_is_wide()
    {
        Lesion lesion = Measure(
            300, 300, (x, y) => ((x - 150) * (x - 150)) + ((y - 150) * (y - 150)) <= 100 * 100, new PixelSize(0.2, 0.2));
        Assert.InRange(lesion.AreaMm2!.Value, Math.PI * 400 * 0.99, Math.PI * 400 * 1.01);
        Assert.InRange(lesion.LongAxisMm!.Value, 40, 40.6);
        Assert.InRange(lesion.ShortAxisMm!.Value, 39.6, 40.6);
    }

    private static Lesion Measure(int width, int height, Func<int, int, bool> isInside, PixelSize size)
    {
        byte[] pixels = new byte[width * height];
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = isInside(i % width, i / width) ? (byte)1 : (byte)0;
        }

        return Assert.Single(Lesion.Find(new Mask(width, height, pixels), new float[pixels.Length])).Measure(size);
    }
}
