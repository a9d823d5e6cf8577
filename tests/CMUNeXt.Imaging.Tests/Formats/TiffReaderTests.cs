using System.Buffers.Binary;
using System.Runtime.InteropServices;

using BitMiracle.LibTiff.Classic;

using CMUNeXt.Images;

namespace CMUNeXt.Imaging.Tests.Formats;

public sealed class TiffReaderTests
{
    private const int Width = 37;
    private const int Height = 21;

    public static TheoryData<Compression, string, bool, bool> Forms
    {
        get
        {
            TheoryData<Compression, string, bool, bool> forms = [];
            foreach (Compression compression in new[] { Compression.NONE, Compression.LZW, Compression.ADOBE_DEFLATE, Compression.PACKBITS })
            {
                foreach (string mode in new[] { "wl", "wb" })
                {
                    foreach (bool tiled in new[] { false, true })
                    {
                        forms.Add(compression, mode, tiled, false);
                        forms.Add(compression, mode, tiled, true);
                    }
                }
            }

            return forms;
        }
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Every_form_gives_the_stored_values(Compression compression, string mode, bool tiled, bool separate)
    {
        Image expected = SomeImage.Noise(Width, Height, 3);
        byte[] file = TiffBuilder.Image(Width, Height, 8, 3, Photometric.RGB, expected.Pixels, compression, mode, tiled, separate);
        Assert.Equal(expected.Pixels, ImageFile.Decode(file, "test.tif").Pixels);

        // 16 bits: the high bytes are the image, the low ones something else.
        ushort[] wide = [.. expected.Pixels.Select((v, i) => (ushort)((v << 8) | (i * 37 % 256)))];
        file = TiffBuilder.Image(Width, Height, 16, 3, Photometric.RGB, MemoryMarshal.AsBytes<ushort>(wide).ToArray(), compression, mode, tiled, separate);
        Assert.Equal(expected.Pixels, ImageFile.Decode(file, "test.tif").Pixels);
        ImageInfo info = ImageFile.Identify(file, "test.tif");
        Assert.Equal(new ImageInfo(ImageFormat.Tiff, Width, Height, PixelLayout.Rgb, 16, 1), info);
    }

    [Theory]
    [InlineData(Photometric.MINISBLACK, 8)]
    [InlineData(Photometric.MINISWHITE, 8)]
    [InlineData(Photometric.MINISBLACK, 16)]
    [InlineData(Photometric.MINISBLACK, 1)]
    [InlineData(Photometric.MINISWHITE, 1)]
    public void Grey_has_one_channel(Photometric photometric, int bits)
    {
        int[] values = [.. SomeImage.Noise(16, 5, 1).Pixels.Select(v => bits == 1 ? v & 1 : v)];
        byte[] rows = bits switch
        {
            8 => [.. values.Select(v => (byte)v)],
            16 => [.. values.SelectMany(v => BitConverter.GetBytes((ushort)(v << 8)))],
            _ => [.. values.Chunk(8).Select(eight => (byte)eight.Aggregate(0, (sum, v) => (sum << 1) | v))],
        };
        byte[] file = TiffBuilder.Image(16, 5, bits, 1, photometric, rows);
        Image image = ImageFile.Decode(file, "test.tif");
        Assert.Equal(1, image.Channels);
        Assert.Equal(values.Select(v => (byte)((bits == 1 ? v * 255 : v) ^ (photometric == Photometric.MINISWHITE ? 255 : 0))), image.Pixels);
    }

    [Fact]
    public void A_palette_is_looked_up()
    {
        ushort[] palette = new ushort[3 * 256];
        for (int i = 0; i < 256; i++)
        {
            palette[i] = (ushort)(i << 8);
            palette[256 + i] = (ushort)((255 - i) << 8);
            palette[512 + i] = (ushort)((i / 2) << 8);
        }

        byte[] file = TiffBuilder.Image(3, 1, 8, 1, Photometric.PALETTE, [0, 100, 255], palette: palette);
        Assert.Equal([0, 255, 0, 100, 155, 50, 255, 0, 127], ImageFile.Decode(file, "test.tif").Pixels);
        Assert.Equal(PixelLayout.Palette, ImageFile.Identify(file, "test.tif").Layout);
    }

    [Fact]
    public void Alpha_is_dropped_and_not_multiplied_in()
    {
        byte[] file = TiffBuilder.Image(2, 1, 8, 4, Photometric.RGB, [10, 20, 30, 0, 40, 50, 60, 128]);
        Assert.Equal([10, 20, 30, 40, 50, 60], ImageFile.Decode(file, "test.tif").Pixels);
        Assert.Equal(PixelLayout.Rgba, ImageFile.Identify(file, "test.tif").Layout);
    }

    [Fact]
    public void Cmyk_is_converted()
    {
        byte[] file = TiffBuilder.Image(3, 1, 8, 4, Photometric.SEPARATED, [0, 0, 0, 0, 255, 0, 0, 0, 0, 0, 0, 255]);
        Assert.Equal([255, 255, 255, 0, 255, 255, 0, 0, 0], ImageFile.Decode(file, "test.tif").Pixels);
    }

    [Fact]
    public void Jpeg_inside_is_decoded()
    {
        Image expected = SomeImage.Smooth(32, 32, 1);
        byte[] file = TiffBuilder.Image(32, 32, 8, 1, Photometric.MINISBLACK, expected.Pixels, Compression.JPEG, tiled: true);
        Close.To(expected, ImageFile.Decode(file, "test.tif"), 12);
    }

    [Fact]
    public void Several_pages_are_refused_unless_allowed_and_thumbnails_do_not_count()
    {
        byte[] file = TiffBuilder.Image(2, 1, 8, 1, Photometric.MINISBLACK, [3, 4], pages: 3);
        Assert.Equal(3, ImageFile.Identify(file, "test.tif").Frames);
        BadFile.Expect(file, "3 pages");
        Assert.Equal([3, 4], ImageFile.Decode(file, "test.tif", new ImageLimits { Frames = 3 }).Pixels);

        byte[] thumbnail = TiffBuilder.Image(2, 1, 8, 1, Photometric.MINISBLACK, [3, 4], pages: 2, thumbnails: true);
        Assert.Equal([3, 4], ImageFile.Decode(thumbnail, "test.tif").Pixels);
    }

    [Fact]
    public void Kinds_that_are_not_read_are_named()
    {
        byte[] floats = TiffBuilder.Image(2, 1, 32, 1, Photometric.MINISBLACK, new byte[8], format: SampleFormat.IEEEFP);
        BadFile.Expect(floats, "1 samples of 32 bits, format 3");
        byte[] signed = TiffBuilder.Image(2, 1, 16, 1, Photometric.MINISBLACK, new byte[4], format: SampleFormat.INT);
        BadFile.Expect(signed, "format 2");
    }

    [Fact]
    public void A_ring_of_pages_is_found()
    {
        byte[] file = TiffBuilder.Image(2, 1, 8, 1, Photometric.MINISBLACK, [3, 4], mode: "wl");
        int directory = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(4));
        int entries = BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(directory));
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(directory + 2 + (12 * entries)), directory);
        BadFile.Expect(file, "ring");
    }

    [Theory]
    [InlineData(TiffTag.STRIPOFFSETS, 1_000_000, "ends too early")]
    [InlineData(TiffTag.STRIPBYTECOUNTS, 2_000_000_000, "ends too early")]
    [InlineData(TiffTag.IMAGEWIDTH, 0, "0 x 1")]
    [InlineData(TiffTag.IMAGEWIDTH, 200_000_000, "200000000 x 1")]
    [InlineData(TiffTag.SAMPLESPERPIXEL, 60_000, "60000 samples")]
    public void A_lie_in_the_directory_is_found(TiffTag tag, int value, string phrase)
    {
        byte[] file = TiffBuilder.Image(2, 1, 8, 1, Photometric.MINISBLACK, [3, 4], mode: "wl");
        int directory = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(4));
        int entries = BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(directory));
        for (int at = directory + 2; at < directory + 2 + (12 * entries); at += 12)
        {
            if (BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(at)) == (int)tag)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(at + 2), 4);
                BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at + 8), value);
            }
        }

        BadFile.Expect(file, phrase);
    }

    // LibTiff would set memory aside for the text before looking whether the file holds it.
    [Fact]
    public void A_description_of_two_gigabytes_is_not_looked_at()
    {
        byte[] file = TiffBuilder.Image(2, 1, 8, 1, Photometric.MINISBLACK, [3, 4], mode: "wl");
        int directory = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(4));
        int entries = BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(directory));
        int replaced = 0;
        for (int at = directory + 2; at < directory + 2 + (12 * entries); at += 12)
        {
            if (BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(at)) == (int)TiffTag.ORIENTATION)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(at), (ushort)TiffTag.IMAGEDESCRIPTION);
                BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(at + 2), (ushort)TiffType.ASCII);
                BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at + 4), 2_000_000_000);
                replaced++;
            }
        }

        Assert.Equal(1, replaced);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal([3, 4], ImageFile.Decode(file, "test.tif").Pixels);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000_000);
    }

    [Fact]
    public void Tiles_beyond_the_limit_are_refused()
    {
        byte[] file = TiffBuilder.Image(2, 1, 8, 1, Photometric.MINISBLACK, [3, 4], mode: "wl", tiled: true);
        int directory = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(4));
        int entries = BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(directory));
        for (int at = directory + 2; at < directory + 2 + (12 * entries); at += 12)
        {
            if (BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(at)) is (int)TiffTag.TILEWIDTH or (int)TiffTag.TILELENGTH)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(at + 2), 4);
                BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at + 8), 1 << 20);
            }
        }

        BadFile.Expect(file, "tiles of 1048576 x 1048576");
    }
}
