using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Imaging.Tests.Formats;
using CMUNeXt.Tests;
using CMUNeXt.Training.Data;
using CMUNeXt.Training.Phantoms;

namespace CMUNeXt.Training.Tests.Data;

/// <summary>What the values of masks mean, the same for every reader.</summary>
public sealed class GrayMaskTests
{
    private const int Side = 128;
    private const int Radius = 40;

    [Theory]
    [InlineData(new byte[] { 0, 255 })]
    [InlineData(new byte[] { 0 })]
    [InlineData(new byte[] { 255 })]
    [InlineData(new byte[] { 200 })]
    [InlineData(new byte[] { 0, 127, 128, 255 })]
    [InlineData(new byte[] { 0, 1, 2, 254, 255 })]
    [InlineData(new byte[] { 0, 253, 255 })]
    [InlineData(new byte[] { 0, 200 })]
    [InlineData(new byte[] { 0, 85, 170, 255 })]
    [InlineData(new byte[] { 0, 0, 0, 100, 200 })]
    public void Masks_of_0_and_255_may_be_blurred(byte[] values) => Assert.Null(GrayMask.Problem(values, GrayMask.Threshold));

    [Theory]
    [InlineData(new byte[] { 0, 1 }, "the largest value is 1")]
    [InlineData(new byte[] { 0, 127 }, "the largest value is 127")]
    [InlineData(new byte[] { 0, 1, 255 }, "besides 0 and 255 it holds 1")]
    [InlineData(new byte[] { 0, 2, 255 }, "besides 0 and 255 it holds 2")]
    [InlineData(new byte[] { 0, 1, 2, 3, 20, 255 }, "besides 0 and 255 it holds 1")]
    [InlineData(new byte[] { 0, 128, 255 }, "besides 0 and 255 it holds 128")]
    [InlineData(new byte[] { 1, 255 }, "besides 0 and 255 it holds 1")]
    [InlineData(new byte[] { 128, 200 }, "no value is background")]
    public void Values_that_would_be_read_as_nothing_as_everything_or_as_the_border_are_refused(byte[] values, string problem) =>
        Assert.StartsWith(problem, GrayMask.Problem(values, GrayMask.Threshold), StringComparison.Ordinal);

    [Theory]
    [InlineData(new byte[] { 0, 1 }, null)]
    [InlineData(new byte[] { 0 }, null)]
    [InlineData(new byte[] { 0, 1, 255 }, "it holds the value 255 where masks are 0 and 1")]
    public void Masks_of_0_and_1_hold_nothing_else(byte[] values, string? problem) => Assert.Equal(problem, GrayMask.Problem(values, 0));

    [Fact]
    public void An_image_is_no_mask()
    {
        for (int i = 0; i < 4; i++)
        {
            Assert.EndsWith(
                "seems to be an image, or probabilities, and no mask",
                GrayMask.Problem(PhantomGenerator.Create(7, i).Image.Pixels, GrayMask.Threshold), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_mask_whose_border_is_blurred_over_six_pixels_is_one() =>
        Assert.Null(GrayMask.Problem(Disk(static distance => 127.5 - (distance * 255 / 6)), GrayMask.Threshold));

    // Lossy compression makes values near the border uncertain.
    [Fact]
    public void A_mask_with_noise_around_its_border_is_one()
    {
        Random random = new(5);
        byte[] mask = Disk(distance => (distance < 0 ? 255 : 0) + (Math.Abs(distance) < 8 ? random.Next(-40, 41) : 0));
        Assert.Contains(mask, static value => value is > 32 and < 223);
        Assert.Null(GrayMask.Problem(mask, GrayMask.Threshold));
    }

    // A label of few bits is stretched to 255 in an image, and wanted as it is stored in a label map.
    [Theory]
    [InlineData(1, new byte[] { 0, 255 }, false, new byte[] { 0, 255 })]
    [InlineData(1, new byte[] { 0, 255 }, true, new byte[] { 0, 1 })]
    [InlineData(2, new byte[] { 0, 85 }, false, new byte[] { 0, 1 })]
    [InlineData(2, new byte[] { 0, 85, 170, 255 }, true, new byte[] { 0, 1, 2, 3 })]
    [InlineData(4, new byte[] { 0, 17, 34 }, true, new byte[] { 0, 1, 2 })]
    [InlineData(4, new byte[] { 0, 255 }, false, new byte[] { 0, 255 })]
    public void Labels_of_few_bits_are_those_that_are_stored(int bits, byte[] decoded, bool labels, byte[] expected)
    {
        ImageInfo info = new(ImageFormat.Png, decoded.Length, 1, PixelLayout.Gray, bits, 1);
        Assert.Equal(expected, GrayMask.OneChannel(new Image(decoded.Length, 1, 1, decoded), info, labels)!.Pixels);
    }

    [Theory]
    [InlineData(8, false, 255, false)]
    [InlineData(8, false, 1, false)]
    [InlineData(16, false, 255, false)]
    [InlineData(16, true, 255, true)]
    [InlineData(16, false, 19, true)]
    [InlineData(10, false, 75, true)]
    [InlineData(12, false, 255, false)]
    public void Values_that_are_lost_in_8_bits_are_refused(int significant, bool small, byte largest, bool refused)
    {
        ImageInfo info = new(ImageFormat.Png, 2, 1, PixelLayout.Gray, 16, 1) { SignificantBits = significant, LosesSmallSamples = small };
        string? problem = GrayMask.TypeProblem(new Image(2, 1, 1, [0, largest]), info);
        Assert.Equal(refused, problem is not null);
    }

    // Some programs write every PNG with an alpha, that of an empty mask too.
    [Theory]
    [InlineData(new[] { 0, 0 }, new[] { 255, 255 }, false)]
    [InlineData(new[] { 255, 255 }, new[] { 0, 0 }, false)]
    [InlineData(new[] { 0, 255 }, new[] { 0, 255 }, false)]
    [InlineData(new[] { 0, 0 }, new[] { 0, 255 }, true)]
    [InlineData(new[] { 255, 255 }, new[] { 255, 254 }, true)]
    public void A_mask_is_in_the_alpha_where_this_alone_differs(int[] grays, int[] alphas, bool refused)
    {
        using TemporaryFolder folder = new();
        int[] rgba = [.. grays.Zip(alphas).SelectMany(static pixel => new[] { pixel.First, pixel.First, pixel.First, pixel.Second })];
        File.WriteAllBytes(folder["mask.png"], PngBuilder.Image(2, 1, 8, 6, false, rgba));
        if (refused)
        {
            string message = Assert.Throws<BadFileException>(() => GrayMask.Load(folder["mask.png"])).Message;
            Assert.Contains("in the alpha", message, StringComparison.Ordinal);
        }
        else
        {
            Assert.Equal(grays, GrayMask.Load(folder["mask.png"]).Pixels.Select(static value => (int)value));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_values_of_a_bmp_are_the_grays_of_its_palette(bool labels)
    {
        using TemporaryFolder folder = new();
        byte[] palette = [.. Enumerable.Range(0, 3).SelectMany(static i => (byte[])[(byte)i, (byte)i, (byte)i, 0])];
        File.WriteAllBytes(folder["four.bmp"], BmpBuilder.Image(3, 1, 4, [[0x01, 0x20]], palette));
        File.WriteAllBytes(folder["one.bmp"], BmpBuilder.Image(3, 1, 1, [[0b0100_0000]], palette[..8]));
        Assert.Equal([0, 1, 2], GrayMask.Load(folder["four.bmp"], labels).Pixels);
        Assert.Equal([0, 1, 0], GrayMask.Load(folder["one.bmp"], labels).Pixels);
    }

    [Fact]
    public void Every_reader_of_a_set_by_hand_asks_the_same()
    {
        using TemporaryFolder folder = new();
        folder.WriteGray("images/a.png", 1, 2, 3);
        folder.WriteGray("masks/0/a.png", 0, 1, 255);
        Case one = DataSet.Open(folder.Path).Cases[0];
        Assert.Contains("besides 0 and 255", Assert.Throws<BadFileException>(() => LoadedCase.Load(one)).Message, StringComparison.Ordinal);
        Assert.Contains(
            "besides 0 and 255", Assert.Throws<BadFileException>(() => CaseContents.Read(one)).Message, StringComparison.Ordinal);
    }

    // That takes masks of 0 and 1, and none of 0, 1 and 255.
    [Theory]
    [InlineData(new byte[] { 0, 1 }, "; masks are 0 and 255, and \"cmunext prepare pairs\" makes them so")]
    [InlineData(new byte[] { 0, 1, 255 }, "; masks are 0 and 255")]
    public void Prepare_is_named_where_it_helps(byte[] values, string end)
    {
        Image mask = new(values.Length, 1, 1, values);
        Assert.EndsWith(
            end, Assert.Throws<BadFileException>(() => GrayMask.HasForeground(mask, "a.png")).Message, StringComparison.Ordinal);
    }

    // A lesion in the middle, by the distance of each pixel from its border: negative within.
    private static byte[] Disk(Func<double, double> value) =>
    [
        .. Enumerable.Range(0, Side * Side).Select(i =>
            (byte)Math.Clamp(value(Math.Sqrt(Square((i % Side) - (Side / 2)) + Square((i / Side) - (Side / 2))) - Radius), 0, 255)),
    ];

    private static double Square(double value) => value * value;
}
