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

    [Fact]
    public void A_lesion_without_a_contour_has_an_area_and_no_axes()
    {
        Lesion lesion = new Lesion(1, 4, new BoundingBox(0, 0, 2, 2), [], 0.9).Measure(new PixelSize(0.1, 0.1));
        Assert.Equal(0.04, lesion.AreaMm2!.Value, 1e-9);
        Assert.Null(lesion.LongAxisMm);
        Assert.Null(lesion.ShortAxisMm);
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

    // Left of column 5 a pixel is 0.1 x 0.2 mm; beside it its size is not known.
    [Fact]
    public void Lesions_are_measured_where_the_size_of_their_pixels_is_known_and_their_areas_are_added_where_it_is_for_all()
    {
        Lesion known = new(1, 9, new BoundingBox(1, 1, 3, 3), [new PixelPosition(1, 1)], 0.9);
        Lesion unknown = known with { Box = new BoundingBox(6, 1, 3, 3) };
        IReadOnlyList<Lesion> lesions = Lesion.Measure([known, unknown, known], SizeOf);
        Assert.Equal(0.18, lesions[0].AreaMm2!.Value, 1e-9);
        Assert.Same(unknown, lesions[1]);
        Assert.Null(Lesion.AreaMm2Of(lesions, whole: new PixelSize(1, 1)));
        Assert.Equal(0.36, Lesion.AreaMm2Of([lesions[0], lesions[2]], whole: null)!.Value, 1e-9);

        static PixelSize? SizeOf(BoundingBox box) => box.X + box.Width <= 5 ? new PixelSize(0.1, 0.2) : null;
    }

    // As binary numbers 0.1 x 3 x 0.1 and 0.1 + 0.2 are a little more.
    [Fact]
    public void Areas_have_no_decimals_of_binary_numbers()
    {
        Lesion[] lesions = [Of(3, 0.1), Of(10, 0.1), Of(20, 0.1), Of(1, PixelSize.Smallest)];
        Assert.Equal([0.03, 0.1, 0.2, 1e-8], lesions.Select(static lesion => lesion.AreaMm2!.Value));
        Assert.Equal<double?>(0.3, Lesion.AreaMm2Of(lesions[1..3], whole: null));

        static Lesion Of(int area, double side) =>
            new Lesion(1, area, new BoundingBox(1, 1, 3, 3), [new PixelPosition(1, 1)], 0.9).Measure(new PixelSize(side, side));
    }

    [Fact]
    public void Where_there_is_no_lesion_its_area_is_0_if_a_pixel_has_a_size()
    {
        Assert.Equal<double?>(0, Lesion.AreaMm2Of([], new PixelSize(0.1, 0.2)));
        Assert.Null(Lesion.AreaMm2Of([], whole: null));
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
