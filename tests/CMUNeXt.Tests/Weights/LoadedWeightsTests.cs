using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Masks;
using CMUNeXt.Networks;
using CMUNeXt.Tensors;
using CMUNeXt.Weights;

namespace CMUNeXt.Tests.Weights;

public sealed class LoadedWeightsTests
{
    [Theory]
    [InlineData(3)]
    [InlineData(1)]
    public void Weights_without_metadata_follow_the_published_protocol(int channels)
    {
        NetworkDescription network = NetworkCatalog.Describe("cmunext-s", channels, outputs: 2);
        WeightsMetadata described = Loaded(network, null).Describe();
        Assert.Equal(("cmunext-s", channels, 2), (described.Network.Name, described.Network.Channels, described.Network.Outputs));
        Assert.Equal(Preprocessing.For(channels), described.Preprocessing);
        Assert.Equal(0.5, described.Threshold);
    }

    [Fact]
    public void Metadata_are_kept_and_the_network_is_that_of_the_tensors()
    {
        NetworkDescription network = NetworkCatalog.Describe("cmunext-s");
        WeightsMetadata metadata = new() { Network = network with { Name = "another" }, Threshold = 0.25, Classes = ["lesion"] };
        WeightsMetadata described = Loaded(network, metadata).Describe();
        Assert.Equal(("cmunext-s", 0.25), (described.Network.Name, described.Threshold));
        Assert.Equal(CMUNeXtConfiguration.Small, described.Network.Configuration);
        Assert.Equal(["lesion"], described.Classes);
    }

    [Fact]
    public void With_another_input_what_was_fitted_to_the_old_one_is_left_out_and_with_the_same_it_is_kept()
    {
        WeightsMetadata metadata = new()
        {
            Network = NetworkCatalog.Describe("cmunext-s"),
            Presence = new PresenceThreshold { Score = 1, Specificity = 0.9, HealthyImages = 30 },
            Calibration = new LesionCalibration { Intercept = 0, Slope = 1, LeastIou = 0.5, Lesions = 20 },
            PresenceWithFlips = new PresenceThreshold { Score = 2, Specificity = 0.9, HealthyImages = 30 },
            CalibrationWithFlips = new LesionCalibration { Intercept = 1, Slope = 1, LeastIou = 0.5, Lesions = 20 },
        };
        LoadedWeights weights = Loaded(metadata.Network, metadata);
        WeightsMetadata same = weights.With(metadata.Preprocessing with { Divisor = 255 }).Describe();
        Assert.Equal((metadata.Presence, metadata.Calibration), (same.Presence, same.Calibration));
        Assert.Equal(
            (metadata.PresenceWithFlips, metadata.CalibrationWithFlips), (same.PresenceWithFlips, same.CalibrationWithFlips));
        WeightsMetadata other = weights.With(metadata.Preprocessing with { Divisor = 1 }).Describe();
        Assert.Equal((1, null, null), (other.Preprocessing.Divisor, other.Presence, other.Calibration));
        Assert.Equal((null, null), (other.PresenceWithFlips, other.CalibrationWithFlips));
    }

    [Fact]
    public void Four_channels_have_a_network_and_no_protocol()
    {
        LoadedWeights weights = Loaded(NetworkCatalog.Describe("cmunext-s", channels: 4), null);
        Assert.Equal(4, weights.DescribeNetwork().Channels);
        BadFileException refused = Assert.Throws<BadFileException>(weights.Describe);
        Assert.Contains("is for 4 channels, and images have 1 or 3", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_without_metadata_are_taken_to_be_of_the_networks_own_size_and_metadata_of_another_are_refused()
    {
        // As many tensors as a Swin-Unet has, with its first and its last layer.
        StateDict state = new(
        [
            new WeightTensor("swin_unet.patch_embed.proj.weight", [96, 3, 4, 4], new float[96 * 3 * 16]),
            new WeightTensor("swin_unet.output.weight", [1, 96, 1, 1], new float[96]),
            .. Enumerable.Range(0, 236).Select(i => new WeightTensor($"other{i}", [0], [])),
        ]);
        WeightsMetadata described = new LoadedWeights("x", state, null, default).Describe();
        Assert.Equal("swinunet", described.Network.Name);
        Assert.Equal(Preprocessing.Published with { Width = 224, Height = 224 }, described.Preprocessing);

        WeightsMetadata other = new() { Network = NetworkCatalog.Describe("swinunet") };
        BadFileException e = Assert.Throws<BadFileException>(new LoadedWeights("x", state, other, default).Describe);
        Assert.Contains("224 x 224 pixels, not 256 x 256", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tensors_of_another_network_than_stated_and_of_none_are_refused()
    {
        NetworkDescription network = NetworkCatalog.Describe("cmunext-s");
        NetworkDescription[] others =
        [
            NetworkCatalog.Describe("cmunext-s", channels: 1),
            NetworkCatalog.Describe("cmunext-s", outputs: 2),
            NetworkCatalog.Describe("cmunext-l"),
            NetworkCatalog.Describe("unet"),
            network with { Configuration = network.Configuration! with { Order = LayerOrder.NormalizationFirst } },
        ];
        Assert.All(others, other =>
        {
            BadFileException e = Assert.Throws<BadFileException>(() => Loaded(network, new() { Network = other }).Describe());
            Assert.Contains("metadata state other channels, other outputs or another configuration", e.Message, StringComparison.Ordinal);
        });
        Assert.Throws<BadFileException>(
            () => new LoadedWeights("x", new StateDict([new WeightTensor("a", [1], [1f])]), null, default).Describe());
    }

    [Fact]
    public void A_size_whose_pixels_no_array_holds_is_refused()
    {
        NetworkDescription network = NetworkCatalog.Describe("cmunext-s", channels: 1, outputs: 4);
        WeightsMetadata metadata = new() { Network = network, Preprocessing = Preprocessing.For(1) with { Width = 65536, Height = 65536 } };
        BadFileException e = Assert.Throws<BadFileException>(Loaded(network, metadata).Describe);
        Assert.Contains("65536 x 65536 pixels are too many for 1 channels and 4 outputs", e.Message, StringComparison.Ordinal);

        // It is the four planes of the logits that are too many, and only once the size is rounded up.
        metadata = metadata with { Preprocessing = metadata.Preprocessing with { Width = 16 * 2047, Height = 16391 } };
        Assert.True(4L * 16 * 2047 * 16391 <= Array.MaxLength);
        e = Assert.Throws<BadFileException>(Loaded(network, metadata).Describe);
        Assert.Contains("32752 x 16400 pixels", e.Message, StringComparison.Ordinal);
        Assert.Equal(
            1024, Loaded(network, metadata with { Preprocessing = metadata.Preprocessing with { Height = 1024 } })
                .Describe().Preprocessing.Height);
    }

    [Fact]
    public void More_outputs_than_a_mask_has_classes_are_refused_without_metadata_too()
    {
        NetworkDescription network = NetworkCatalog.Describe("cmunext-s", outputs: 256) with { Outputs = 257 };
        BadFileException e = Assert.Throws<BadFileException>(() => Loaded(network, null).Describe());
        Assert.Contains("outputs are from 1 to 256, not 257", e.Message, StringComparison.Ordinal);
    }

    private static LoadedWeights Loaded(NetworkDescription network, WeightsMetadata? metadata) =>
        new("some.safetensors", SampleNetwork.Weights(network), metadata, default);
}
