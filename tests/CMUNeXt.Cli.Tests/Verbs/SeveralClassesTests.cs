using System.Text;
using CMUNeXt.Cli.Prediction;
using CMUNeXt.Dicom.Tests;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Networks;
using CMUNeXt.Tests;
using CMUNeXt.Weights;

namespace CMUNeXt.Cli.Tests.Verbs;

/// <summary>Weights of several classes, of which a pixel belongs to the most probable one, and cases of several.</summary>
public sealed class SeveralClassesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public SeveralClassesTests() => SaveWeights();

    public void Dispose() => folder.Dispose();

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
        Assert.Equal([In("w.safetensors")], Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void Without_one_they_segment_an_image()
    {
        (int status, _, string error) = CommandProcess.Run(
            "predict", Repository.Path("examples", "phantom_0001.png"), "--output", In("out"), "--weights", In("w.safetensors"));
        Assert.True(status == ExitStatus.Done, error);
        Assert.True(File.Exists(In("out/phantom_0001_mask.png")));
    }

    [Fact]
    public void The_segments_of_a_DICOM_file_have_the_names_of_the_classes()
    {
        DicomTools.Need("dump2dcm");
        SaveWeights("benign", "malignant");
        new MadeFile("MONOCHROME2").Write(folder, In("image.dcm"));
        (int status, _, string error) = CommandProcess.Run(
            "predict", In("image.dcm"), "--output", In("out"), "--weights", In("w.safetensors"));
        Assert.True(status == ExitStatus.Done, error);
        string segmentation = Encoding.Latin1.GetString(File.ReadAllBytes(In("out/image_seg.dcm")));
        Assert.Contains("benign", segmentation, StringComparison.Ordinal);
        Assert.Contains("malignant", segmentation, StringComparison.Ordinal);
    }

    [Fact]
    public void Classes_without_names_are_numbered_in_DICOM_objects_and_one_class_is_not_named()
    {
        PredictionSettings settings = new()
        {
            Network = "a network",
            Outputs = 3,
            WeightsSha256 = new string('0', 64),
            Threshold = 0.5,
            Result = new ResultSettings { Input = new Preprocessing() },
        };
        Assert.Equal(["Class 1", "Class 2"], settings.By.Classes);
        Assert.Equal(["benign", "malignant"], (settings with { ClassNames = ["benign", "malignant"] }).By.Classes);
        Assert.Empty((settings with { Outputs = 1, ClassNames = ["nodule"] }).By.Classes);
    }

    [Fact]
    public void The_terminal_names_the_classes_of_each_group_and_no_rows_that_are_not_there()
    {
        Save("images/found", 10, 40, 90, 160);
        Save("masks/0/found", 255, 255);
        Save("masks/1/found", 0, 0, 255);
        Save("others/found", 1, 1);
        Save("images/healthy", 160, 90, 40, 10);
        Save("masks/0/healthy");
        Save("masks/1/healthy");
        Save("others/healthy");
        File.WriteAllLines(In("list.txt"), ["found", "healthy"]);
        (int status, string output, string error) = CommandProcess.Run(
            "evaluate", "--data", In("data"), "--list", In("list.txt"), "--predictions", In("data/others"), "--output", In("out"));
        Assert.True(status == ExitStatus.Done, error);
        Assert.Contains(": 1 case, class 1: IoU 1.0000, Dice 1.0000; class 2: IoU 0.0000, Dice 0.0000\n", output, StringComparison.Ordinal);
        Assert.Contains(": 1 case, class 1: a false positive in 0; class 2: a false positive in 0\n", output, StringComparison.Ordinal);
        Assert.Contains("over the cases that hold the class", output, StringComparison.Ordinal);
        Assert.DoesNotContain("as published", output, StringComparison.Ordinal);

        void Save(string name, params byte[] first) =>
            ImageFile.SavePng(folder[$"data/{name}.png"], new Image(4, 4, 1, [.. first, .. new byte[16 - first.Length]]));
    }

    private void SaveWeights(params string[] classes)
    {
        NetworkDescription network = NetworkCatalog.Describe("cmunext-s", outputs: 3);
        WeightsFile.Save(In("w.safetensors"), network.Configuration!.StartingWeights(3, 3, 1), new WeightsMetadata
        {
            Network = network,
            Preprocessing = Preprocessing.Published with { Width = 32, Height = 32 },
            Classes = classes,
        });
    }

    private string In(string name) => folder.File(name);
}
