using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;

using BitMiracle.LibTiff.Classic;

using CMUNeXt.Files;
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
            foreach (Compression compression in new[]
            {
                Compression.NONE, Compression.LZW, Compression.ADOBE_DEFLATE, Compression.PACKBITS,
            })
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
        file = TiffBuilder.Image(
            Width, Height, 16, 3, Photometric.RGB, MemoryMarshal.AsBytes<ushort>(wide).ToArray(), compression, mode, tiled, separate);
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
    public void Gray_has_one_channel(Photometric photometric, int bits)
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
        Assert.Equal(
            values.Select(v => (byte)((bits == 1 ? v * 255 : v) ^ (photometric == Photometric.MINISWHITE ? 255 : 0))), image.Pixels);
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

    // CMYK is LibTiff's to convert, which turns an image itself where it knows the orientation.
    [Theory]
    [MemberData(nameof(Upright.Orientations), MemberType = typeof(Upright))]
    public void Tiff_is_shown_upright(int orientation, string firstRowThenColumn)
    {
        Image stored = SomeImage.Noise(Width, Height, 3);
        Image expected = Upright.Of(stored, firstRowThenColumn);
        byte[] cmyk = [.. stored.Pixels.Chunk(3).SelectMany(rgb => rgb.Select(value => (byte)(255 - value)).Append((byte)0))];
        byte[][] files =
        [
            TiffBuilder.Image(Width, Height, 8, 3, Photometric.RGB, stored.Pixels, orientation: orientation),
            TiffBuilder.Image(Width, Height, 8, 4, Photometric.SEPARATED, cmyk, orientation: orientation),
        ];
        Assert.All(files, file =>
        {
            Close.To(expected, ImageFile.Decode(file, "test.tif"), 0);
            ImageInfo info = ImageFile.Identify(file, "test.tif");
            Assert.Equal((expected.Width, expected.Height, orientation), (info.Width, info.Height, info.Orientation));
        });
    }

    [Fact]
    public void Jpeg_inside_is_decoded()
    {
        Image expected = SomeImage.Smooth(32, 32, 1);
        byte[] file = TiffBuilder.Image(32, 32, 8, 1, Photometric.MINISBLACK, expected.Pixels, Compression.JPEG, tiled: true);
        Close.To(expected, ImageFile.Decode(file, "test.tif"), 12);
    }

    [Fact]
    public void Pages_that_overlap_are_refused_before_their_tags_are_kept()
    {
        // Directories of ten tags, one every 12 bytes: each begins in the tags of the one before, which also name the next.
        const int Tags = 10;
        const int Pages = 40;
        byte[] file = new byte[8 + (12 * (Pages + Tags)) + 6];
        "II*\0"u8.CopyTo(file);
        file[4] = 8;
        for (int i = 0; i < Pages; i++)
        {
            int start = 8 + (12 * i);
            BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(start), Tags);
            int next = start + 2 + (12 * Tags);
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(next), i < Pages - 1 ? start + 12 : 0);
        }

        BadFile.Expect(file, "its pages overlap");
        Assert.Throws<BadFileException>(() => ImageFile.Identify(file, "test.tif"));
    }

    [Fact]
    public void What_LibTiff_says_of_files_that_others_read_goes_to_their_handler()
    {
        byte[] file = TiffBuilder.Image(2, 1, 8, 1, Photometric.MINISBLACK, [3, 4]);
        Listener listener = new();
        TiffErrorHandler? before = Tiff.SetErrorHandler(listener);
        try
        {
            Assert.Equal([3, 4], ImageFile.Decode(file, "test.tif").Pixels);
            Tiff.Error("here", "theirs");

            // Files that other tests were reading when the handler was set may have told it of theirs.
            Assert.Contains("theirs", listener.Heard);
        }
        finally
        {
            Tiff.SetErrorHandler(before);
        }
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
        TiffBuilder.Replace(file, tag, value);
        BadFile.Expect(file, phrase);
    }

    // LibTiff would set memory aside for the text before looking whether the file holds it.
    [Fact]
    public void A_description_of_two_gigabytes_is_not_looked_at()
    {
        byte[] file = TiffBuilder.Image(2, 1, 8, 1, Photometric.MINISBLACK, [3, 4], mode: "wl");
        Span<byte> entry = TiffBuilder.Entry(file, TiffTag.ORIENTATION);
        BinaryPrimitives.WriteUInt16LittleEndian(entry, (ushort)TiffTag.IMAGEDESCRIPTION);
        BinaryPrimitives.WriteUInt16LittleEndian(entry[2..], (ushort)TiffType.ASCII);
        BinaryPrimitives.WriteInt32LittleEndian(entry[4..], 2_000_000_000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal([3, 4], ImageFile.Decode(file, "test.tif").Pixels);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000_000);
    }

    [Fact]
    public void Tiles_beyond_the_limit_are_refused()
    {
        byte[] file = TiffBuilder.Image(2, 1, 8, 1, Photometric.MINISBLACK, [3, 4], mode: "wl", tiled: true);
        TiffBuilder.Replace(file, TiffTag.TILEWIDTH, 1 << 20);
        TiffBuilder.Replace(file, TiffTag.TILELENGTH, 1 << 20);
        BadFile.Expect(file, "tiles of 1048576 x 1048576");
    }

    [Theory]
    [InlineData("wl4")]
    [InlineData("wb4")]
    [InlineData("wl8")]
    public void Both_byte_orders_and_the_larger_offsets_are_read(string mode)
    {
        Image expected = SomeImage.Noise(Width, Height, 3);
        foreach (bool tiled in new[] { false, true })
        {
            byte[] file = TiffBuilder.Image(Width, Height, 8, 3, Photometric.RGB, expected.Pixels, Compression.LZW, mode, tiled);
            Assert.Equal(mode[1] == 'l' ? (byte)'I' : (byte)'M', file[0]);
            Assert.Equal(expected.Pixels, ImageFile.Decode(file, "test.tif").Pixels);
        }
    }

    // By hand, since LibTiff.NET does not write it: two strips of one row each, the offsets of 64 bits outside the directory.
    [Fact]
    public void BigTIFF_with_the_high_byte_first_is_read()
    {
        List<byte> file = [.. "MM\0+"u8, 0, 8, 0, 0];
        void Number(long value, int bytes) => file.AddRange(Enumerable.Range(1, bytes).Select(i => (byte)(value >> (8 * (bytes - i)))));
        void Tag(int tag, int type, int size, int count, long value)
        {
            Number(tag, 2);
            Number(type, 2);
            Number(count, 8);
            Number(value, size);
            Number(0, 8 - size);
        }

        Number(22 + 16 + 16, 8);
        file.AddRange([1, 2, 3, 4, 5, 6]);
        Number(16, 8);
        Number(19, 8);
        Number(3, 8);
        Number(3, 8);
        Number(9, 8);
        Tag(256, 3, 2, 1, 3);
        Tag(257, 3, 2, 1, 2);
        Tag(258, 3, 2, 1, 8);
        Tag(259, 3, 2, 1, 1);
        Tag(262, 3, 2, 1, 1);
        Tag(273, 16, 8, 2, 22);
        Tag(277, 3, 2, 1, 1);
        Tag(278, 3, 2, 1, 1);
        Tag(279, 16, 8, 2, 38);
        Number(0, 8);
        Assert.Equal([1, 2, 3, 4, 5, 6], ImageFile.Decode(file.ToArray(), "test.tif").Pixels);
    }

    [Theory]
    [InlineData(34925, "LZMA")]
    [InlineData(50000, "Zstandard")]
    [InlineData(34712, "JPEG 2000")]
    [InlineData(4711, "compression 4711")]
    public void A_compression_that_is_not_read_is_named(int compression, string name)
    {
        byte[] file = TiffBuilder.Image(2, 1, 8, 1, Photometric.MINISBLACK, [1, 2]);
        BinaryPrimitives.WriteUInt16LittleEndian(TiffBuilder.Entry(file, TiffTag.COMPRESSION)[8..], (ushort)compression);
        BadFile.Expect(file, $"a TIFF of a kind that is not read ({name})");
    }

    [Fact]
    public void A_directory_beyond_the_end_is_refused()
    {
        BadFile.Expect([.. "II*\0"u8, 0xF0, 0xFF, 0xFF, 0x7F, .. new byte[12]], "the TIFF ends too early");
        BadFile.Expect([.. "MM\0*"u8, 0xFF, 0xFF, 0xFF, 0xFF, .. new byte[12]], "the TIFF ends too early");
        BadFile.Expect([.. "II+\0"u8, 8, 0, 0, 0, .. Enumerable.Repeat((byte)0x7F, 8), .. new byte[4]], "the TIFF ends too early");
    }

    [Fact]
    public void Twelve_bits_in_sixteen_are_scaled()
    {
        byte[] rows = [0, 0, 0, 0x01, 0xFF, 0x0F, 0x10, 0x00];
        byte[] file = TiffBuilder.Image(4, 1, 16, 1, Photometric.MINISBLACK, rows);
        Assert.Equal([0, 16, 255, 1], ImageFile.Decode(file, "test.tif", out ImageInfo info).Pixels);
        Assert.Equal(12, info.SignificantBits);
    }

    // What the decoder of the pixels has to make up, of which it would only have printed a line.
    [Fact]
    public void A_damaged_JPEG_inside_is_refused()
    {
        byte[] file = TiffBuilder.Image(
            64, 64, 8, 1, Photometric.MINISBLACK, SomeImage.Noise(64, 64, 1).Pixels, Compression.JPEG, "wl", tiled: true);
        Assert.Equal(64, ImageFile.Decode(file, "test.tif").Width);
        int scan = file.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xDA]) + 10;
        file.AsSpan(scan + 40, 80).Clear();
        BadFile.Expect(file, "damaged");
    }

    private sealed class Listener : TiffErrorHandler
    {
        public ConcurrentQueue<string> Heard { get; } = [];

        public override void ErrorHandler(Tiff tif, string method, string format, params object[] args) => Heard.Enqueue(format);
    }
}
