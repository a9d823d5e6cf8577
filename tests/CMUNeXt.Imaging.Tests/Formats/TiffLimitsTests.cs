using BitMiracle.LibTiff.Classic;

using CMUNeXt.Images;

namespace CMUNeXt.Imaging.Tests.Formats;

/// <summary>TIFFs of few bytes that ask for much work or memory, and their sound neighbors.</summary>
public sealed class TiffLimitsTests
{
    [Fact]
    public void Tiles_far_beyond_the_image_are_refused()
    {
        byte[] tile = PngBuilder.Compress(new byte[1_000_000]);
        (int, int)[] pieces = [.. Enumerable.Repeat((0, tile.Length), 200)];
        byte[] file = TiffBuilder.Gray(200, 1, Compression.ADOBE_DEFLATE, 1, 1_000_000, pieces, tile);
        BadFile.Expect(file, "tiles of 1 x 1000000 for an image of 200 x 1", new ImageLimits { Pixels = 1_000_000 });
    }

    [Theory]
    [InlineData(1, 256)]
    [InlineData(90, 16)]
    public void Tiles_may_pass_the_edges_of_an_image_that_just_keeps_the_limit(int imageSide, int tileSide)
    {
        int across = (imageSide + tileSide - 1) / tileSide;
        int area = tileSide * tileSide;
        byte[] tiles = SomeImage.Noise(tileSide, tileSide * across * across, 1).Pixels;
        (int, int)[] pieces = [.. Enumerable.Range(0, across * across).Select(i => (i * area, area))];
        byte[] file = TiffBuilder.Gray(imageSide, imageSide, Compression.NONE, tileSide, tileSide, pieces, tiles);
        Image image = ImageFile.Decode(file, "test.tif", new ImageLimits { Pixels = Math.Max(imageSide * imageSide, area) });
        IEnumerable<byte> expected = Enumerable.Range(0, imageSide * imageSide).Select(i =>
        {
            (int y, int x) = Math.DivRem(i, imageSide);
            return tiles[(((y / tileSide * across) + (x / tileSide)) * area) + (y % tileSide * tileSide) + (x % tileSide)];
        });
        Assert.Equal(expected, image.Pixels);
    }

    [Fact]
    public void Strips_and_tiles_that_overlap_are_refused_unless_they_are_small()
    {
        byte[] rows = SomeImage.Noise(1000, 2, 1).Pixels;
        byte[] apart = TiffBuilder.Gray(1000, 2, Compression.NONE, 0, 1, [(0, 1000), (1000, 1000)], rows);
        Assert.Equal(rows, ImageFile.Decode(apart, "test.tif").Pixels);

        byte[] strips = TiffBuilder.Gray(1000, 2, Compression.NONE, 0, 1, [(0, 1000), (0, 1000)], rows[..1000]);
        BadFile.Expect(strips, "a TIFF whose strips overlap");
        byte[] tiles = TiffBuilder.Gray(64, 32, Compression.NONE, 32, 32, [(0, 1024), (0, 1024)], rows[..1024]);
        BadFile.Expect(tiles, "a TIFF whose tiles overlap");

        byte[] shared = TiffBuilder.Gray(2, 2, Compression.NONE, 0, 1, [(0, 2), (0, 2)], [7, 8]);
        Assert.Equal([7, 8, 7, 8], ImageFile.Decode(shared, "test.tif").Pixels);
    }

    // A strip of no bytes is one that was left out.
    [Fact]
    public void A_strip_without_bytes_is_missing_and_does_not_overlap()
    {
        byte[] row = PngBuilder.Compress(new byte[1000]);
        byte[] file = TiffBuilder.Gray(1000, 2, Compression.ADOBE_DEFLATE, 0, 1, [(0, row.Length), (0, 0)], row);
        BadFile.Expect(file, "the TIFF's pixels are damaged or end too early");
    }

    // LibTiff would take the lengths of tiles for those of the strips, and those were not checked.
    [Fact]
    public void Lengths_of_tiles_beside_strips_are_not_looked_at()
    {
        byte[] rows = SomeImage.Noise(1000, 2, 1).Pixels;
        byte[] file = TiffBuilder.Gray(
            1000, 2, Compression.NONE, 0, 1, [(0, 1000), (1000, 1000)], rows, (TiffTag.TILEBYTECOUNTS, TiffType.LONG, 1, 1));
        Assert.Equal(rows, ImageFile.Decode(file, "test.tif").Pixels);
    }

    // LibTiff would set memory aside for the nine million that the size asks for.
    [Theory]
    [InlineData(3000, 3000, 1)]
    [InlineData(1, 3, 0)]
    public void More_strips_or_tiles_than_the_directory_names_are_refused(int width, int height, int tileWidth)
    {
        byte[] file = TiffBuilder.Gray(width, height, Compression.NONE, tileWidth, 1, [(0, 1)], [5]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        BadFile.Expect(file, "the places of its pixels are missing");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    // Each tag says half of the file, where ones stand.
    [Fact]
    public void Tags_whose_values_overlap_are_refused_before_they_are_copied()
    {
        const int Half = 1 << 21;
        TiffTag[] tags =
        [
            TiffTag.FILLORDER, TiffTag.PLANARCONFIG, TiffTag.GROUP3OPTIONS, TiffTag.PREDICTOR, TiffTag.EXTRASAMPLES, TiffTag.SAMPLEFORMAT,
            TiffTag.JPEGTABLES, TiffTag.YCBCRCOEFFICIENTS, TiffTag.YCBCRSUBSAMPLING, TiffTag.YCBCRPOSITIONING,
        ];
        byte[] ones = [.. Enumerable.Repeat((byte)1, 2 * Half)];
        byte[] file = TiffBuilder.Gray(
            1, 1, Compression.NONE, 0, 1, [(0, 1)], ones, [.. tags.Select(static tag => (tag, TiffType.BYTE, Half, Half))]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        BadFile.Expect(file, "the values of its tags overlap");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Half);
    }

    [Fact]
    public void A_JPEG_inside_has_no_more_scans_than_one_outside()
    {
        static byte[] Inside(int scans, Compression compression)
        {
            byte[] jpeg = JpegBuilder.Progressive(scans);
            return TiffBuilder.Gray(JpegBuilder.Side, JpegBuilder.Side, compression, 0, JpegBuilder.Side, [(0, jpeg.Length)], jpeg);
        }

        byte[] pixels = ImageFile.Decode(Inside(100, Compression.JPEG), "test.tif").Pixels;
        Assert.All(pixels, static value => Assert.Equal(128, value));
        BadFile.Expect(Inside(101, Compression.JPEG), "a JPEG of more than 100 scans");
        BadFile.Expect(Inside(101, Compression.OJPEG), "a JPEG of more than 100 scans");
    }

    // LibTiff would decode each plane from its beginning for each of its strips.
    [Fact]
    public void Old_JPEG_in_planes_of_several_strips_is_refused()
    {
        (int, int)[] pieces = [.. Enumerable.Range(0, 6).Select(static i => (i, 1))];
        byte[] file = TiffBuilder.Gray(
            16,
            16,
            Compression.OJPEG,
            0,
            8,
            pieces,
            new byte[6],
            (TiffTag.PHOTOMETRIC, TiffType.SHORT, 1, (int)Photometric.YCBCR),
            (TiffTag.SAMPLESPERPIXEL, TiffType.SHORT, 1, 3),
            (TiffTag.PLANARCONFIG, TiffType.SHORT, 1, (int)PlanarConfig.SEPARATE));
        BadFile.Expect(file, "a TIFF of a kind that is not read (old JPEG with a plane for each color)");
    }
}
