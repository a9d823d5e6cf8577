using CMUNeXt.Images;

namespace CMUNeXt.Imaging.Tests.Formats;

public sealed class PngReaderTests
{
    public static TheoryData<byte, byte, bool> Kinds
    {
        get
        {
            TheoryData<byte, byte, bool> kinds = [];
            foreach ((byte color, byte[] depths) in new (byte, byte[])[]
            {
                (0, [1, 2, 4, 8, 16]), (2, [8, 16]), (3, [1, 2, 4, 8]), (4, [8, 16]), (6, [8, 16]),
            })
            {
                foreach (byte depth in depths)
                {
                    kinds.Add(color, depth, false);
                    kinds.Add(color, depth, true);
                }
            }

            return kinds;
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_kind_gives_the_stored_values_at_8_bits_without_alpha(byte colorType, byte depth, bool interlaced)
    {
        const int width = 21;
        const int height = 13;
        int perPixel = colorType switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };
        Random random = new(depth + colorType);
        int[] samples = [.. Enumerable.Range(0, width * height * perPixel).Select(_ => random.Next(1 << depth))];
        byte[]? palette = null;
        if (colorType == 3)
        {
            palette = new byte[3 << depth];
            random.NextBytes(palette);
        }

        byte[] file = PngBuilder.Image(width, height, depth, colorType, interlaced, samples, palette);
        Image image = ImageFile.Decode(file, "test.png");

        int Eight(int value) => depth == 16 ? value >> 8 : value * 255 / ((1 << depth) - 1);
        byte[] expected = colorType switch
        {
            3 => [.. samples.SelectMany(i => palette!.Skip(3 * i).Take(3))],
            4 => [.. samples.Where((_, i) => i % 2 == 0).Select(v => (byte)Eight(v))],
            6 => [.. samples.Where((_, i) => i % 4 != 3).Select(v => (byte)Eight(v))],
            _ => [.. samples.Select(v => (byte)Eight(v))],
        };
        Assert.Equal((width, height, colorType is 0 or 4 ? 1 : 3), (image.Width, image.Height, image.Channels));
        Assert.Equal(expected, image.Pixels);

        ImageInfo info = ImageFile.Identify(file, "test.png");
        Assert.Equal(
            (ImageFormat.Png, width, height, (int)depth, image.Channels, 1),
            (info.Format, info.Width, info.Height, info.BitsPerSample, info.Channels, info.Frames));
    }

    // The grays are what OpenCV 4.6 reads with IMREAD_GRAYSCALE from the same colors.
    [Fact]
    public void Colors_of_8_bits_become_the_grays_that_OpenCV_reads()
    {
        int[] rgb = [255, 0, 0, 0, 255, 0, 0, 0, 255, 128, 0, 128, 10, 200, 77, 1, 2, 3, 254, 255, 254, 90, 91, 90];
        byte[] expected = [76, 149, 29, 52, 129, 1, 254, 90];
        Assert.Equal(expected, ImageFile.DecodeGray(PngBuilder.Image(8, 1, 8, 2, false, rgb), "test.png").Pixels);

        byte[] palette = [.. rgb.Select(v => (byte)v)];
        Assert.Equal(
            expected, ImageFile.DecodeGray(PngBuilder.Image(8, 1, 4, 3, false, [0, 1, 2, 3, 4, 5, 6, 7], palette), "test.png").Pixels);
    }

    [Fact]
    public void Colors_of_16_bits_become_the_grays_that_OpenCV_reads()
    {
        int[] rgb = [65535, 0, 0, 0, 65535, 0, 0, 0, 65535, 40000, 30000, 20000, 257, 514, 771, 25599, 25600, 25601];
        byte[] file = PngBuilder.Image(6, 1, 16, 2, false, rgb);
        Assert.Equal([76, 150, 29, 124, 1, 100], ImageFile.DecodeGray(file, "test.png").Pixels);
        Assert.Equal(
            [255, 0, 0, 0, 255, 0, 0, 0, 255, 156, 117, 78, 1, 2, 3, 99, 100, 100],
            ImageFile.Decode(file, "test.png").Pixels);
    }

    [Fact]
    public void A_palette_index_without_a_color_is_black()
    {
        byte[] file = PngBuilder.Image(2, 1, 8, 3, false, [0, 9], [50, 60, 70]);
        Assert.Equal([50, 60, 70, 0, 0, 0], ImageFile.Decode(file, "test.png").Pixels);
    }

    // The standard lets an eXIf chunk stand on both sides of the pixels.
    [Theory]
    [InlineData(8, null)]
    [InlineData(null, 8)]
    [InlineData(8, 3)]
    public void The_orientation_of_an_Exif_chunk_is_honored_the_first_one(int? before, int? behind)
    {
        PngBuilder builder = new PngBuilder().Header(2, 1, 8, 0);
        Add(before);
        byte[] pixels = PngBuilder.Compress([0, 10, 20]);
        builder.Chunk("IDAT", pixels[..3]).Chunk("IDAT", pixels[3..]);
        Add(behind);
        byte[] file = builder.End().ToArray();
        Image image = ImageFile.Decode(file, "test.png");
        Assert.Equal((1, 2), (image.Width, image.Height));
        Assert.Equal([20, 10], image.Pixels);
        Assert.Equal((1, 2), (ImageFile.Identify(file, "test.png").Width, ImageFile.Identify(file, "test.png").Height));

        // The header of a file that ends within its pixels is read all the same.
        Assert.Equal(before is null ? 2 : 1, ImageFile.Identify(file.AsMemory(0, file.Length - 20), "test.png").Width);

        void Add(int? orientation)
        {
            if (orientation is { } value)
            {
                builder.Chunk("eXIf", SkiaBuilder.Exif(value));
            }
        }
    }

    [Fact]
    public void An_unknown_chunk_is_passed_over_where_it_may_be_and_refused_where_not()
    {
        byte[] pixels = PngBuilder.Compress([0, 10, 20]);
        byte[] fine = new PngBuilder().Header(2, 1, 8, 0).Chunk("abCd", [1]).Chunk("IDAT", pixels).End().ToArray();
        Assert.Equal([10, 20], ImageFile.Decode(fine, "test.png").Pixels);
        BadFile.Expect(
            new PngBuilder().Header(2, 1, 8, 0).Chunk("ABCD", [1]).Chunk("IDAT", pixels).End().ToArray(), "chunk of unknown type");
    }

    [Fact]
    public void Damage_is_named()
    {
        byte[] pixels = PngBuilder.Compress([0, 10, 20]);
        BadFile.Expect(new PngBuilder().End().ToArray(), "header chunk is missing");
        BadFile.Expect(new PngBuilder().Header(2, 1, 3, 0).Chunk("IDAT", pixels).End().ToArray(), "3 bits");
        BadFile.Expect(new PngBuilder().Header(0, 1, 8, 0).Chunk("IDAT", pixels).End().ToArray(), "0 x 1");
        BadFile.Expect(new PngBuilder().Header(2, 1, 8, 0).End().ToArray(), "holds no pixels");
        BadFile.Expect(new PngBuilder().Header(2, 1, 8, 3).Chunk("IDAT", pixels).End().ToArray(), "palette is missing");
        BadFile.Expect(
            new PngBuilder().Header(2, 1, 8, 3).Chunk("PLTE", [1, 2]).Chunk("IDAT", pixels).End().ToArray(),
            "palette has the wrong length");
        BadFile.Expect(new PngBuilder().Header(2, 2, 8, 0).Chunk("IDAT", pixels).End().ToArray(), "end too early");
        BadFile.Expect(new PngBuilder().Header(2, 1, 8, 0).Chunk("IDAT", pixels).ToArray(), "ends too early");
        BadFile.Expect(new PngBuilder().Header(2, 1, 8, 0).Chunk("IDAT", PngBuilder.Compress([7, 10, 20])).End().ToArray(), "row filter 7");
        BadFile.Expect(new PngBuilder().Header(2, 1, 8, 0).Chunk("IDAT", [1, 2, 3, 4, 5, 6, 7]).End().ToArray(), "cannot be decompressed");
    }

    [Fact]
    public void A_wrong_checksum_is_refused()
    {
        byte[] file = PngBuilder.Image(4, 4, 8, 0, false, new int[16]);
        file[^20] ^= 1;
        BadFile.Expect(file, "checksum");
    }

    [Fact]
    public void Pixels_that_a_few_bytes_cannot_hold_are_not_allocated_for()
    {
        byte[] file = new PngBuilder().Header(9000, 9000, 8, 2).Chunk("IDAT", PngBuilder.Compress([0, 1, 2])).End().ToArray();
        long before = GC.GetAllocatedBytesForCurrentThread();
        BadFile.Expect(file, "end too early");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000_000);
    }

    // What OpenCV makes of samples above 12 bits; what scanners of fewer mean.
    [Theory]
    [InlineData(255, 8)]
    [InlineData(256, 10)]
    [InlineData(1023, 10)]
    [InlineData(1024, 12)]
    [InlineData(4095, 12)]
    [InlineData(4096, 16)]
    [InlineData(65535, 16)]
    public void Of_16_bits_those_are_kept_that_are_used(int largest, int bits)
    {
        int[] samples = [0, 1, largest / 3, largest];
        byte[] expected = [.. samples.Select(sample => (byte)(sample >> (bits - 8)))];
        Assert.Equal(expected, ImageFile.Decode(PngBuilder.Image(4, 1, 16, 0, false, samples), "gray", out ImageInfo info).Pixels);
        Assert.Equal(bits, info.SignificantBits);
        byte[] alpha = PngBuilder.Image(4, 1, 16, 4, true, [.. samples.SelectMany(sample => new[] { sample, 65535 })]);
        Assert.Equal(expected, ImageFile.Decode(alpha, "alpha").Pixels);
        byte[] rgb = PngBuilder.Image(4, 1, 16, 2, false, [.. samples.SelectMany(sample => new[] { sample, sample, sample })]);
        Assert.Equal(expected.SelectMany(value => new[] { value, value, value }), ImageFile.Decode(rgb, "colors").Pixels);
        Assert.Equal(expected, ImageFile.DecodeGray(rgb, "colors to gray").Pixels);
    }
}
