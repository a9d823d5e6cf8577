using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Masks;
using CMUNeXt.Networks;
using CMUNeXt.Weights;

namespace CMUNeXt.Tests.Images;

/// <summary>Images that keep their proportions.</summary>
public sealed class LetterboxTests
{
    private static readonly Preprocessing Square = new()
    {
        Width = 32, Height = 32, Letterbox = true, Mean = [0, 0, 0], StandardDeviation = [1, 1, 1], Divisor = 1,
    };

    [Theory]
    [InlineData(50, 50, 50, 50, 0, 0)]
    [InlineData(100, 50, 100, 100, 0, 25)]
    [InlineData(31, 64, 64, 64, 16, 0)]
    public void The_canvas_has_the_inputs_proportions_and_the_image_stands_in_its_middle(
        int width, int height, int canvasWidth, int canvasHeight, int x, int y)
    {
        Assert.Equal((canvasWidth, canvasHeight, x, y), Square.CanvasOf(width, height));
        Assert.Equal((width, height, 0, 0), (Square with { Letterbox = false }).CanvasOf(width, height));
        Assert.Equal((100, 150, 0, 50), (Square with { Height = 48 }).CanvasOf(100, 50));
    }

    [Theory]
    [InlineData(PixelFormat.Gray8)]
    [InlineData(PixelFormat.Bgra32)]
    public void The_input_is_that_of_an_image_with_bars_drawn_around_it(PixelFormat format)
    {
        int size = format == PixelFormat.Gray8 ? 1 : 4;
        byte[] pixels = [.. Enumerable.Range(0, 40 * 24 * size).Select(static i => (byte)(i * 7))];
        byte[] drawn = new byte[40 * 40 * size];
        pixels.CopyTo(drawn, 8 * 40 * size);
        float[] expected = new float[3 * 32 * 32];
        float[] actual = new float[expected.Length];
        (Square with { Letterbox = false }).Apply(new PixelBuffer(drawn, 40, 40, 40 * size, format), expected);
        Square.Apply(new PixelBuffer(pixels, 40, 24, 40 * size, format), actual);
        Assert.Equal(expected, actual);
    }

    [Theory]
    [InlineData(60, 30)]
    [InlineData(30, 61)]
    public void A_mask_comes_back_at_the_images_size_without_the_bars(int width, int height)
    {
        float[] logits = [.. Formula.Input(9, 32 * 32).Select(static value => 5 * value)];
        (int canvasWidth, int canvasHeight, int x, int y) = Square.CanvasOf(width, height);
        Segmentation whole = Segmentation.FromLogits(logits, 1, 32, 32, canvasWidth, canvasHeight, 0.5f);
        Segmentation found = Segmentation.FromLogits(
            logits, 1, 32, 32, width, height, 0.5f, canvas: (canvasWidth, canvasHeight, x, y));
        Assert.Equal((width, height), (found.Mask.Width, found.Mask.Height));
        for (int i = 0; i < width * height; i++)
        {
            int there = ((y + (i / width)) * canvasWidth) + x + (i % width);
            Assert.Equal(whole.Mask.Pixels[there], found.Mask.Pixels[i]);
            Assert.Equal(whole.Probabilities[0][there], found.Probabilities[0][i]);
        }
    }

    [Fact]
    public void Weights_keep_it_and_those_that_stretch_say_nothing_of_it()
    {
        WeightsMetadata metadata = new() { Network = NetworkCatalog.Describe("cmunext-s"), Preprocessing = Square };
        Assert.Equal(Square, WeightsMetadata.FromJson("file", metadata.ToJson()).Preprocessing);
        Preprocessing stretched = Square with { Letterbox = false };
        Assert.NotEqual(Square, stretched);
        string json = (metadata with { Preprocessing = stretched }).ToJson();
        Assert.Equal(stretched, WeightsMetadata.FromJson("file", json).Preprocessing);
        Assert.DoesNotContain("letterbox", json, StringComparison.Ordinal);
    }

    // The canvas of the longer one would have 10,000 megapixels.
    [Theory]
    [InlineData(16_384, 1)]
    [InlineData(1, 100_000)]
    public void A_narrow_image_takes_no_memory_for_its_bars(int width, int height)
    {
        byte[] pixels = new byte[width * height];
        Array.Fill(pixels, byte.MaxValue);
        PixelBuffer image = new(pixels, width, height, width, PixelFormat.Gray8);
        float[] input = new float[3 * 32 * 32];
        Square.Apply(image, input);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Square.Apply(image, input);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
        Assert.InRange(input.Max(), 0, 1);
        Segmentation found = Segmentation.FromLogits(
            input.AsSpan(0, 32 * 32), 1, 32, 32, width, height, 0.5f, canvas: Square.CanvasOf(width, height));
        Assert.Equal((width, height), (found.Mask.Width, found.Mask.Height));
    }
}
