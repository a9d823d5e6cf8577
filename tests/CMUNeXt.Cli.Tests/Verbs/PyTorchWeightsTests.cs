using System.Text.Json;
using CMUNeXt.Tests;
using CMUNeXt.Training.Phantoms;

namespace CMUNeXt.Cli.Tests.Verbs;

/// <summary>Weights that PyTorch trained in a way of its own, judged here with the options that say which.</summary>
public sealed class PyTorchWeightsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Weights_trained_at_128_with_plain_scaling_have_the_IoU_that_PyTorch_gives_them()
    {
        string data = folder.File("data");
        string weights = folder.File("plain.pth");
        PhantomDataSet.Write(data, 40, 3, cancellationToken: TestContext.Current.CancellationToken);
        using JsonDocument expected = JsonDocument.Parse(Python.PyTorch.Run(
            "plain.py", data, Path.Combine(data, "train.txt"), Path.Combine(data, "val.txt"), "24", weights).Trim().Split('\n')[^1]);
        double iou = expected.RootElement.GetProperty("iou").GetDouble();
        Assert.True(iou > 0.05, $"It learned too little to be judged by: {iou}.");

        Assert.Equal(iou, Evaluate("--size", "128", "--order", "rgb", "--mean", "0", "--std", "1", "--scale", "1"), 1e-4);
        Assert.NotEqual(iou, Evaluate(), 1e-2);

        double Evaluate(params string[] options)
        {
            (int status, string output, string error) = CommandProcess.Run(
            [
                "evaluate", "--data", data, "--list", "val.txt", "--weights", weights, "--json",
                "--output", folder.File("out"), "--overwrite", .. options,
            ]);
            Assert.True(status == 0, error);
            using JsonDocument summary = JsonDocument.Parse(output);
            return summary.RootElement.GetProperty("all").GetProperty("metrics").GetProperty("classes")[0].GetProperty("metrics")
                .GetProperty("iou").GetProperty("mean").GetDouble();
        }
    }
}
