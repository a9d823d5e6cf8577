using System.Text;
using CMUNeXt.Files;
using CMUNeXt.Networks;
using CMUNeXt.Onnx.Format;
using CMUNeXt.Weights;
using Google.Protobuf;

namespace CMUNeXt.Onnx.Tests;

/// <summary>Models that are damaged, changed, or of another making.</summary>
public class OnnxReaderTests
{
    private static readonly NetworkDescription Network = SmallNetwork.Describe();

    internal static readonly Dictionary<string, (Action<ModelProto> Change, string Said)> Changes = new()
    {
        ["no metadata"] = (model => model.MetadataProps.Clear(), "not written by CMUNeXt.NET"),
        ["metadata that are no JSON"] = (model => model.MetadataProps[0].Value = "{", "its metadata (cmunext) cannot be read"),
        ["metadata twice"] = (model => model.MetadataProps.Add(model.MetadataProps[0].Clone()), "stands twice"),
        ["metadata of another network"] = (
            model => model.MetadataProps[0].Value = WeightsMetadataJson.Write(SmallNetwork.Metadata(SmallNetwork.Describe(outputs: 2))),
            "Conv_1x1.weight"),
        ["metadata of a giant network"] = (
            model => model.MetadataProps[0].Value = WeightsMetadataJson.Write(SmallNetwork.Metadata(
                Network with
                {
                    Configuration = new([65536, 65536, 65536, 65536, 65536], [1024, 1024, 1024, 1024, 1024], [255, 255, 255, 255, 255]),
                })),
            "num_batches_tracked"),
        ["metadata without a configuration"] = (
            model => model.MetadataProps[0].Value = WeightsMetadataJson.Write(SmallNetwork.Metadata(Network with { Configuration = null })),
            "configuration"),
        ["no counts"] = (model => model.MetadataProps.RemoveAt(1), "num_batches_tracked"),
        ["a count that is no number"] = (model => model.MetadataProps[1].Value += "x", "num_batches_tracked"),
        ["a count too many"] = (model => model.MetadataProps[1].Value += ",1", "num_batches_tracked"),
        ["external data"] = (
            model => model.Graph.Initializer[0].ExternalData.Add(new StringStringEntryProto { Key = "location", Value = "/etc/passwd" }),
            "another file"),
        ["an external location"] = (
            model => model.Graph.Initializer[0].DataLocation = TensorProto.Types.DataLocation.External, "another file"),
        ["a tensor missing"] = (model => model.Graph.Initializer.RemoveAt(3), "is missing"),
        ["a tensor too many"] = (model => model.Graph.Initializer.Add(new TensorProto { Name = "more\n" }), "more? does not belong"),
        ["a tensor twice"] = (model => model.Graph.Initializer.Add(model.Graph.Initializer[0].Clone()), "stands twice"),
        ["a tensor of another type"] = (model => model.Graph.Initializer[0].DataType = 7, "not float32"),
        ["a tensor of another shape"] = (
            model => model.Graph.Initializer[0].Dims[1] = long.MaxValue, "stem.conv.0.weight is not float32 of 2 x 3 x 3 x 3"),
        ["a tensor cut short"] = (model => model.Graph.Initializer[0].RawData = ByteString.CopyFrom(1, 2, 3), "3 bytes"),
        ["another operator"] = (model => model.Graph.Node.First(node => node.OpType == "Gelu").OpType = "Relu", "its graph is not"),
        ["another attribute"] = (model => model.Graph.Node[0].Attribute[0].I++, "its graph is not"),
        ["another wiring"] = (model => model.Graph.Node[3].Input[0] = "image", "its graph is not"),
        ["a node more"] = (model => model.Graph.Node.Add(model.Graph.Node[0].Clone()), "its graph is not"),
        ["another output"] = (model => model.Graph.Output[0].Name = "mask", "its graph is not"),
        ["no input"] = (model => model.Graph.Input.Clear(), "its graph is not"),
        ["another opset"] = (model => model.OpsetImport[0].Version = 19, "its graph is not"),
        ["an opset that is not known"] = (model => model.OpsetImport[0].Version = 1000, "opset"),
        ["a second opset"] = (model => model.OpsetImport.Add(new OperatorSetIdProto { Domain = "com.microsoft", Version = 1 }), "opset"),
        ["no graph"] = (model => model.Graph = null, "not an ONNX model"),
    };

    public static TheoryData<string> Names => [.. Changes.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_changed_model_is_refused_with_what_is_wrong(string name)
    {
        (Action<ModelProto> change, string said) = Changes[name];
        ModelProto model = SmallNetwork.Build(Network);
        Assert.Equal("w.onnx", OnnxFile.Read("w.onnx", model.ToByteArray()).Path);
        change(model);
        AssertRefused(model.ToByteArray(), said);
    }

    [Fact]
    public void A_field_that_only_the_whole_format_has_is_found()
    {
        // A function (field 25) and a training graph (field 20) stand beside the graph.
        byte[] valid = SmallNetwork.Write(Network, new OnnxExportOptions());
        AssertRefused([.. valid, 0xca, 0x01, 0x00], "its graph is not");
        AssertRefused([.. valid, 0xa2, 0x01, 0x00], "its graph is not");
    }

    [Fact]
    public void Properties_that_others_add_are_kept_and_another_version_is_read()
    {
        ModelProto model = SmallNetwork.Build(Network);
        model.ProducerVersion = "99.0";
        model.MetadataProps.Add(new StringStringEntryProto { Key = "note", Value = "ours" });
        LoadedWeights loaded = OnnxFile.Read("w.onnx", model.ToByteArray());
        Assert.Equal(new Dictionary<string, string> { ["note"] = "ours" }, loaded.Entries);
    }

    [Fact]
    public void What_is_no_model_is_refused()
    {
        AssertRefused([], "empty");
        AssertRefused(Encoding.ASCII.GetBytes("\x89PNG\r\n\x1a\n and more"), "not an ONNX model");
        AssertRefused([0x08, 0x09], "not an ONNX model");
        AssertRefused([0x0b, 0x0c], "not an ONNX model");
        byte[] valid = SmallNetwork.Write(Network, new OnnxExportOptions());
        AssertRefused(valid[..^1], "not an ONNX model");
    }

    [Fact]
    public void A_small_file_that_would_be_large_in_memory_is_refused_before_it_is_parsed()
    {
        // Empty nodes: two bytes each, and a hundred in memory.
        byte[] nodes = new byte[StructureSize.Maximum + 2];
        for (int i = 0; i < nodes.Length; i += 2)
        {
            nodes[i] = 0x0a;
        }

        MemoryStream stream = new();
        using (CodedOutputStream output = new(stream))
        {
            output.WriteTag(ModelProto.GraphFieldNumber, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(nodes));
        }

        byte[] content = stream.ToArray();
        long before = GC.GetAllocatedBytesForCurrentThread();
        AssertRefused(content, "its graph takes");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    private static void AssertRefused(byte[] content, string said)
    {
        BadFileException e = Assert.Throws<BadFileException>(() => OnnxFile.Read("w.onnx", content));
        Assert.StartsWith("w.onnx: ", e.Message, StringComparison.Ordinal);
        Assert.Contains(said, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }
}
