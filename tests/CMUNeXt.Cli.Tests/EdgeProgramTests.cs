using CMUNeXt.Imaging;
using CMUNeXt.Masks;
using CMUNeXt.Tests;

namespace CMUNeXt.Cli.Tests;

/// <summary>The edge program beside <c>predict</c>, both as processes of their own, on real images.</summary>
public sealed class EdgeProgramTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void It_writes_the_same_masks_and_findings()
    {
        string busi = Reference.Path("data", "busi", "Dataset_BUSI_with_GT");
        string[] images = [.. new[] { "benign/benign (1).png", "benign/benign (20).png", "malignant/malignant (7).png" }.Select(
            name => Path.Combine(busi, name))];
        string predicted = folder.File("predicted");
        string found = folder.File("found");
        (int status, _, string error) = CommandProcess.Run(["predict", .. images, "--output", predicted]);
        Assert.True(status == 0, error);

        string program = Path.Combine(AppContext.BaseDirectory, "cmunext-edge.dll");
        (status, _, error) = ChildProcess.Run(ChildProcess.Dotnet, [program, .. images, "--output", found]);
        Assert.True(status == 0, error);
        foreach (string name in images.Select(Path.GetFileNameWithoutExtension)!)
        {
            Mask mask = ImageFile.LoadMask(Path.Combine(found, $"{name}_mask.png"), MaskValues.ZeroOr255);
            Assert.Equal(ImageFile.LoadMask(Path.Combine(predicted, $"{name}_mask.png"), MaskValues.ZeroOr255).Pixels, mask.Pixels);
            Assert.InRange(mask.Area(), 1, mask.Pixels.Length - 1);
            Assert.Equal(Findings(Path.Combine(predicted, $"{name}.json")), Findings(Path.Combine(found, $"{name}.json")));
        }
    }

    // But for the settings and the state of the file, of which the edge program has none.
    private static string[] Findings(string path) =>
    [
        .. File.ReadLines(path).Where(line => !line.StartsWith("  \"settings\":", StringComparison.Ordinal)
            && !line.StartsWith("  \"source\":", StringComparison.Ordinal)),
    ];
}
