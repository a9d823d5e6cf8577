using CMUNeXt.Images;
using CMUNeXt.Networks;
using CMUNeXt.Tests;
using CMUNeXt.Weights;

namespace CMUNeXt.Cli.Tests.Verbs;

/// <summary>Weights of several classes, of which a pixel belongs to the most probable one.</summary>
public sealed class SeveralClassesTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("cmunext-classes-").FullName;

    public SeveralClassesTests()
    {
        NetworkDescription network = NetworkCatalog.Describe("cmunext-s", outputs: 3);
        WeightsFile.Save(In("w.safetensors"), network.Configuration!.StartingWeights(3, 3, 1), new WeightsMetadata
        {
            Network = network,
            Preprocessing = Preprocessing.Published with { Width = 32, Height = 32 },
        });
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("predict")]
    [InlineData("dicom")]
    public void A_threshold_that_nothing_would_be_held_against_is_refused(string verb)
    {
        string[] command = verb == "predict"
            ? ["predict", Repository.Path("examples", "phantom_0001.png"), "--output", In("out")]
            : ["dicom", "--orthanc", "http://localhost:1", "--state", In("state.json"), "--once"];
        (int status, _, string error) = CommandProcess.Run([.. command, "--weights", In("w.safetensors"), "--threshold", "0.3"]);
        Assert.Equal(ExitStatus.Usage, status);
        Assert.StartsWith(
            "cmunext: --threshold is for weights of one output; with the 3 of these", Assert.Single(error.Trim().Split('\n')),
            StringComparison.Ordinal);
        Assert.Equal([In("w.safetensors")], Directory.GetFileSystemEntries(folder));
    }

    [Fact]
    public void Without_one_they_segment_an_image()
    {
        (int status, _, string error) = CommandProcess.Run(
            "predict", Repository.Path("examples", "phantom_0001.png"), "--output", In("out"), "--weights", In("w.safetensors"));
        Assert.True(status == ExitStatus.Done, error);
        Assert.True(File.Exists(In("out/phantom_0001_mask.png")));
    }

    private string In(string name) => Path.Combine(folder, name);
}
