using CMUNeXt.Drawing.Overlays;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Imaging.Tests;

namespace CMUNeXt.Drawing.Tests;

public sealed class SegmentationDrawingTests
{
    private const int Size = 120;

    [Fact]
    public void One_call_draws_contour_and_tint()
    {
        float[] probability = new float[Size * Size];
        for (int y = 30; y < 90; y++)
        {
            probability.AsSpan((y * Size) + 30, 60).Fill(0.9f);
        }

        Image image = new(Size, Size, 1, [.. Enumerable.Repeat((byte)100, Size * Size)]);
        Segmentation found = Segmentation.FromProbability(Size, Size, probability);
        Image drawn = found.DrawOn(image);
        Assert.Equal((100, 100, 100), At(drawn, 10, 60));
        (byte red, _, byte blue) = At(drawn, 60, 60);
        Assert.True(red > blue + 10, "The inside is tinted.");
        (byte edgeRed, _, byte edgeBlue) = At(drawn, 30, 60);
        Assert.True(edgeRed > edgeBlue + 60, "The contour is drawn.");
        Assert.Throws<ArgumentException>(() => found.DrawOn(SomeImage.Noise(9, 9, 1)));
    }

    [Fact]
    public void Where_nothing_is_found_or_the_image_is_unlike_others_it_says_so()
    {
        OverlayLabel nothing = new("no finding, which is no diagnosis", 0, 200);
        OverlayLabel unlike = new("unlike the images of the training", 0, 0);
        Image speckled = Speckled(300, 200);
        Assert.Empty(InputCheck.Warnings(speckled));
        AssertLabels(speckled, nothing);
        AssertLabels(SomeImage.Noise(300, 200, 1), unlike, nothing);

        static void AssertLabels(Image image, params OverlayLabel[] labels)
        {
            Image drawn = Segmentation.FromProbability(300, 200, new float[300 * 200]).DrawOn(image);
            Assert.Equal(Overlay.Draw(image, null, null, new OverlayOptions { Labels = labels }).Pixels, drawn.Pixels);
            Assert.NotEqual(Overlay.Draw(image, null, null).Pixels, drawn.Pixels);
        }
    }

    // Grains of a few pixels, as ultrasound has.
    private static Image Speckled(int width, int height)
    {
        const int Grain = 4;
        Random random = new(5);
        byte[] grains = [.. Enumerable.Range(0, width * height).Select(_ => (byte)random.Next(60, 180))];
        byte[] pixels = new byte[width * height];
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = grains[(i / width / Grain * width) + (i % width / Grain)];
        }

        return new Image(width, height, 1, pixels);
    }

    private static (byte R, byte G, byte B) At(Image image, int x, int y)
    {
        int i = ((y * image.Width) + x) * 3;
        return (image.Pixels[i], image.Pixels[i + 1], image.Pixels[i + 2]);
    }
}
