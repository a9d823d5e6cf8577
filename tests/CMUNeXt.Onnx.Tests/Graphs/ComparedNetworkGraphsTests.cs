using CMUNeXt.Networks;
using CMUNeXt.Onnx.Format;
using CMUNeXt.Onnx.Graphs;
using CMUNeXt.Tensors;
using CMUNeXt.Tests;
using CMUNeXt.Weights;
using Google.Protobuf;

namespace CMUNeXt.Onnx.Tests.Graphs;

/// <summary>The graphs of the networks of the comparison; that they compute what libtorch does is tested with the backends.</summary>
public sealed class ComparedNetworkGraphsTests
{
    [Theory]
    [InlineData("unet")]
    [InlineData("attention_unet")]
    [InlineData("unetpp")]
    [InlineData("unet3plus")]
    [InlineData("unext")]
    [InlineData("unext_s")]
    [InlineData("cmunet")]
    public void A_graph_takes_the_originals_tensors_in_their_order(string name) => Assert.Equal(
        Golden.Tensors(name),
        OnnxModel.Tensors(Golden.Describe(name))
            .Select(tensor => (tensor.Name, string.Join('x', tensor.Shape), tensor.Type.ToString().ToLowerInvariant())));

    // UNeXt alone has layer normalization, which is an operator since 17, and GELU, which is one since 20.
    [Theory]
    [InlineData(13)]
    [InlineData(17)]
    public void Every_older_opset_computes_what_the_newest_does(int opset)
    {
        float[] input = Formula.Input(3, 2 * 3 * 64 * 96);
        float[] Run(OnnxExportOptions options) => Runtime.Run(Write(options), "image", input, [2, 3, 64, 96], "logits", out _);
        Assert.InRange(Golden.RelativeDifference(Run(new OnnxExportOptions()), Run(new OnnxExportOptions { Opset = opset })), 0, 1e-5);
    }

    [Fact]
    public void A_model_is_read_back_and_a_changed_one_is_refused()
    {
        byte[] model = Write(new OnnxExportOptions());
        LoadedWeights loaded = OnnxFile.Read("w.onnx", model);
        Assert.Equal("unext-s", NetworkCatalog.Recognize(loaded.State)!.Name);
        StateDict expected = Weights();
        Assert.Equal(expected.Select(tensor => tensor.Name), loaded.State.Select(tensor => tensor.Name));
        Assert.All(expected, tensor => Assert.True(tensor.Data.Span.SequenceEqual(loaded.State[tensor.Name].Data.Span), tensor.Name));

        ModelProto changed = ModelProto.Parser.ParseFrom(model);
        changed.Graph.Node[^1].Input[0] = changed.Graph.Node[0].Output[0];
        Assert.Throws<Files.BadFileException>(() => OnnxFile.Read("w.onnx", changed.ToByteArray()));
    }

    [Fact]
    public void Sizes_that_the_network_does_not_take_are_refused() =>
        Assert.Throws<ArgumentException>(() => Write(new OnnxExportOptions { Width = 48, Height = 64 }));

    private static byte[] Write(OnnxExportOptions options) =>
        OnnxFile.Build(Weights(), new WeightsMetadata { Network = NetworkCatalog.Describe("unext-s") }, options).ToByteArray();

    private static StateDict Weights() => new(OnnxModel.Tensors(NetworkCatalog.Describe("unext-s")).Select((tensor, place) =>
        tensor.Type == ElementType.Int64
            ? new WeightTensor(tensor.Name, tensor.Type, [], BitConverter.GetBytes(100L + place))
            : new WeightTensor(tensor.Name, tensor.Shape, Formula.Fill(tensor.Name, tensor.Shape, place))));
}
