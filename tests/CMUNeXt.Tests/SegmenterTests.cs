using CMUNeXt.Pictures;

namespace CMUNeXt.Tests;

public sealed class SegmenterTests
{
    private static readonly Preprocessing Small = Preprocessing.Published with { Width = 32, Height = 16 };

    [Fact]
    public void The_network_sees_the_preprocessed_picture_and_the_mask_has_the_pictures_size()
    {
        // The logit is the red channel of the input: bright red is foreground.
        using FakeNetwork network = new(3, 1, compute: input => input[(2 * 32 * 16)..]);
        byte[] pixels = new byte[64 * 48 * 3];
        for (int i = 0; i < 64 * 48; i++)
        {
            pixels[3 * i] = i % 64 < 32 ? (byte)255 : (byte)0;
        }

        Picture picture = new(64, 48, 3, pixels);
        Segmentation found = new Segmenter(network, Small).Segment(picture);
        float[] expected = new float[3 * 32 * 16];
        Small.Apply(picture, expected);

        Assert.Equal(expected, network.Input);
        Assert.Equal((64, 48), (found.Width, found.Height));
        Assert.Equal(Enumerable.Range(0, 64 * 48).Select(i => i % 64 < 32 ? (byte)1 : (byte)0), found.Mask.Pixels);
    }

    [Fact]
    public void Logits_have_the_networks_size_and_the_threshold_is_used()
    {
        using FakeNetwork network = new(3, 1, compute: input => [.. Enumerable.Repeat(1f, 32 * 16)]);
        Picture picture = new(5, 4, 1, new byte[20]);

        Assert.Equal(32 * 16, new Segmenter(network, Small).ComputeLogits(picture).Length);
        double probability = 1 / (1 + Math.Exp(-1));
        Assert.Equal(20, new Segmenter(network, Small, probability - 1e-4).Segment(picture).Mask.Area());
        Assert.Equal(0, new Segmenter(network, Small, probability + 1e-4).Segment(picture).Mask.Area());
    }

    [Fact]
    public void A_size_of_the_preprocessing_that_is_no_multiple_of_sixteen_comes_back_cropped()
    {
        using FakeNetwork network = new(3, 2);
        Preprocessing odd = Preprocessing.Published with { Width = 20, Height = 10 };
        Assert.Equal(2 * 20 * 10, new Segmenter(network, odd).ComputeLogits(new Picture(3, 3, 1, new byte[9])).Length);
        Assert.Equal((1, 16, 32), network.Size);
    }

    [Fact]
    public void A_preprocessing_of_other_channels_is_refused()
    {
        using FakeNetwork network = new(1, 1);
        ArgumentException e = Assert.Throws<ArgumentException>(() => new Segmenter(network, Small));
        Assert.Contains("gives 3 channels, and the network takes 1", e.Message, StringComparison.Ordinal);
    }
}
