using System.Security.Cryptography;
using CMUNeXt.Images;
using CMUNeXt.Masks;
using CMUNeXt.Networks;
using CMUNeXt.Onnx.Format;
using CMUNeXt.Tensors;
using CMUNeXt.Tests;
using CMUNeXt.Weights;

namespace CMUNeXt.Onnx.Tests;

public sealed class OnnxFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("cmunext-s", 3, 1)]
    [InlineData("cmunext", 1, 4)]
    [InlineData("cmunext-l", 3, 2)]
    public void Initializers_are_the_state_dict_but_for_the_counts(string name, int channels, int outputs)
    {
        NetworkDescription description = NetworkCatalog.Describe(name, channels, outputs);
        StateDict state = SmallNetwork.Weights(description);
        ModelProto model = SmallNetwork.Build(description);
        Assert.Equal(
            state.Where(tensor => tensor.Type == ElementType.Float32).Select(tensor => (tensor.Name, string.Join('x', tensor.Shape))),
            model.Graph.Initializer.Select(tensor => (tensor.Name, string.Join('x', tensor.Dims))));
        Assert.All(model.Graph.Initializer, tensor => Assert.True(tensor.RawData.Span.SequenceEqual(state[tensor.Name].Data.Span)));

        // Each is taken by one node, so that no runtime warns of it.
        IEnumerable<string> taken = model.Graph.Node.SelectMany(node => node.Input).Where(input => state.TryGet(input, out _));
        Assert.Equal(model.Graph.Initializer.Select(tensor => tensor.Name).Order(), taken.Order());
    }

    [Theory]
    [InlineData(20, "Gelu", "Erf")]
    [InlineData(19, "Erf", "Gelu")]
    public void Operators_are_those_of_the_opset(int opset, string used, string unused)
    {
        ModelProto model = SmallNetwork.Build(SmallNetwork.Describe(), new OnnxExportOptions { Opset = opset });
        OperatorSetIdProto import = Assert.Single(model.OpsetImport);
        Assert.Equal(("", (long)opset), (import.Domain, import.Version));
        Assert.Contains(model.Graph.Node, node => node.OpType == used);
        Assert.DoesNotContain(model.Graph.Node, node => node.OpType == unused);
    }

    [Fact]
    public void Inputs_and_outputs_are_free_or_fixed_as_asked()
    {
        NetworkDescription description = SmallNetwork.Describe(channels: 1, outputs: 4);
        Assert.Equal(
            ("image: Float batch x 1 x height x width", "logits: Float batch x 4 x height x width"),
            Signature(SmallNetwork.Build(description)));
        Assert.Equal(
            ("image: Float 2 x 1 x 96 x 160", "logits: Float 2 x 4 x 96 x 160"),
            Signature(SmallNetwork.Build(description, new OnnxExportOptions { Batch = 2, Height = 96, Width = 160 })));
        Assert.Equal(
            ("pixels: Uint8 batch x 96 x width x 3", "probability: Float batch x 4 x 96 x width, presence: Float batch"),
            Signature(SmallNetwork.Build(description, new OnnxExportOptions { Height = 96, Preprocessing = true })));
    }

    [Fact]
    public void What_is_written_is_read_back_as_weights()
    {
        NetworkDescription description = SmallNetwork.Describe();
        StateDict state = SmallNetwork.Weights(description);
        WeightsMetadata metadata = SmallNetwork.Metadata(description);
        OnnxExportOptions[] kinds = [new(), new() { Opset = 13, Preprocessing = true }, new() { Batch = 3, Height = 16, Width = 32 }];
        foreach (OnnxExportOptions options in kinds)
        {
            string path = folder.File("w.onnx");
            OnnxFile.Write(path, state, metadata, options);
            LoadedWeights loaded = OnnxFile.Read(path);
            Assert.Equal(path, loaded.Path);
            Assert.Equal(state.Select(tensor => (tensor.Name, tensor.Type)), loaded.State.Select(tensor => (tensor.Name, tensor.Type)));
            Assert.All(state, tensor => Assert.True(tensor.Data.Span.SequenceEqual(loaded.State[tensor.Name].Data.Span), tensor.Name));
            Preprocessing input = metadata.Preprocessing;
            input = input with { Height = options.Height ?? input.Height, Width = options.Width ?? input.Width };
            Assert.Equal(
                WeightsMetadataJson.Write(metadata with { Preprocessing = input }), WeightsMetadataJson.Write(loaded.Metadata!));
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path))), loaded.Sha256);
            Assert.Empty(loaded.Entries);
        }

        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Theory]
    [InlineData(320, 320, false)]
    [InlineData(null, 320, false)]
    [InlineData(256, 256, true)]
    [InlineData(null, null, true)]
    public void A_fixed_size_is_that_of_the_metadata_and_what_was_fitted_to_another_is_left_out(int? height, int? width, bool isSame)
    {
        NetworkDescription description = SmallNetwork.Describe();
        LesionCalibration calibration = new() { Intercept = 1, Slope = 2, Lesions = 30 };
        PresenceThreshold presence = new() { Score = 1, Specificity = 0.9, HealthyImages = 20 };
        WeightsMetadata metadata = SmallNetwork.Metadata(description) with
        {
            Calibration = calibration,
            Presence = presence,
            CalibrationWithFlips = calibration,
            PresenceWithFlips = presence,
        };
        string path = folder.File("w.onnx");
        OnnxFile.Write(path, SmallNetwork.Weights(description), metadata, new OnnxExportOptions { Height = height, Width = width });
        WeightsMetadata written = OnnxFile.Read(path).Metadata!;
        Assert.Equal((height ?? 256, width ?? 256), (written.Preprocessing.Height, written.Preprocessing.Width));
        object?[] fitted = [written.Calibration, written.Presence, written.CalibrationWithFlips, written.PresenceWithFlips];
        Assert.All(fitted, one => Assert.Equal(isSame, one is not null));
    }

    [Theory]
    [InlineData(ElementType.Float32)]
    [InlineData(ElementType.Float64)]
    [InlineData(ElementType.Int32)]
    public void Counts_of_another_type_are_written_as_the_numbers_that_they_are(ElementType type)
    {
        NetworkDescription description = SmallNetwork.Describe();
        StateDict state = SmallNetwork.Weights(description);
        string path = folder.File("w.onnx");
        OnnxFile.Write(path, new StateDict(state.Select(Converted)), SmallNetwork.Metadata(description));
        StateDict read = OnnxFile.Read(path).State;
        Assert.All(state, tensor => Assert.True(tensor.Data.Span.SequenceEqual(read[tensor.Name].Data.Span), tensor.Name));

        WeightTensor Converted(WeightTensor tensor) => tensor.Type == ElementType.Int64
            ? new WeightTensor(tensor.Name, type, tensor.Shape, BytesOf(BitConverter.ToInt64(tensor.Data.Span)))
            : tensor;

        byte[] BytesOf(long count) => type switch
        {
            ElementType.Float32 => BitConverter.GetBytes((float)count),
            ElementType.Float64 => BitConverter.GetBytes((double)count),
            _ => BitConverter.GetBytes((int)count),
        };
    }

    [Fact]
    public void Equal_weights_give_equal_files()
    {
        NetworkDescription description = SmallNetwork.Describe();
        Assert.Equal(SmallNetwork.Write(description, new OnnxExportOptions()), SmallNetwork.Write(description, new OnnxExportOptions()));
    }

    [Theory]
    [InlineData(12, null, null, null, "opset")]
    [InlineData(21, null, null, null, "opset")]
    [InlineData(20, 0, null, null, "batch")]
    [InlineData(20, null, null, 0, "width")]
    [InlineData(20, null, null, -16, "width")]
    [InlineData(20, null, 65552, null, "height")]
    public void Options_that_are_not_possible_are_refused(int opset, int? batch, int? height, int? width, string named)
    {
        OnnxExportOptions options = new() { Opset = opset, Batch = batch, Height = height, Width = width };
        Assert.Contains(named, options.FindFault()!, StringComparison.Ordinal);
        ArgumentException e = Assert.Throws<ArgumentException>(() => SmallNetwork.Build(SmallNetwork.Describe(), options));
        Assert.Contains(named, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_size_that_the_network_does_not_take_is_refused()
    {
        OnnxExportOptions options = new() { Height = 100 };
        Assert.Null(options.FindFault());
        ArgumentException e = Assert.Throws<ArgumentException>(() => SmallNetwork.Build(SmallNetwork.Describe(), options));
        Assert.Contains("a multiple of 16 pixels, not 16 x 100", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_size_of_the_weights_that_the_network_would_have_to_pad_is_refused_where_none_is_fixed(bool preprocessing)
    {
        NetworkDescription description = SmallNetwork.Describe();
        WeightsMetadata metadata = SmallNetwork.Metadata(description);
        metadata = metadata with { Preprocessing = metadata.Preprocessing with { Height = 100, Width = 100 } };
        OnnxExportOptions options = new() { Preprocessing = preprocessing };
        string path = folder.File("w.onnx");
        ArgumentException e = Assert.Throws<ArgumentException>(() => Write(options));
        Assert.Contains("a multiple of 16 pixels, not 100 x 100", e.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Write(options with { Width = 112 }));
        Assert.Empty(Directory.GetFiles(folder.Path));
        Write(options with { Height = 96, Width = 112 });
        Preprocessing written = OnnxFile.Read(path).Metadata!.Preprocessing;
        Assert.Equal((96, 112), (written.Height, written.Width));

        void Write(OnnxExportOptions options) => OnnxFile.Write(path, SmallNetwork.Weights(description), metadata, options);
    }

    [Fact]
    public void A_network_that_could_not_be_read_back_is_not_written()
    {
        NetworkDescription deep = SmallNetwork.Describe() with
        {
            Configuration = new([1, 1, 1, 1, 1], [1, 1, 1, 1024, 1024], [1, 1, 1, 1, 1]),
        };
        Assert.Contains(
            "Graph and metadata of", Assert.Throws<ArgumentException>(() => SmallNetwork.Build(deep)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => OnnxFile.Write(
            folder.File("w.onnx"), SmallNetwork.Weights(SmallNetwork.Describe()),
            SmallNetwork.Metadata(SmallNetwork.Describe()) with { Threshold = 2 }));
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    private static (string Input, string Output) Signature(ModelProto model) =>
        (Describe(Assert.Single(model.Graph.Input)), string.Join(", ", model.Graph.Output.Select(Describe)));

    private static string Describe(ValueInfoProto value)
    {
        TypeProto.Types.Tensor type = value.Type.TensorType;
        return $"{value.Name}: {(TensorProto.Types.DataType)type.ElemType} "
            + string.Join(" x ", type.Shape.Dim.Select(size => size.HasDimValue ? size.DimValue.ToString() : size.DimParam));
    }
}
