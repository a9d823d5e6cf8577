using CMUNeXt.Files;
using CMUNeXt.Networks;
using CMUNeXt.Pictures;
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
        WeightsMetadata metadata = new() { Network = new NetworkDescription { Name = "another" }, Threshold = 0.25, Classes = ["lesion"] };
        WeightsMetadata described = Loaded(network, metadata).Describe();
        Assert.Equal(("cmunext-s", 0.25), (described.Network.Name, described.Threshold));
        Assert.Equal(CMUNeXtConfiguration.Small, described.Network.Configuration);
        Assert.Equal(["lesion"], described.Classes);
    }

    [Fact]
    public void Four_channels_have_a_network_and_no_protocol()
    {
        LoadedWeights weights = Loaded(NetworkCatalog.Describe("cmunext-s", channels: 4), null);
        Assert.Equal(4, weights.DescribeNetwork().Channels);
        Assert.Contains("for 1 or 3 channels, not 4", Assert.Throws<BadFileException>(weights.Describe).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tensors_of_another_network_than_stated_and_of_none_are_refused()
    {
        WeightsMetadata stated = new() { Network = NetworkCatalog.Describe("cmunext-s", channels: 1) };
        Assert.Throws<BadFileException>(() => Loaded(NetworkCatalog.Describe("cmunext-s"), stated).Describe());
        Assert.Throws<BadFileException>(() => new LoadedWeights("x", new StateDict([new WeightTensor("a", [1], [1f])]), null, default).Describe());
    }

    private static LoadedWeights Loaded(NetworkDescription network, WeightsMetadata? metadata) =>
        new("some.safetensors", SampleNetwork.Weights(network), metadata, default);
}
