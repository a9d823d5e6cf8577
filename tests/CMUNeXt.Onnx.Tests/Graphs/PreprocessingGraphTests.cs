using CMUNeXt.Images;
using CMUNeXt.Masks;
using CMUNeXt.Networks;
using CMUNeXt.Onnx.Format;
using CMUNeXt.Onnx.Graphs;
using CMUNeXt.OnnxRuntime;
using CMUNeXt.Tests;
using CMUNeXt.Weights;
using Google.Protobuf;
using DataType = CMUNeXt.Onnx.Format.TensorProto.Types.DataType;

namespace CMUNeXt.Onnx.Tests.Graphs;

public class PreprocessingGraphTests
{
    private const int Height = 32;
    private const int Width = 48;

    [Theory]
    [InlineData(ChannelOrder.Rgb, 13)]
    [InlineData(ChannelOrder.Bgr, 13)]
    [InlineData(ChannelOrder.Gray, 13)]
    [InlineData(ChannelOrder.Rgb, 20)]
    [InlineData(ChannelOrder.Bgr, 20)]
    [InlineData(ChannelOrder.Gray, 20)]
    [InlineData(ChannelOrder.Mean, 13)]
    [InlineData(ChannelOrder.Mean, 20)]
    public void Pixels_are_normalized_bit_for_bit_as_the_core_does(ChannelOrder order, int opset)
    {
        Preprocessing preprocessing = Of(order);
        GraphBuilder graph = new("preprocessing", opset);
        string output = PreprocessingGraph.Add(graph, preprocessing, "pixels");
        graph.Graph.Input.Add(GraphBuilder.Value("pixels", DataType.Uint8, (null, "n"), (Height, ""), (Width, ""), (3, "")));
        graph.Graph.Output.Add(
            GraphBuilder.Value(output, DataType.Float, (null, "n"), (preprocessing.Channels, ""), (Height, ""), (Width, "")));
        ModelProto model = new() { IrVersion = 7, Graph = graph.Graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = opset });

        byte[] pixels = Pixels(2);
        float[] actual = Runtime.Run(model.ToByteArray(), "pixels", pixels, [2, Height, Width, 3], output, out _);
        Assert.Equal(Apply(preprocessing, pixels, 2), actual);
    }

    [Theory]
    [InlineData(ChannelOrder.Rgb, 1, 20)]
    [InlineData(ChannelOrder.Bgr, 3, 17)]
    [InlineData(ChannelOrder.Gray, 1, 13)]
    [InlineData(ChannelOrder.Gray, 4, 20)]
    [InlineData(ChannelOrder.Mean, 1, 20)]
    public void Probability_from_pixels_is_that_of_the_logits_from_the_normalized_image(ChannelOrder order, int outputs, int opset)
    {
        Preprocessing preprocessing = Of(order);
        NetworkDescription description = SmallNetwork.Describe(preprocessing.Channels, outputs);
        WeightsMetadata metadata = SmallNetwork.Metadata(description) with { Preprocessing = preprocessing };
        OnnxExportOptions options = new() { Opset = opset, Preprocessing = true };
        byte[] model = OnnxFile.Build(SmallNetwork.Weights(description), metadata, options).ToByteArray();
        byte[] pixels = Pixels(2);
        float[] actual = Runtime.Run(model, "pixels", pixels, [2, Height, Width, 3], "probability", out long[] shape);
        Assert.Equal([2, outputs, Height, Width], shape);

        using OnnxRuntimeNetwork network = new(description, SmallNetwork.Weights(description), threads: 1);
        float[] logits = network.Forward(Apply(preprocessing, pixels, 2), 2, Height, Width);
        int image = logits.Length / 2;
        float[] expected =
            [.. Activation.Probabilities(logits.AsSpan(0, image), outputs), .. Activation.Probabilities(logits.AsSpan(image), outputs)];
        Assert.True(expected.Max() - expected.Min() > 0.05, "the probabilities are all alike");
        Assert.InRange(Golden.RelativeDifference(expected, actual), 0, 1e-5);

        float[] presence = Runtime.Run(model, "pixels", pixels, [2, Height, Width, 3], "presence", out long[] presenceShape);
        Assert.Equal([2], presenceShape);
        Assert.Equal(Presence.Score(logits.AsSpan(0, image), outputs, Width, Height), presence[0], 1e-4);
        Assert.Equal(Presence.Score(logits.AsSpan(image), outputs, Width, Height), presence[1], 1e-4);
    }

    /// <summary>A float32 sum over all pixels at once was off by 5e-4 here.</summary>
    [Theory]
    [InlineData(13)]
    [InlineData(20)]
    public void The_presence_of_many_pixels_has_all_its_digits(int opset)
    {
        const int Size = 512;
        GraphBuilder graph = new("presence", opset);
        PresenceGraph.Add(graph, 1, Size, Size, "logits", "presence");
        graph.Graph.Input.Add(GraphBuilder.Value("logits", DataType.Float, (null, "n"), (1, ""), (Size, ""), (Size, "")));
        graph.Graph.Output.Add(GraphBuilder.Value("presence", DataType.Float, (null, "n")));
        ModelProto model = new() { IrVersion = 7, Graph = graph.Graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = opset });

        float[] logits = Formula.Input(5, Size * Size);
        float[] presence = Runtime.Run(model.ToByteArray(), "logits", logits, [1, 1, Size, Size], "presence", out _);
        Assert.Equal(Presence.Score(logits, 1, Size, Size), presence[0], 2e-5);
    }

    // The mean of three channels at random varies little: its standard deviation is small, so that the network sees as much of it.
    private static Preprocessing Of(ChannelOrder order) => order switch
    {
        ChannelOrder.Gray => new()
        {
            Height = Height, Width = Width, Order = order, Mean = [0.31], StandardDeviation = [0.17], Divisor = 1,
        },
        ChannelOrder.Mean => new()
        {
            Height = Height, Width = Width, Order = order, Mean = [0.4, 0.5, 0.6], StandardDeviation = [0.03, 0.04, 0.05], Divisor = 1,
        },
        _ => new() { Height = Height, Width = Width, Order = order, Divisor = order == ChannelOrder.Bgr ? 255 : 3 },
    };

    private static byte[] Pixels(int batch)
    {
        byte[] pixels = new byte[batch * Height * Width * 3];
        new Random(11).NextBytes(pixels);
        return pixels;
    }

    private static float[] Apply(Preprocessing preprocessing, byte[] pixels, int batch)
    {
        int length = preprocessing.Channels * Height * Width;
        float[] input = new float[batch * length];
        for (int n = 0; n < batch; n++)
        {
            byte[] one = pixels[(n * Height * Width * 3)..((n + 1) * Height * Width * 3)];
            preprocessing.Apply(new Image(Width, Height, 3, one), input.AsSpan(n * length, length));
        }

        return input;
    }
}
