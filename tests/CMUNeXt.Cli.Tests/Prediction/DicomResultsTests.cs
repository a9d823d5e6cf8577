using CMUNeXt.Cli.Prediction;
using CMUNeXt.Dicom;
using CMUNeXt.Dicom.Tests;
using CMUNeXt.Dicom.Tests.Orthanc;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Tests;

namespace CMUNeXt.Cli.Tests.Prediction;

/// <summary>A loop whose overlays are more than a DICOM file can hold has its mask and its report all the same.</summary>
public sealed class DicomResultsTests : IDisposable
{
    private const int Frames = 2;
    private const long Bytes = 3L * MadeFile.Width * MadeFile.Height * Frames;

    private static readonly string[] Objects = ["loop_report.dcm", "loop_seg.dcm"];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_still_and_a_loop_of_one_stem_have_results_of_their_own()
    {
        DicomTools.Need("dump2dcm");
        new MadeFile("MONOCHROME2").Write(folder, folder["in/scan.dcm"]);
        new MadeFile("MONOCHROME2", Frames: 2).Write(folder, folder["in/scan.ima"]);
        FoundImages found = ImageInputs.Find([folder.File("in")], folder.File("out"), TestContext.Current.CancellationToken);
        Assert.Equal(["scan.dcm", "scan.ima_0001", "scan.ima_0002"], found.Images.Select(static image => image.Result));
        Assert.Equal(["scan.dcm", "scan.ima"], found.Images.Select(static image => image.FileResult).Distinct());
    }

    [Theory]
    [InlineData(Bytes, true)]
    [InlineData(Bytes - 1, false)]
    public void An_archives_loop_has_overlays_where_these_fit_and_else_a_line(long most, bool fit)
    {
        RecordedLog log = new();
        string results = Directory.CreateDirectory(folder.File("results")).FullName;
        using DicomFile file = DicomFile.Open(Make());
        IReadOnlyList<string> written = new InstancePrediction(Segment, Settings(most), 1, log)
            .Write(file, results, TestContext.Current.CancellationToken);
        string[] expected = [.. fit ? ["result_overlay.dcm"] : Array.Empty<string>(), "result_report.dcm", "result_seg.dcm"];
        Assert.Equal(expected, written.Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
        Assert.Equal(expected, NamesIn(results));

        // The largest last: a mask that an archive has room for is stored before it.
        Assert.Equal(["result_seg.dcm", "result_report.dcm"], written.Take(2).Select(path => Path.GetFileName(path)));
        Assert.Equal(fit ? 0 : 1, log.Lines.Count(static line => line.Contains($" {Bytes} bytes", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_predicted_loop_whose_overlays_do_not_fit_has_those_of_its_frames_and_a_line()
    {
        string path = Make();
        Assert.Empty(await Predict(path, Settings(Bytes)));
        Assert.Equal(["loop_overlay.dcm", .. Objects], NamesIn(folder.File("out"), "*.dcm"));

        // What an earlier call wrote goes.
        string note = Assert.Single(await Predict(path, Settings(Bytes - 1)));
        Assert.StartsWith($"cmunext: {path}: its overlays have {Bytes} bytes", note, StringComparison.Ordinal);
        Assert.Equal(Objects, NamesIn(folder.File("out"), "*.dcm"));
        Assert.Equal(["loop_0001_overlay.png", "loop_0002_overlay.png"], NamesIn(folder.File("out"), "*_overlay.png"));
    }

    private async Task<IReadOnlyList<string>> Predict(string path, PredictionSettings settings)
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        IReadOnlyList<ImageInput> frames = ImageInputs.Find([path], folder.File("out"), stop).Images;
        List<string> notes = [];
        using OutputFolder output = OutputFolder.Open(folder.File("out"), overwrite: true);
        using DicomPredictions dicom = new(output, settings);
        ImagePrediction prediction = new(new ImageFinder(Segment, settings), settings, output, dicom);
        Assert.All(frames, frame => Assert.Null(prediction.Begin(frame)));
        IEnumerable<Task<ImageOutcome>> outcomes =
            ImagePipeline.Run(frames, 1, (frame, cores) => prediction.Work(frame, cores, stop), stop);
        foreach ((ImageInput frame, Task<ImageOutcome> task) in frames.Zip(outcomes))
        {
            ImageOutcome outcome = await task;
            Assert.Null(outcome.Failure);
            Assert.Null(prediction.End(frame, outcome));
            notes.AddRange(outcome.Notes);
        }

        return notes;
    }

    // A lesion along the upper edge.
    private static Segmentation Segment(Image image, CancellationToken stop)
    {
        float[] probability = new float[image.Width * image.Height];
        probability.AsSpan(0, 4 * image.Width).Fill(0.9f);
        return Segmentation.FromProbability(image.Width, image.Height, probability);
    }

    private static PredictionSettings Settings(long mostOverlayBytes) => new()
    {
        Network = "a network",
        Outputs = 1,
        WeightsSha256 = new string('0', 64),
        Threshold = 0.5,
        Result = new ResultSettings { Input = new Preprocessing() },
        MostOverlayBytes = mostOverlayBytes,
    };

    private static IEnumerable<string> NamesIn(string folder, string pattern = "*") =>
        Directory.GetFiles(folder, pattern).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal);

    private string Make()
    {
        DicomTools.Need("dump2dcm");
        string path = folder.File("loop.dcm");
        new MadeFile("MONOCHROME2", Frames: Frames).Write(folder, path);
        return path;
    }
}
