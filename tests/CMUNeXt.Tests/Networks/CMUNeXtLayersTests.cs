using System.Text.Json;
using CMUNeXt.Networks;

namespace CMUNeXt.Tests.Networks;

public sealed class CMUNeXtLayersTests
{
    // The paper's and the original code's numbers of parameters.
    [Theory]
    [InlineData("cmunext-s", 417_505)]
    [InlineData("cmunext", 3_149_185)]
    [InlineData("cmunext-l", 8_286_721)]
    public void Parameters_are_the_published_ones(string name, long expected) =>
        Assert.Equal(expected, Layers(name).Sum(layer => layer.Parameters));

    [Theory]
    [InlineData("cmunext_s", "cmunext-s", 3, 1)]
    [InlineData("cmunext", "cmunext", 3, 1)]
    [InlineData("cmunext_l", "cmunext-l", 3, 1)]
    [InlineData("cmunext_s_gray_4class", "cmunext-s", 1, 4)]
    public void Multiply_accumulates_and_parameters_are_the_originals(string golden, string name, int channels, int outputs)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Golden.PathOf("summary.json")));
        JsonElement summary = document.RootElement.GetProperty(golden);
        int[] input = [.. summary.GetProperty("input").EnumerateArray().Select(size => size.GetInt32())];
        IReadOnlyList<Layer> layers = Layers(name, channels, outputs);

        Assert.Equal(summary.GetProperty("parameters").GetInt64(), layers.Sum(layer => layer.Parameters));
        Assert.Equal(summary.GetProperty("macs_conv_linear").GetInt64(), input[0] * layers.Sum(layer => layer.Macs(input[2], input[3])));
    }

    [Theory]
    [InlineData("cmunext_s", "cmunext-s", 3, 1)]
    [InlineData("cmunext", "cmunext", 3, 1)]
    [InlineData("cmunext_l", "cmunext-l", 3, 1)]
    [InlineData("cmunext_s_gray_4class", "cmunext-s", 1, 4)]
    public void Names_shapes_types_and_order_of_the_tensors_are_the_originals(string golden, string name, int channels, int outputs)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Golden.PathOf(golden, "state_dict.json")));
        IEnumerable<string> expected = document.RootElement.EnumerateArray().Select(tensor =>
            $"{tensor[0].GetString()} [{string.Join(", ", tensor[1].EnumerateArray().Select(size => size.GetInt32()))}] "
                + $"{tensor[2].GetString()}");
        IEnumerable<string> actual = ExpectedTensor.Of(Layers(name, channels, outputs)).Select(tensor =>
            $"{tensor.Name} [{string.Join(", ", tensor.Shape)}] {tensor.Type.ToString().ToLowerInvariant()}");
        Assert.Equal(expected, actual);
    }

    [Fact]
    public void Each_layer_takes_the_channels_and_the_size_that_come_to_it()
    {
        CMUNeXtConfiguration configuration = new([4, 6, 10, 12, 14], [2, 1, 3, 1, 2], [3, 5, 1, 7, 9]);
        int channels = 5;
        int level = 0;
        foreach (Layer layer in CMUNeXtLayers.Of(configuration, 5, 3))
        {
            // A concatenation doubles what the decoder brings.
            Assert.Equal(layer.Kind == LayerKind.Concatenation ? 2 * channels : channels, layer.Input);
            level += layer.Kind == LayerKind.MaxPool ? 1 : layer.Kind == LayerKind.Upsample ? -1 : 0;
            Assert.Equal(level, layer.Level);
            channels = layer.Output;
        }

        Assert.Equal((3, 0), (channels, level));
    }

    // Counted by hand on a network with one channel at every level and one input: 3x3 convolutions have 9 + 1 parameters.
    [Fact]
    public void An_ablation_takes_away_what_it_says()
    {
        CMUNeXtConfiguration one = new([1, 1, 1, 1, 1], [1, 1, 1, 1, 1], [3, 3, 3, 3, 3]);
        static long Count(CMUNeXtConfiguration configuration) => CMUNeXtLayers.Of(configuration, 1, 1).Sum(layer => layer.Parameters);
        const int Block = (9 + 1 + 2) + (4 + 4 + 8) + (4 + 1 + 2);
        const int PlainBlock = 9 + 1 + 2;
        const int Fusion = ((2 * 9) + 2 + 4) + (8 + 4 + 8) + (4 + 1 + 2);
        const int PlainFusion = (2 * 9) + 1 + 2;
        long published = Count(one);
        Assert.Equal(published - (5 * (Block - PlainBlock)), Count(one with { Block = EncoderBlock.Plain }));
        Assert.Equal(published - (4 * (Fusion - PlainFusion)), Count(one with { Fusion = FusionBlock.Plain }));
        Assert.Equal(published, Count(one with { Order = LayerOrder.NormalizationFirst }));
        Assert.Equal(published + (5 * (25 - 9)), Count(one with { Kernels = [5, 5, 5, 5, 5] }));
    }

    [Fact]
    public void Configurations_that_are_not_possible_are_refused()
    {
        CMUNeXtConfiguration small = CMUNeXtConfiguration.Small;
        Assert.Throws<ArgumentException>(() => CMUNeXtLayers.Of(small with { Dims = [8, 16, 32, 64] }, 3, 1));
        Assert.Throws<ArgumentException>(() => CMUNeXtLayers.Of(small with { Dims = [8, 16, 32, 64, 0] }, 3, 1));
        Assert.Throws<ArgumentException>(() => CMUNeXtLayers.Of(small with { Depths = [1, 1, 0, 1, 1] }, 3, 1));
        Assert.Throws<ArgumentException>(() => CMUNeXtLayers.Of(small with { Kernels = [3, 3, 4, 7, 7] }, 3, 1));
        Assert.Throws<ArgumentException>(() => CMUNeXtLayers.Of(small with { Block = (EncoderBlock)7 }, 3, 1));
        Assert.Throws<ArgumentException>(() => CMUNeXtLayers.Of(
            small with { Block = EncoderBlock.Plain, Fusion = FusionBlock.Plain, Order = LayerOrder.NormalizationFirst }, 3, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => CMUNeXtLayers.Of(small, 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => CMUNeXtLayers.Of(small, 3, 0));
    }

    private static IReadOnlyList<Layer> Layers(string name, int channels = 3, int outputs = 1) =>
        CMUNeXtLayers.Of(NetworkCatalog.Describe(name).Configuration!, channels, outputs);
}
