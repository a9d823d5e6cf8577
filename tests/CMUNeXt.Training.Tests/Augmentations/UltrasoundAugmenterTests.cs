using CMUNeXt.Images;
using CMUNeXt.Masks;
using CMUNeXt.Training.Augmentations;
using CMUNeXt.Training.Protocol;

namespace CMUNeXt.Training.Tests.Augmentations;

public sealed class UltrasoundAugmenterTests
{
    private const int Epochs = 20;
    private static readonly UltrasoundAugmentation Everything = new() { Chance = 1, Marks = 1, Elastic = 0.05 };

    private static readonly UltrasoundAugmentation Mild =
        new() { Speckle = 0, Blur = 0, LowResolution = 1, Marks = 0, Elastic = 0 };

    private static readonly UltrasoundAugmentation Nothing = Mild with
    {
        Scale = new(1, 1),
        Aspect = new(1, 1),
        Rotation = 0,
        Shift = 0,
        Flip = 0,
        Gamma = new(1, 1),
        Contrast = new(1, 1),
        Brightness = 0,
        DepthGain = 0,
    };

    [Fact]
    public void What_is_done_is_a_function_of_seed_epoch_and_name()
    {
        byte[] first = Apply(Everything, "a", 3).Image;
        Assert.Equal(first, Apply(Everything, "a", 3).Image);
        Assert.NotEqual(first, Apply(Everything, "a", 4).Image);
        Assert.NotEqual(first, Apply(Everything, "b", 3).Image);
        Assert.NotEqual(first, Apply(Everything, "a", 3, seed: 42).Image);
    }

    [Fact]
    public void One_change_can_be_left_out_and_the_others_stay()
    {
        // Whatever else is drawn, the mask shows where the warp went.
        byte[] mask = Apply(Everything with { Elastic = 0 }, "a", 3).Mask;
        Assert.Equal(mask, Apply(Mild, "a", 3).Mask);
        Assert.Equal(Apply(Mild, "a", 3).Image, Apply(Mild with { Chance = 1 }, "a", 3).Image);
    }

    [Fact]
    public void Without_strength_an_image_of_the_networks_size_stays_as_it_is()
    {
        (byte[] image, byte[] mask) = Apply(Nothing, "a", 0);
        Assert.Equal(Image().Pixels, image);
        Assert.Equal(Mask().Pixels, mask);
    }

    [Theory]
    [InlineData(17, false)]
    [InlineData(18, true)]
    [InlineData(19, true)]
    public void Strong_changes_are_left_out_of_the_last_tenth_of_the_epochs(int epoch, bool calm) =>
        Assert.Equal(calm, Apply(Everything, "a", epoch).Image.AsSpan().SequenceEqual(Apply(Mild, "a", epoch).Image));

    [Fact]
    public void Every_setting_changes_what_comes_out()
    {
        UltrasoundAugmentation[] each =
        [
            Nothing with { Scale = new(0.7, 0.8) }, Nothing with { Aspect = new(0.8, 0.9) }, Nothing with { Rotation = 20 },
            Nothing with { Shift = 0.2 },
            Nothing with { Flip = 1 }, Nothing with { Elastic = 0.1, Chance = 1 }, Nothing with { Gamma = new(1.5, 1.6) },
            Nothing with { Contrast = new(1.2, 1.3) }, Nothing with { Brightness = 0.2 }, Nothing with { DepthGain = 0.5 },
            Nothing with { Speckle = 0.3, Chance = 1 }, Nothing with { Blur = 1, Chance = 1 },
            Nothing with { LowResolution = 4, Chance = 1 },
            Nothing with { Marks = 1 }, Nothing with { VerticalFlip = 1 },
        ];
        string[] seen = [.. each.Select(settings => Convert.ToHexString(Apply(settings, "a", 2).Image)),
            Convert.ToHexString(Image().Pixels)];
        Assert.Equal(seen.Length, seen.Distinct().Count());
    }

    [Fact]
    public void A_vertical_flip_and_quarter_turns_are_those_of_image_and_mask()
    {
        (byte[] image, byte[] mask) = Apply(Nothing with { VerticalFlip = 1 }, "a", 0);
        Augmentation flip = new(0, FlipHorizontally: false, FlipVertically: true);
        Assert.Equal(flip.Apply(Image()).Pixels, image);
        Assert.Equal(flip.Apply(Mask()).Pixels, mask);

        string[] turned = [.. Enumerable.Range(0, 4).Select(static turns => Shown(new Augmentation(turns, false, false)))];
        string[] seen = [.. Enumerable.Range(0, 40).Select(static epoch =>
        {
            (byte[] turnedImage, byte[] turnedMask) = Apply(Nothing with { QuarterTurns = 1 }, "a", epoch);
            return Convert.ToHexString(turnedImage) + Convert.ToHexString(turnedMask);
        })];
        Assert.Equal(turned.Order(), seen.Distinct().Order());

        static string Shown(Augmentation turn) =>
            Convert.ToHexString(turn.Apply(Image()).Pixels) + Convert.ToHexString(turn.Apply(Mask()).Pixels);
    }

    [Fact]
    public void Impossible_strengths_are_refused()
    {
        Assert.Null(new UltrasoundAugmentation().FindFault());
        UltrasoundAugmentation[] wrong =
        [
            new() { Scale = new(0, 1) }, new() { Aspect = new(2, 1) }, new() { Gamma = new(1, double.PositiveInfinity) },
            new() { Rotation = -1 },
            new() { Shift = 2 }, new() { LowResolution = 0.5 }, new() { Blur = double.NaN }, new() { Chance = 1.5 }, new() { Calm = -0.1 },
        ];
        Assert.All(wrong, settings => Assert.NotNull(settings.FindFault()));
    }

    private static (byte[] Image, byte[] Mask) Apply(UltrasoundAugmentation settings, string name, int epoch, ulong seed = 41)
    {
        UltrasoundAugmenter augmenter = new(settings, (32, 32), gray: true, seed, Epochs);
        (Image image, Mask mask) = augmenter.Apply(name, Image(), Mask(), epoch);
        return (image.Pixels, mask.Pixels);
    }

    private static Image Image()
    {
        byte[] pixels = new byte[32 * 32];
        new Random(2).NextBytes(pixels);
        return new Image(32, 32, 1, pixels);
    }

    private static Mask Mask() => new(32, 32, [.. Enumerable.Range(0, 32 * 32).Select(i => (byte)(i % 32 < 12 && i / 32 > 20 ? 1 : 0))]);
}
