using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Networks;
using CMUNeXt.Onnx.Format;
using CMUNeXt.Onnx.Graphs;
using CMUNeXt.OnnxRuntime;
using CMUNeXt.Tests;

namespace CMUNeXt.Onnx.Tests.Graphs;

public class NormalizationFoldingTests
{
    [Theory]
    [InlineData("cmunext_s")]
    [InlineData("cmunext")]
    [InlineData("cmunext_l")]
    [InlineData("cmunext_s_gray_4class")]
    public void A_folded_graph_computes_the_original_logits(string name)
    {
        using OnnxRuntimeNetwork network = new(
            Golden.Describe(name), Golden.Fill(name), threads: 2, new OnnxExportOptions { FoldNormalization = true });
        Golden.AssertComputes(name, network);
    }

    [Theory]
    [InlineData(1, 4, 13)]
    [InlineData(3, 1, 20)]
    public void A_folded_graph_computes_what_the_plain_one_does_up_to_its_borders(int channels, int outputs, int opset)
    {
        NetworkDescription description = SmallNetwork.Describe(channels, outputs);
        float[] input = Formula.Input(3, 2L * channels * 48 * 80);
        float[] Run(OnnxExportOptions options) =>
            Runtime.Run(SmallNetwork.Write(description, options), "image", input, [2, channels, 48, 80], "logits", out _);
        Assert.InRange(
            Golden.RelativeDifference(
                Run(new OnnxExportOptions { Opset = opset }), Run(new OnnxExportOptions { Opset = opset, FoldNormalization = true })), 0,
            1e-5);
    }

    [Fact]
    public void Only_normalizations_before_zero_padding_or_a_residual_stay()
    {
        IReadOnlyList<Layer> layers = CMUNeXtConfiguration.Base.Layers(3, 1);
        string[] kept =
        [
            .. NormalizationFolding.Layers(layers).Where(layer => layer.Kind == LayerKind.Normalization).Select(layer => layer.Name),
        ];

        // Of each block the one before the residual and the last; of each Skip-Fusion block the last, but for that before the head.
        IEnumerable<string> expected = Enumerable.Range(1, 5)
            .SelectMany(encoder => Enumerable.Range(0, encoder == 4 ? 3 : 1).SelectMany(block => new[]
            {
                $"encoder{encoder}.block.{block}.0.fn.2",
                $"encoder{encoder}.block.{block}.6",
            }))
            .Concat(["Up_conv5.conv.8", "Up_conv4.conv.8", "Up_conv3.conv.8"]);
        Assert.Equal(expected, kept);
        Assert.Equal(
            layers.Where(layer => layer.Kind != LayerKind.Normalization),
            NormalizationFolding.Layers(layers).Where(layer => layer.Kind != LayerKind.Normalization));
    }

    [Fact]
    public void A_normalization_stays_where_its_output_also_goes_past_a_1x1()
    {
        IReadOnlyList<Layer> layers = CMUNeXtLayers.Of(new CMUNeXtConfiguration([1, 2, 2, 2, 2], [2, 1, 1, 1, 1], [1, 3, 3, 3, 3]), 3, 1);
        Assert.Contains(NormalizationFolding.Layers(layers), layer => layer.Name == "encoder1.block.0.6");
    }

    [Fact]
    public void Other_networks_are_refused()
    {
        ArgumentException e = Assert.Throws<ArgumentException>(
            () => OnnxModel.Build(
                NetworkCatalog.Describe("unet"), new OnnxExportOptions { FoldNormalization = true }, Preprocessing.Published));
        Assert.Contains("for a CMUNeXt alone", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folded_file_is_refused_as_weights()
    {
        ModelProto model = SmallNetwork.Build(SmallNetwork.Describe(), new OnnxExportOptions { FoldNormalization = true });
        byte[] content = SmallNetwork.Write(SmallNetwork.Describe(), new OnnxExportOptions { FoldNormalization = true });
        BadFileException e = Assert.Throws<BadFileException>(() => OnnxFile.Read("w.onnx", content));
        Assert.Contains("normalizations are folded", e.Message, StringComparison.Ordinal);
        Assert.Contains("give the .safetensors", e.Message, StringComparison.Ordinal);

        // Without the property it is a file whose tensors are others.
        StringStringEntryProto property = model.MetadataProps.Single(entry => entry.Key == OnnxModel.NormalizationKey);
        model.MetadataProps.Remove(property);
        Assert.Throws<BadFileException>(() => OnnxFile.Read("w.onnx", Google.Protobuf.MessageExtensions.ToByteArray(model)));
    }
}
