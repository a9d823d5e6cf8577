using CMUNeXt.Images;
using CMUNeXt.Networks;
using CMUNeXt.Tests;
using CMUNeXt.Weights;
using Google.Protobuf;

namespace CMUNeXt.Onnx.Tests.Graphs;

public class CMUNeXtGraphTests
{
    [Theory]
    [InlineData("cmunext_s", 20)]
    [InlineData("cmunext", 20)]
    [InlineData("cmunext_l", 20)]
    [InlineData("cmunext_s_gray_4class", 20)]
    [InlineData("cmunext_s", 13)]
    [InlineData("cmunext_s_gray_4class", 17)]
    public void Logits_equal_the_originals(string name, int opset)
    {
        NetworkDescription description = Golden.Describe(name);
        WeightsMetadata metadata = new() { Network = description, Preprocessing = Preprocessing.For(description.Channels) };
        byte[] model = OnnxFile.Build(Golden.Fill(name), metadata, new OnnxExportOptions { Opset = opset }).ToByteArray();
        Golden.AssertComputes(name, (input, shape) =>
        {
            long[] inputShape = [.. shape.Select(size => (long)size)];
            float[] logits = Runtime.Run(model, "image", input, inputShape, "logits", out long[] outputShape);
            Assert.Equal([shape[0], description.Outputs, shape[2], shape[3]], outputShape);
            return logits;
        });
    }

    [Theory]
    [InlineData(13)]
    [InlineData(14)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(18)]
    [InlineData(19)]
    public void Every_older_opset_computes_what_the_newest_does(int opset)
    {
        NetworkDescription description = SmallNetwork.Describe();
        float[] input = Formula.Input(3, 2 * 3 * 48 * 80);
        float[] expected = Run(description, new OnnxExportOptions(), input, 2, 48, 80);
        float[] actual = Run(description, new OnnxExportOptions { Opset = opset }, input, 2, 48, 80);
        Assert.InRange(Golden.RelativeDifference(expected, actual), 0, 1e-5);
    }

    [Theory]
    [InlineData(1, 16, 16)]
    [InlineData(3, 96, 160)]
    [InlineData(2, 80, 32)]
    public void Free_sizes_compute_what_fixed_ones_do(int batch, int height, int width)
    {
        NetworkDescription description = SmallNetwork.Describe(channels: 1, outputs: 4);
        float[] input = Formula.Input(4, (long)batch * height * width);
        float[] expected = Run(
            description, new OnnxExportOptions { Batch = batch, Height = height, Width = width }, input, batch, height, width);
        float[] actual = Run(description, new OnnxExportOptions(), input, batch, height, width);
        Assert.InRange(Golden.RelativeDifference(expected, actual), 0, 1e-6);
    }

    private static float[] Run(
        NetworkDescription description, OnnxExportOptions options, float[] input, int batch, int height, int width) =>
        Runtime.Run(
            SmallNetwork.Write(description, options), "image", input, [batch, description.Channels, height, width], "logits", out _);
}
