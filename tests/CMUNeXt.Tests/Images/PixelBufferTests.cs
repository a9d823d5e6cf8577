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
    public void Every_format_gives_the_network_what_the_image_of_the_same_pixels_gives(PixelFormat format, ChannelOrder order)
    {
        Random random = new(7);
        bool grey = format is PixelFormat.Grey8 or PixelFormat.Grey16;
        byte[] pixels = new byte[Width * Height * (grey ? 1 : 3)];
        random.NextBytes(pixels);
        Preprocessing preprocessing = order == ChannelOrder.Grey
            ? Preprocessing.For(1) with { Width = 24, Height = 40 }
            : Preprocessing.Published with { Width = 24, Height = 40, Order = order };
        float[] expected = new float[preprocessing.Channels * 24 * 40];
        preprocessing.Apply(new Image(Width, Height, grey ? 1 : 3, pixels), expected);

        // Rows that are five bytes apart, the gaps and what is no color full of noise.
        int size = format switch { PixelFormat.Grey8 => 1, PixelFormat.Grey16 => 2, PixelFormat.Rgb24 or PixelFormat.Bgr24 => 3, _ => 4 };
        int stride = (Width * size) + 5;
        byte[] buffer = new byte[(stride * (Height - 1)) + (Width * size)];
        random.NextBytes(buffer);
        for (int i = 0; i < Width * Height; i++)
        {
            Span<byte> pixel = buffer.AsSpan((i / Width * stride) + (i % Width * size), size);
            switch (format)
            {
                case PixelFormat.Grey8:
                    pixel[0] = pixels[i];
                    break;
                case PixelFormat.Grey16:
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
        preprocessing.Apply(new PixelBuffer(buffer, Width, Height, stride, format), actual);
        Assert.Equal(expected, actual);
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
        Assert.Throws<ArgumentException>(() => Create(new byte[8], 1 << 30, 1 << 30, int.MaxValue, PixelFormat.Grey8));
        Assert.Throws<ArgumentException>(() => Create(new byte[8], 1 << 30, 1, int.MaxValue, PixelFormat.Rgba32));

        static void Create(byte[] pixels, int width, int height, int stride, PixelFormat format) =>
            _ = new PixelBuffer(pixels, width, height, stride, format).Width;
    }
}
