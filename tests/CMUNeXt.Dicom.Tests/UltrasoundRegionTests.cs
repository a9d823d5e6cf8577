using System.Globalization;
using CMUNeXt.Masks;
using CMUNeXt.Tests;

namespace CMUNeXt.Dicom.Tests;

/// <summary>Which regions of an ultrasound image are tissue, and which one's scale a lesion is measured by (PS3.3, C.8.5.5).</summary>
public sealed class UltrasoundRegionTests : IDisposable
{
    private const int TwoDimensional = 1;
    private const int Spectral = 3;
    private const int Tissue = 1;
    private const int Doppler = 3;
    private const int Centimeters = 3;
    private const int Seconds = 4;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>The other region is smaller than the one of tissue, overlaps it, and goes beyond it.</summary>
    [Theory]
    [InlineData(Spectral, Tissue, Centimeters, Centimeters)]
    [InlineData(TwoDimensional, Doppler, Centimeters, Centimeters)]
    [InlineData(TwoDimensional, Tissue, Seconds, Centimeters)]
    [InlineData(TwoDimensional, Tissue, Centimeters, Seconds)]
    public void What_is_not_tissue_in_two_dimensions_of_centimeters_is_no_region(int format, int type, int across, int down)
    {
        UltrasoundRegion tissue = new(new BoundingBox(4, 2, 27, 17), new PixelSize(0.2, 0.3));
        using DicomFile file = Open(
            Region(new BoundingBox(10, 5, 27, 11), "0.001", "0.001", format, type, across, down), Region(tissue.Box, "0.02", "0.03"));
        DicomImage image = file.OpenImage();
        Assert.Equal(tissue, Assert.Single(image.Regions));
        Assert.Equal(tissue.Box, image.Tissue);
        Assert.Equal(tissue.PixelSize, image.PixelSizeOf(new BoundingBox(12, 6, 4, 4)));
        Assert.Null(image.PixelSizeOf(new BoundingBox(32, 6, 2, 2)));
    }

    /// <summary>A scale below 0 counts from the right to the left, or upwards: the pixels are as large.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_lesion_is_measured_by_the_smallest_region_that_holds_all_of_it(bool isInnerFirst)
    {
        BoundingBox outer = new(4, 2, 27, 17);
        BoundingBox inner = new(8, 4, 10, 9);
        string[] regions = [Region(outer, "0.02", "-0.03"), Region(inner, "-0.01", "0.005")];
        using DicomFile file = Open(isInnerFirst ? [regions[1], regions[0]] : regions);
        DicomImage image = file.OpenImage();
        Assert.Equal(new PixelSize(0.1, 0.05), image.PixelSizeOf(inner));
        Assert.Equal(new PixelSize(0.2, 0.3), image.PixelSizeOf(inner with { Width = 11 }));
        Assert.Equal(new PixelSize(0.2, 0.3), image.PixelSizeOf(inner with { Y = 3 }));
        Assert.Equal(new PixelSize(0.2, 0.3), image.PixelSizeOf(outer));
        Assert.Null(image.PixelSizeOf(outer with { X = 3 }));
        Assert.Null(image.PixelSizeOf(outer with { Height = 18 }));
        Assert.Equal(outer, image.Tissue);
    }

    /// <summary>As in an image that was halved, whose regions are still those of the whole screen.</summary>
    [Theory]
    [InlineData(0, 0, true)]
    [InlineData(1, 1, true)]
    [InlineData(2, 0, false)]
    [InlineData(0, 2, false)]
    public void Regions_that_go_beyond_the_image_are_of_other_pixels(int beyondRight, int beyondBottom, bool expected)
    {
        BoundingBox inner = new(8, 4, 10, 9);
        BoundingBox outer = new(4, 2, MadeFile.Width - 4 + beyondRight, MadeFile.Height - 2 + beyondBottom);
        using DicomFile file = Open([Region(outer, "0.02", "0.03"), Region(inner, "0.01", "0.005")]);
        DicomImage image = file.OpenImage();
        Assert.Equal(expected ? 2 : 0, image.Regions.Count);
        Assert.Equal(expected ? new PixelSize(0.1, 0.05) : null, image.PixelSizeOf(inner));
    }

    private static string Region(
        BoundingBox box,
        string deltaX,
        string deltaY,
        int format = TwoDimensional,
        int type = Tissue,
        int across = Centimeters,
        int down = Centimeters) => string.Create(CultureInfo.InvariantCulture, $"""
        (fffe,e000) -
        (0018,6012) US {format}
        (0018,6014) US {type}
        (0018,6018) UL {box.X}
        (0018,601a) UL {box.Y}
        (0018,601c) UL {box.X + box.Width - 1}
        (0018,601e) UL {box.Y + box.Height - 1}
        (0018,6024) US {across}
        (0018,6026) US {down}
        (0018,602c) FD {deltaX}
        (0018,602e) FD {deltaY}
        (fffe,e00d) -

        """);

    // The spacing is of files without regions: none of these tests may see it.
    private DicomFile Open(params string[] regions)
    {
        DicomTools.Need("dump2dcm");
        string extra = $"(0018,6011) SQ\n{string.Concat(regions)}(fffe,e0dd) -\n(0028,0030) DS 0.7\\0.9\n";
        new MadeFile("MONOCHROME2") { Extra = extra }.Write(folder, folder.File("image.dcm"));
        return DicomFile.Open(folder.File("image.dcm"));
    }
}
