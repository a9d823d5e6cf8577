using CMUNeXt.Drawing.Overlays;
using CMUNeXt.Images;
using CMUNeXt.Imaging.Tests;
using CMUNeXt.Masks;
using SkiaSharp;

namespace CMUNeXt.Drawing.Tests.Overlays;

public sealed class OverlayTests
{
    private const int Size = 120;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Only_the_contour_is_drawn_over(int channels)
    {
        Image image = SomeImage.Noise(Size, Size, channels);
        Image overlay = Overlay.Draw(image, Box(30, 90), null);
        Assert.Equal((Size, Size, 3), (overlay.Width, overlay.Height, overlay.Channels));
        for (int y = 0; y < Size; y++)
        {
            for (int x = 0; x < Size; x++)
            {
                // The box's edge is 30 from its center.
                double fromContour = Math.Abs(Math.Max(Math.Abs(x - 59.5), Math.Abs(y - 59.5)) - 30);
                if (fromContour >= 4)
                {
                    for (int c = 0; c < 3; c++)
                    {
                        Assert.Equal(
                            image.Pixels[(((y * Size) + x) * channels) + (channels == 1 ? 0 : c)],
                            overlay.Pixels[(((y * Size) + x) * 3) + c]);
                    }
                }
            }
        }
    }

    [Fact]
    public void A_confidence_is_written_above_the_lesion_that_has_one()
    {
        Lesion Lesion(double? confidence) => new(1, 9, new BoundingBox(20, 50, 3, 3), [new PixelPosition(20, 50)], 0.9, confidence);
        Assert.Equal([new OverlayLabel("contour: 87 %", 20, 50)], OverlayLabel.Of([Lesion(0.868), Lesion(null), Lesion(0.0049)]));
        Assert.Equal("contour: 87 %, 5.0 x 4.8 mm", Assert.Single(OverlayLabel.Of([Lesion(0.868).Measure(new PixelSize(3, 4))])).Text);
    }

    [Fact]
    public void What_has_to_be_known_of_the_whole_image_is_written_at_its_ends()
    {
        OverlayLabel unlike = new("unlike the images of the training", 0, 0);
        OverlayLabel nothing = new("no finding, which is no diagnosis", 0, Size);
        Lesion lesion = new(1, 9, new BoundingBox(20, 50, 3, 3), [new PixelPosition(20, 50)], 0.9, 0.868);
        Assert.Equal([unlike, nothing], OverlayLabel.Of([], Gray(90), isUnlike: true));
        Assert.Equal([nothing], OverlayLabel.Of([lesion with { Confidence = 0.0049 }], Gray(90), isUnlike: false));
        Assert.Equal([new OverlayLabel("contour: 87 %", 20, 50), unlike], OverlayLabel.Of([lesion], Gray(90), isUnlike: true));
        Assert.Equal([new OverlayLabel("contour: 87 %", 20, 50)], OverlayLabel.Of([lesion], Gray(90), isUnlike: false));
    }

    [Fact]
    public void Truth_is_green_and_solid_prediction_orange_and_dashed()
    {
        Image overlay = Overlay.Draw(Gray(90), Box(10, 50), Box(60, 110));
        List<(byte R, byte G, byte B)> reference = [.. Enumerable.Range(15, 30).Select(y => At(overlay, 10, y))];
        List<(byte R, byte G, byte B)> prediction = [.. Enumerable.Range(65, 40).Select(y => At(overlay, 60, y))];
        Assert.All(reference, p => Assert.True(p.G > p.R + 60 && p.G > p.B));
        Assert.Contains(prediction, p => p.R > p.B + 60 && p.R > p.G + 30);
        Assert.Contains(prediction, p => p is (90, 90, 90));
    }

    [Fact]
    public void Both_lines_show_where_they_agree()
    {
        Mask mask = Box(20, 100);
        Image overlay = Overlay.Draw(Gray(90), mask, mask);
        List<(byte R, byte G, byte B)> side = [.. Enumerable.Range(25, 70).Select(y => At(overlay, 20, y))];
        Assert.Contains(side, p => p.G > p.R + 60);
        Assert.Contains(side, p => p.R > p.G + 30);
    }

    [Fact]
    public void A_prediction_alone_is_solid_and_tinted()
    {
        Image overlay = Overlay.Draw(Gray(90), null, Box(20, 100), new OverlayOptions { Tint = 0.2 });
        Assert.All(Enumerable.Range(25, 70), y => Assert.True(At(overlay, 20, y).R > 150));
        (byte R, byte G, byte B) inside = At(overlay, 60, 60);

        // 0.2 of the line's color over 0.8 of the image's gray.
        Assert.InRange(inside.R, 0.8 * 90 + 0.2 * 255 - 2, 0.8 * 90 + 0.2 * 255 + 2);
        Assert.InRange(inside.B, 0.8 * 90 - 2, 0.8 * 90 + 2);
        Assert.Equal((90, 90, 90), At(overlay, 5, 5));
    }

    [Fact]
    public void Classes_have_colors_of_their_own()
    {
        byte[] pixels = new byte[Size * Size];
        for (int label = 1; label <= 5; label++)
        {
            for (int y = (label * 20) - 5; y < (label * 20) + 5; y++)
            {
                pixels.AsSpan((y * Size) + 20, 80).Fill((byte)label);
            }
        }

        Image overlay = Overlay.Draw(Gray(0), new Mask(Size, Size, pixels), null);
        HashSet<(byte, byte, byte)> colors = [.. Enumerable.Range(1, 5).Select(label => At(overlay, 20, label * 20))];
        Assert.Equal(5, colors.Count);
    }

    [Fact]
    public void Of_several_classes_one_alone_has_its_own_color_too()
    {
        Mask first = Box(20, 100);
        Image one = Overlay.Draw(Gray(0), first, null, new OverlayOptions { Classes = 1 });
        Image two = Overlay.Draw(Gray(0), first, null, new OverlayOptions { Classes = 2 });
        byte[] both = [.. first.Pixels];
        both[^1] = 2;
        Image shown = Overlay.Draw(Gray(0), new Mask(Size, Size, both), null);
        Assert.NotEqual(At(one, 20, 60), At(two, 20, 60));
        Assert.Equal(At(shown, 20, 60), At(two, 20, 60));
    }

    [Theory]
    [InlineData(40, 60)]
    [InlineData(-500, -500)]
    [InlineData(5000, 5000)]
    public void A_label_is_written_inside_the_image(double x, double y)
    {
        Image overlay = Overlay.Draw(Gray(90), null, null, new OverlayOptions { Labels = [new OverlayLabel("0.93", x, y)] });
        int white = overlay.Pixels.Chunk(3).Count(p => p[0] > 200);
        Assert.InRange(white, 20, 400);
    }

    [Fact]
    public void Of_labels_in_one_place_the_first_is_legible()
    {
        OverlayLabel first = new("0.93", 30, 60);
        OverlayLabel apart = new("0.41", 30, 110);
        Image Labeled(params OverlayLabel[] labels) => Overlay.Draw(Gray(90), null, null, new OverlayOptions { Labels = labels });
        Assert.Equal(Labeled(first, apart).Pixels, Labeled(first, new OverlayLabel("0.12", 35, 64), apart).Pixels);
        Assert.NotEqual(Labeled(first).Pixels, Labeled(first, apart).Pixels);
    }

    // What is cut at the border would leave bright letters in its last columns.
    [Theory]
    [InlineData(60)]
    [InlineData(90)]
    [InlineData(140)]
    public void On_a_narrow_image_a_label_is_whole(int width)
    {
        Image image = Overlay.Draw(
            new Image(width, 600, 1, new byte[width * 600]), null, null,
            new OverlayOptions { Labels = [new OverlayLabel("contour: 97 %, 12.3 x 4.5 mm", 5, 300)] });
        Assert.Contains(image.Pixels, value => value > 128);
        for (int y = 0; y < 600; y++)
        {
            Assert.InRange(image.Pixels[((y * width) + width - 1) * 3], 0, 64);
        }
    }

    [Fact]
    public void Where_letters_would_not_be_legible_there_is_no_label()
    {
        Image image = Overlay.Draw(
            new Image(20, 600, 1, new byte[20 * 600]), null, null,
            new OverlayOptions { Labels = [new OverlayLabel("contour: 97 %", 0, 300)] });
        Assert.All(image.Pixels, value => Assert.Equal(0, value));
    }

    // As large a part of the image as on a small one.
    [Fact]
    public void On_a_large_image_a_label_grows_with_it()
    {
        int Height(int size)
        {
            Image image = Overlay.Draw(
                new Image(size, size, 1, new byte[size * size]), null, null,
                new OverlayOptions { Labels = [new OverlayLabel("97 %", 0, size / 2)] });
            return Enumerable.Range(0, size)
                .Count(y => image.Pixels.AsSpan(y * size * 3, size * 3).ContainsAnyInRange((byte)128, (byte)255));
        }

        Assert.InRange(Height(4000), 7.5 * Height(500), 8.5 * Height(500));
    }

    // Skia keeps the glyphs of every size that was asked for; a folder's images have hundreds of sizes.
    [Fact]
    public void Labels_of_many_images_are_written_in_few_sizes()
    {
        SKGraphics.PurgeFontCache();
        for (int width = 400; width < 1000; width++)
        {
            Overlay.Draw(
                new Image(width, 60, 1, new byte[width * 60]), null, null,
                new OverlayOptions { Labels = [new OverlayLabel("97 %", 5, 40)] });
        }

        // 12 to 31 pixels, and what other tests write meanwhile.
        Assert.InRange(SKGraphics.GetFontCacheCountUsed(), 1, 100);
    }

    [Fact]
    public void A_mask_of_another_size_is_refused()
    {
        Assert.Throws<ArgumentException>(() => Overlay.Draw(Gray(0), new Mask(2, 2, new byte[4]), null));
        Assert.Throws<ArgumentException>(() => Overlay.Draw(Gray(0), null, new Mask(2, 2, new byte[4])));
    }

    private static Image Gray(byte value) => new(Size, Size, 1, [.. Enumerable.Repeat(value, Size * Size)]);

    private static Mask Box(int from, int to)
    {
        byte[] pixels = new byte[Size * Size];
        for (int y = from; y < to; y++)
        {
            pixels.AsSpan((y * Size) + from, to - from).Fill(1);
        }

        return new Mask(Size, Size, pixels);
    }

    private static (byte R, byte G, byte B) At(Image image, int x, int y)
    {
        int i = ((y * image.Width) + x) * 3;
        return (image.Pixels[i], image.Pixels[i + 1], image.Pixels[i + 2]);
    }
}
