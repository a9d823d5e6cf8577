using CMUNeXt.Networks;
using CMUNeXt.Onnx;
using CMUNeXt.Tests;
using CMUNeXt.Torch;
using CMUNeXt.Weights;

namespace CMUNeXt.Cli.Tests;

/// <summary>The backends side by side.</summary>
public class BackendTests
{
    [Theory]
    [InlineData("cmunext-s", 96, 160)]
    [InlineData("cmunext-s", 50, 71)]
    [InlineData("cmunext", 96, 64)]
    [InlineData("cmunext-l", 64, 96)]
    public void ONNX_Runtime_equals_libtorch_at_sizes_other_than_256(string model, int height, int width)
    {
        NetworkDescription network = NetworkCatalog.Describe(model);
        StateDict weights = Golden.Fill(model.Replace('-', '_'));
        using TorchNetwork torch = new(network, weights, threads: 1);
        using OnnxNetwork onnx = new(network, weights, threads: 1);
        float[] input = Formula.Input(1, 2L * 3 * height * width);
        Assert.InRange(Golden.RelativeDifference(torch.Forward(input, 2, height, width), onnx.Forward(input, 2, height, width)), 0, 1e-4);
    }
}
