using System.Runtime.InteropServices;
using CMUNeXt.Images;

namespace CMUNeXt.Tests.Images;

public sealed class PixelBufferTests
{
    private const int Width = 37;
    private const int Height = 29;

    public static TheoryData<PixelFormat, ChannelOrder> FormatsAndOrders =>
        new MatrixTheoryData<PixelFormat, ChannelOrder>(Enum.GetValues<PixelFormat>(), Enum.GetValues<ChannelOrder>());

    [Theory]
    [MemberData(nameof(FormatsAndOrders))]
    public void Every_format_gives_the_network_and_an_image_what_the_image_of_the_same_pixels_has(PixelFormat format, ChannelOrder order)
    {
        Random random = new(7);
        bool gray = format is PixelFormat.Gray8 or PixelFormat.Gray16;
        byte[] pixels = new byte[Width * Height * (gray ? 1 : 3)];
        random.NextBytes(pixels);
        Preprocessing preprocessing = order == ChannelOrder.Gray
            ? Preprocessing.For(1) with { Width = 24, Height = 40 }
            : Preprocessing.Published with { Width = 24, Height = 40, Order = order };
        float[] expected = new float[preprocessing.Channels * 24 * 40];
        preprocessing.Apply(new Image(Width, Height, gray ? 1 : 3, pixels), expected);

        // Rows that are five bytes apart, the gaps and what is no color full of noise.
        int size = format switch { PixelFormat.Gray8 => 1, PixelFormat.Gray16 => 2, PixelFormat.Rgb24 or PixelFormat.Bgr24 => 3, _ => 4 };
        int stride = (Width * size) + 5;
        byte[] buffer = new byte[(stride * (Height - 1)) + (Width * size)];
        random.NextBytes(buffer);
        for (int i = 0; i < Width * Height; i++)
        {
            Span<byte> pixel = buffer.AsSpan((i / Width * stride) + (i % Width * size), size);
            switch (format)
            {
                case PixelFormat.Gray8:
                    pixel[0] = pixels[i];
                    break;
                case PixelFormat.Gray16:
                    pixel[1] = pixels[i];
                    break;
                case PixelFormat.Rgb24 or PixelFormat.Rgba32:
                    (pixel[0], pixel[1], pixel[2]) = (pixels[3 * i], pixels[(3 * i) + 1], pixels[(3 * i) + 2]);
                    break;
                default:
                    (pixel[2], pixel[1], pixel[0]) = (pixels[3 * i], pixels[(3 * i) + 1], pixels[(3 * i) + 2]);
                    break;
            }
        }

        float[] actual = new float[expected.Length];
        PixelBuffer view = new(buffer, Width, Height, stride, format);
        preprocessing.Apply(view, actual);
        Assert.Equal(expected, actual);
        Image copy = view.ToImage();
        Assert.Equal((Width, Height, gray ? 1 : 3), (copy.Width, copy.Height, copy.Channels));
        Assert.Equal(pixels, copy.Pixels);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(10)]
    [InlineData(12)]
    [InlineData(16)]
    public void Of_sixteen_bits_those_that_are_used_are_seen(int bits)
    {
        // A white sample says how many bits are used; the others are what an image of 8 bits shows of them.
        int white = (1 << bits) - 1;
        ushort[] samples = [.. Enumerable.Range(0, Width * Height).Select(i => (ushort)(i * 7919 & white)), (ushort)white];
        byte[] seen = [.. samples.Select(sample => (byte)(sample / (1 << (bits - 8))))];
        PixelBuffer buffer = Gray16(samples, samples.Length, 1);
        Assert.Equal(bits, buffer.SignificantBits);
        Assert.Equal(seen, buffer.ToImage().Pixels);
        Assert.Equal(Input(new PixelBuffer(seen, samples.Length, 1, samples.Length, PixelFormat.Gray8)), Input(buffer));
    }

    [Fact]
    public void A_dark_frame_is_as_dark_as_its_source_says()
    {
        ushort[] dark = [0, 16, 32, 255];
        Assert.Equal(8, Gray16(dark, 2, 2).SignificantBits);
        float[] expected = Input(new PixelBuffer([0, 1, 2, 15], 2, 2, 2, PixelFormat.Gray8));
        Assert.Equal(expected, Input(Gray16(dark, 2, 2, significantBits: 12)));

        // What no 12 bits hold is white.
        float[] white = Input(new PixelBuffer([0, 255, 2, 15], 2, 2, 2, PixelFormat.Gray8));
        Assert.Equal(white, Input(Gray16([0, 4096, 32, 255], 2, 2, significantBits: 12)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Gray16(dark, 2, 2, significantBits: 7).Width);
        Assert.Throws<ArgumentOutOfRangeException>(() => Gray16(dark, 2, 2, significantBits: 17).Width);
        Assert.Throws<ArgumentOutOfRangeException>(() => new PixelBuffer(new byte[1], 1, 1, 1, PixelFormat.Gray8, 12).Width);
    }

    private static PixelBuffer Gray16(ushort[] samples, int width, int height, int? significantBits = null) =>
        new(MemoryMarshal.AsBytes(samples.AsSpan()), width, height, 2 * width, PixelFormat.Gray16, significantBits);

    private static float[] Input(PixelBuffer pixels)
    {
        Preprocessing preprocessing = Preprocessing.For(1) with { Width = pixels.Width, Height = pixels.Height };
        float[] input = new float[pixels.Width * pixels.Height];
        preprocessing.Apply(pixels, input);
        return input;
    }

    [Fact]
    public void What_does_not_fit_is_refused_with_the_numbers()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Create(new byte[9], 0, 1, 3, PixelFormat.Rgb24));
        Assert.Throws<ArgumentOutOfRangeException>(() => Create(new byte[9], 1, -1, 3, PixelFormat.Rgb24));
        Assert.Throws<ArgumentOutOfRangeException>(() => Create(new byte[9], 1, 1, 3, (PixelFormat)17));
        ArgumentException stride = Assert.Throws<ArgumentException>(() => Create(new byte[100], 4, 2, 11, PixelFormat.Rgb24));
        Assert.Contains("4 pixels of Rgb24 has 12 bytes; a stride of 11 is too short", stride.Message, StringComparison.Ordinal);
        ArgumentException length = Assert.Throws<ArgumentException>(() => Create(new byte[27], 4, 2, 16, PixelFormat.Rgb24));
        Assert.Contains("need 28 bytes, not 27", length.Message, StringComparison.Ordinal);
        Create(new byte[28], 4, 2, 16, PixelFormat.Rgb24);

        // More bytes than a 32-bit number counts.
        Assert.Throws<ArgumentException>(() => Create(new byte[8], 1 << 30, 1 << 30, int.MaxValue, PixelFormat.Gray8));
        Assert.Throws<ArgumentException>(() => Create(new byte[8], 1 << 30, 1, int.MaxValue, PixelFormat.Rgba32));

        static void Create(byte[] pixels, int width, int height, int stride, PixelFormat format) =>
            _ = new PixelBuffer(pixels, width, height, stride, format).Width;
    }
}
