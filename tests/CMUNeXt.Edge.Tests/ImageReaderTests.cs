using System.Buffers.Binary;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Imaging.Tests;
using CMUNeXt.Imaging.Tests.Formats;
using SkiaSharp;

namespace CMUNeXt.Edge.Tests;

/// <summary>The images of this program against those of CMUNeXt.Imaging, which decodes JPEG and BMP with Skia.</summary>
public sealed class ImageReaderTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Png_is_the_same(int channels)
    {
        Image image = SomeImage.Noise(31, 17, channels);
        SameAsImaging(ImageFile.EncodePng(image), 0);
    }

    // Grey and full colour are the same sums in both decoders; colours at half the size are enlarged differently.
    [Theory]
    [InlineData(1, SKJpegEncoderDownsample.Downsample444, 0)]
    [InlineData(3, SKJpegEncoderDownsample.Downsample444, 0)]
    [InlineData(3, SKJpegEncoderDownsample.Downsample422, 3)]
    [InlineData(3, SKJpegEncoderDownsample.Downsample420, 3)]
    public void Jpeg_is_the_same_but_for_the_rounding_of_shrunk_colours(int channels, SKJpegEncoderDownsample colours, int tolerance)
    {
        Image image = SomeImage.Smooth(61, 43, channels);
        using SKBitmap bitmap = new(new SKImageInfo(61, 43, channels == 1 ? SKColorType.Gray8 : SKColorType.Rgba8888, SKAlphaType.Opaque));
        for (int i = 0; i < 61 * 43; i++)
        {
            byte Value(int c) => image.Pixels[(i * channels) + (c % channels)];
            bitmap.SetPixel(i % 61, i / 61, new SKColor(Value(0), Value(1), Value(2)));
        }

        using SKData data = bitmap.PeekPixels().Encode(new SKJpegEncoderOptions(90, colours, SKJpegEncoderAlphaOption.Ignore))!;
        SameAsImaging(data.ToArray(), tolerance);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void Jpeg_is_shown_upright(int orientation) =>
        SameAsImaging(SkiaBuilder.WithOrientation(SkiaBuilder.Jpeg(SomeImage.Smooth(40, 30, 3)), orientation), 0);

    [Theory]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(4, false)]
    [InlineData(4, true)]
    [InlineData(8, false)]
    [InlineData(8, true)]
    [InlineData(24, false)]
    [InlineData(32, false)]
    public void Bmp_is_the_same(int bits, bool greyPalette)
    {
        Random random = new(bits);
        int width = 21;
        byte[][] rows = [.. Enumerable.Range(0, 13).Select(_ => Bytes(((width * bits) + 7) / 8))];
        byte[]? palette = null;
        if (bits <= 8)
        {
            palette = Bytes(4 << bits);
            for (int i = 0; i < palette.Length; i += 4)
            {
                palette[i + 1] = greyPalette ? palette[i] : palette[i + 1];
                palette[i + 2] = greyPalette ? palette[i] : palette[i + 2];
                palette[i + 3] = 0;
            }
        }

        byte[] file = BmpBuilder.Image(width, 13, bits, rows, palette);
        SameAsImaging(file, 0);

        // From the top: the height is negative.
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(22), -13);
        SameAsImaging(file, 0);

        byte[] Bytes(int count)
        {
            byte[] bytes = new byte[count];
            random.NextBytes(bytes);
            return bytes;
        }
    }

    [Fact]
    public void A_compressed_bmp_is_refused_with_what_to_do()
    {
        byte[] file = BmpBuilder.Image(4, 1, 8, [[0, 0, 0, 0]], new byte[1024]);
        file[30] = 1;
        Assert.Contains("compression 1, which is not read: convert it to PNG", Refused(file), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_image_or_too_large_is_refused_before_it_is_decoded()
    {
        Assert.Contains("the file is empty", Refused([]), StringComparison.Ordinal);
        Assert.Contains("not an image of a kind that is read", Refused("GIF89a, say"u8.ToArray()), StringComparison.Ordinal);

        byte[] bmp = BmpBuilder.Image(4, 1, 24, [new byte[12]]);
        BinaryPrimitives.WriteInt32LittleEndian(bmp.AsSpan(18), 20_000);
        BinaryPrimitives.WriteInt32LittleEndian(bmp.AsSpan(22), 20_000);
        Assert.Contains("more than the 100 megapixels allowed", Refused(bmp), StringComparison.Ordinal);

        byte[] jpeg = SkiaBuilder.Jpeg(SomeImage.Smooth(16, 16, 1));
        int frame = jpeg.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]);
        BinaryPrimitives.WriteUInt16BigEndian(jpeg.AsSpan(frame + 5), 65_000);
        BinaryPrimitives.WriteUInt16BigEndian(jpeg.AsSpan(frame + 7), 65_000);
        Assert.Contains("more than the 100 megapixels allowed", Refused(jpeg), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("jpg")]
    [InlineData("bmp")]
    [InlineData("png")]
    public void A_file_that_is_cut_short_is_refused(string kind)
    {
        byte[] file = Sample(kind);
        for (int length = 0; length < file.Length - (kind == "jpg" ? 2 : 1); length += 1 + (file.Length / 97))
        {
            Assert.Throws<InvalidDataException>(() => ImageReader.Decode(file.AsMemory(0, length)));
        }
    }

    [Theory]
    [InlineData("jpg")]
    [InlineData("bmp")]
    [InlineData("png")]
    public void A_damaged_file_gives_a_image_or_one_kind_of_failure(string kind)
    {
        byte[] file = Sample(kind);
        Random random = new(3);
        int refused = 0;
        for (int i = 0; i < 600; i++)
        {
            byte[] damaged = [.. file];
            for (int change = 0; change <= i % 4; change++)
            {
                damaged[random.Next(i % 2 == 0 ? Math.Min(200, file.Length) : file.Length)] = (byte)random.Next(256);
            }

            try
            {
                Image image = ImageReader.Decode(damaged);
                Assert.Equal(image.Width * image.Height * image.Channels, image.Pixels.Length);
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 1, 600);
    }

    [Fact]
    public void Files_that_cannot_be_read_are_named()
    {
        BadFileException missing = Assert.Throws<BadFileException>(() => ImageReader.Read("/nowhere/at/all.png"));
        Assert.Equal("/nowhere/at/all.png: there is no such file", missing.Message);
        Assert.Contains("a folder, not an image file", Assert.Throws<BadFileException>(() => ImageReader.Read(Path.GetTempPath())).Message, StringComparison.Ordinal);
    }

    private static byte[] Sample(string kind)
    {
        Image image = SomeImage.Smooth(48, 40, 3);
        return kind switch
        {
            "jpg" => SkiaBuilder.Jpeg(image),
            "png" => ImageFile.EncodePng(image),
            _ => BmpBuilder.Image(48, 40, 24, [.. Enumerable.Range(0, 40).Select(y => image.Pixels[(y * 144)..((y + 1) * 144)])]),
        };
    }

    private static void SameAsImaging(byte[] file, int tolerance)
    {
        Image expected = ImageFile.Decode(file, "test");
        Image actual = ImageReader.Decode(file);
        Assert.Equal((expected.Width, expected.Height, expected.Channels), (actual.Width, actual.Height, actual.Channels));
        int largest = expected.Pixels.Zip(actual.Pixels, (e, a) => Math.Abs(e - a)).Max();
        Assert.InRange(largest, 0, tolerance);
    }

    private static string Refused(byte[] file) => Assert.Throws<InvalidDataException>(() => ImageReader.Decode(file)).Message;
}
