using CMUNeXt.Files;
using CMUNeXt.Networks;
using CMUNeXt.Tests;
using CMUNeXt.Weights;

namespace CMUNeXt.Cli.Tests.Verbs;

public sealed class ForwardVerbTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("cmunext_s", "managed")]
    [InlineData("cmunext", "managed")]
    [InlineData("cmunext_s", "torch")]
    [InlineData("cmunext_s", "onnxruntime")]
    [InlineData("cmunext", "torch")]
    [InlineData("cmunext", "onnxruntime")]
    public void A_weight_file_of_the_original_gives_the_original_logits(string name, string backend)
    {
        string weights = Reference.Path("golden", "pth", $"{name}.pth");
        string input = folder.File("x.npy");
        string output = folder.File("y.npy");
        NpyFile.WriteSingles(input, [1, 3, 256, 256], Formula.Input(2000, 3 * 256 * 256));
        (int status, _, string error) = CommandProcess.Run(
            "forward", "--weights", weights, "--input", input, "--output", output, "--backend", backend, "--threads", "1");
        Assert.Equal((0, ""), (status, error));

        (int[] shape, float[] logits) = NpyFile.ReadSingles(output);
        (int[] expectedShape, float[] expected) = NpyFile.ReadSingles(Reference.Path("golden", "pth", $"{name}.logits.npy"));
        Assert.Equal(expectedShape, shape);
        Assert.InRange(Golden.RelativeDifference(expected, logits), 0, 1e-4);
    }

    [Fact]
    public void An_array_of_another_shape_is_refused_in_one_line()
    {
        string weights = folder.File("w.pth");
        WeightsFile.Save(weights, NetworkCatalog.Describe("cmunext-s").Configuration!.StartingWeights(3, 1, 5));
        string input = folder.File("x.npy");
        NpyFile.WriteSingles(input, [1, 4, 32, 32], new float[4 * 32 * 32]);
        (int status, _, string error) = CommandProcess.Run(
            "forward", "--weights", weights, "--input", input, "--output", folder.File("y.npy"));
        Assert.Equal(1, status);
        Assert.Contains("[1, 4, 32, 32]", Assert.Single(error.Trim().Split('\n')), StringComparison.Ordinal);
    }
}
