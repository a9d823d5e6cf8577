using CMUNeXt.Tests;

namespace CMUNeXt.Onnx.Tests;

/// <summary>
/// Models held against the checker of the machine's own Python, by tests/onnx/check.py. Skipped where it is not installed.
/// </summary>
public sealed class OnnxCheckerTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Models_of_every_kind_are_valid()
    {
        Python.Onnx.Need();
        OnnxExportOptions[] kinds =
        [
            new(), new() { Preprocessing = true }, new() { Batch = 2, Height = 96, Width = 160 },
            new() { Batch = 1, Height = 64, Width = 64, Preprocessing = true },
            new() { FoldNormalization = true },
        ];
        int number = 0;
        List<int> opsets = [];
        List<string> files = [];
        foreach ((int channels, int outputs) in ((int, int)[])[(3, 1), (1, 4)])
        {
            foreach (OnnxExportOptions kind in kinds)
            {
                foreach (int opset in (int[])[13, 15, 17, 20])
                {
                    string file = folder.File($"{number++}.onnx");
                    File.WriteAllBytes(file, SmallNetwork.Write(SmallNetwork.Describe(channels, outputs), kind with { Opset = opset }));
                    files.Add(file);
                    opsets.Add(opset);
                }
            }
        }

        string[] lines = Python.Onnx.Run("check.py", [.. files]).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(files.Count, lines.Length);
        Assert.All(lines.Zip(opsets),
            line => Assert.True(line.First == "ok" || (line.First == "newer" && line.Second > 17), $"opset {line.Second}: {line.First}"));
    }
}
