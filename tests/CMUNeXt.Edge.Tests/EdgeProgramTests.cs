using System.Text.Json;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Imaging.Tests.Formats;
using CMUNeXt.Masks;
using CMUNeXt.Tensors;
using CMUNeXt.Tests;
using CMUNeXt.Weights;

namespace CMUNeXt.Edge.Tests;

/// <summary>The program as a process of its own: as it is built, and compiled ahead of time.</summary>
public sealed class EdgeProgramTests : IDisposable
{
    private const int MostBytes = 6_850_000;

    private readonly TemporaryFolder folder = new();

    private static string PublishedPath => Repository.Path("docs", "notebook", "results", "cmunext-s-busi-split2.safetensors");

    private static string WeightsPath => Repository.Path("src", "CMUNeXt.Pretrained", "breast-ultrasound.safetensors");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Mask_and_findings_are_those_of_the_library()
    {
        Image image = Ultrasound(230, 170);
        ImageFile.SavePng(In("a.png"), image);
        (int status, string output, string error) = Run(In("a.png"), "--output", In("found"));
        Assert.True(status == 0, error);
        Assert.StartsWith($"{In("a.png")}: ", output, StringComparison.Ordinal);

        using Segmenter segmenter = Segmenter.Load(WeightsPath);
        Segmentation expected = segmenter.Segment(image);
        Assert.InRange(expected.Area, 1, (230 * 170) - 1);
        Assert.Equal(expected.Mask.Pixels, ImageFile.LoadMask(In("found", "a_mask.png"), MaskValues.ZeroOr255).Pixels);
        Assert.All(ImageFile.Load(In("found", "a_mask.png")).Pixels, value => Assert.True(value is 0 or 255));
        JsonElement json = JsonDocument.Parse(File.ReadAllBytes(In("found", "a.json"))).RootElement;
        Assert.Equal(
            ("a.png", 230, 170),
            (json.GetProperty("file").GetString(), json.GetProperty("width").GetInt32(), json.GetProperty("height").GetInt32()));
        Assert.Equal(("cmunext-s", expected.Area), (json.GetProperty("model").GetString(), json.GetProperty("area").GetInt32()));
        Assert.Equal(WeightsFile.Load(WeightsPath).Sha256, json.GetProperty("weights_sha256").GetString());
        Assert.Equal(
            expected.Lesions.Select(lesion => lesion.Area),
            json.GetProperty("lesions").EnumerateArray().Select(lesion => lesion.GetProperty("area").GetInt32()));
        Assert.All(json.GetProperty("lesions").EnumerateArray(),
            lesion => Assert.InRange(lesion.GetProperty("confidence").GetDouble(), 0, 1));
        Assert.Contains(
            "its IoU with a lesion of the reference is at least 0.5", json.GetProperty("confidence_note").GetString(),
            StringComparison.Ordinal);
    }

    // 10,000 and 5,000 pixels a meter.
    [Fact]
    public void Lesions_are_measured_by_the_size_of_a_pixel_that_the_image_gives()
    {
        Image image = Ultrasound(96, 80);
        int row = image.Width * image.Channels;
        byte[] rows = [.. Enumerable.Range(0, image.Height).SelectMany(y => image.Pixels.Skip(y * row).Take(row).Prepend((byte)0))];
        File.WriteAllBytes(In("a.png"), new PngBuilder().Header(96, 80, 8, (byte)(image.Channels == 3 ? 2 : 0))
            .Chunk("pHYs", [0, 0, 0x27, 0x10, 0, 0, 0x13, 0x88, 1]).Chunk("IDAT", PngBuilder.Compress(rows)).End().ToArray());
        Assert.Equal(0, Run(In("a.png"), "--output", In("found"), "--weights", PublishedPath, "--threshold", "0.01").Status);
        JsonElement json = JsonDocument.Parse(File.ReadAllBytes(In("found", "a.json"))).RootElement;
        int area = json.GetProperty("area").GetInt32();
        Assert.NotEqual(0, area);
        Assert.Equal(area * 0.1 * 0.2, json.GetProperty("area_mm2").GetDouble(), 9);
        Assert.All(json.GetProperty("lesions").EnumerateArray(), lesion =>
            Assert.Equal(lesion.GetProperty("area").GetInt32() * 0.1 * 0.2, lesion.GetProperty("area_mm2").GetDouble(), 9));
    }

    [Fact]
    public void An_image_that_is_no_ultrasound_is_warned_of()
    {
        Image white = new(64, 64, 1, [.. Enumerable.Repeat(byte.MaxValue, 64 * 64)]);
        ImageFile.SavePng(In("white.png"), white);
        Assert.Equal(0, Run(In("white.png"), Repository.Path("examples", "phantom_0001.png"), "--output", In("found")).Status);
        Assert.NotEmpty(InputCheck.Warnings(white));
        JsonElement json = JsonDocument.Parse(File.ReadAllBytes(In("found", "white.json"))).RootElement;
        Assert.Equal(
            InputCheck.Warnings(white), json.GetProperty("warnings").EnumerateArray().Select(warning => warning.GetString()!));
        JsonElement ofPhantom = JsonDocument.Parse(File.ReadAllBytes(In("found", "phantom_0001.json"))).RootElement;
        Assert.False(ofPhantom.TryGetProperty("warnings", out _));
    }

    [Fact]
    public void An_image_that_its_presence_takes_for_healthy_has_lesions_on_demand_alone()
    {
        Image image = Ultrasound(230, 170);
        ImageFile.SavePng(In("a.png"), image);
        LoadedWeights weights = WeightsFile.Load(WeightsPath);
        WeightsFile.Save(In("w.safetensors"), weights.State, weights.Describe() with
        {
            Presence = new PresenceThreshold { Score = 1000, Specificity = 0.95, HealthyImages = 20 },
        });
        string[] arguments = [In("a.png"), "--weights", In("w.safetensors"), "--output"];
        Assert.Equal(0, Run([.. arguments, In("usual")]).Status);
        Assert.Equal(0, Run([.. arguments, In("all"), "--all"]).Status);
        Assert.DoesNotContain((byte)255, ImageFile.Load(In("usual", "a_mask.png")).Pixels);
        using Segmenter segmenter = Segmenter.Load(weights, new() { IgnorePresence = true });
        Mask expected = segmenter.Segment(image).Mask;
        Assert.Contains((byte)1, expected.Pixels);
        Assert.Equal(expected.Pixels, ImageFile.LoadMask(In("all", "a_mask.png"), MaskValues.ZeroOr255).Pixels);
    }

    [Fact]
    public void A_bad_image_is_named_and_the_others_are_done()
    {
        ImageFile.SavePng(In("good.png"), Ultrasound(64, 48));
        File.WriteAllText(In("bad.png"), "no image");
        File.WriteAllBytes(In("image.dcm"), [.. new byte[128], .. "DICM"u8]);
        (int status, _, string error) = Run(In("bad.png"), In("missing.png"), In("image.dcm"), In("good.png"), "--output", In("found"));
        Assert.Equal(1, status);
        Assert.Contains($"cmunext-edge: {In("image.dcm")}: a DICOM file: cmunext predict reads it", error, StringComparison.Ordinal);
        Assert.Contains(
            $"cmunext-edge: {In("bad.png")}: not an image of a kind that is read (PNG, JPEG, BMP)", error, StringComparison.Ordinal);
        Assert.Contains($"cmunext-edge: {In("missing.png")}: there is no such file", error, StringComparison.Ordinal);
        Assert.Equal([".cmunext-files", "good.json", "good_mask.png"], Directory.GetFiles(In("found")).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void What_exists_is_kept_unless_it_may_be_replaced()
    {
        ImageFile.SavePng(In("a.png"), Ultrasound(64, 48));
        File.WriteAllText(In("a.json"), "mine");
        (int status, _, string error) = Run(In("a.png"), "--output", folder.Path);
        Assert.Equal(1, status);
        Assert.Contains($"{In("a.json")}: it exists; give --overwrite to replace it", error, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(In("a.json")));
        Assert.Equal(1, Run(In("a.png"), "--output", folder.Path, "--overwrite").Status);
        Assert.Equal("mine", File.ReadAllText(In("a.json")));
        File.Delete(In("a.json"));
        Assert.Equal(0, Run(In("a.png"), "--output", folder.Path).Status);
        Assert.Equal(1, Run(In("a.png"), "--output", folder.Path).Status);
        Assert.Equal(0, Run(In("a.png"), "--output", folder.Path, "--overwrite").Status);

        Directory.CreateDirectory(In("other"));
        File.Copy(In("a.png"), In("other", "a.png"));
        (status, _, error) = Run(In("a.png"), In("other", "a.png"), "--output", In("both"));
        Assert.Equal(1, status);
        Assert.Contains("another image's results have its names already", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_and_threshold_are_those_that_are_given()
    {
        Image image = Ultrasound(96, 80);
        ImageFile.SavePng(In("a.png"), image);
        LoadedWeights published = WeightsFile.Load(PublishedPath);
        WeightsFile.Save(In("some.pth"), published.State);
        (int status, _, string error) =
            Run(In("a.png"), "--output", In("found"), "--weights", In("some.pth"), "--threshold", "0.01", "--threads", "1");
        Assert.Equal(0, status);
        string line = Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith(
            $"warning: {In("some.pth")} says nothing of its preprocessing; the published one is assumed", line, StringComparison.Ordinal);
        using Segmenter segmenter = Segmenter.Load(published, new() { Threshold = 0.01 });
        Assert.Equal(segmenter.Segment(image).Mask.Pixels, ImageFile.LoadMask(In("found", "a_mask.png"), MaskValues.ZeroOr255).Pixels);

        JsonElement json = JsonDocument.Parse(File.ReadAllBytes(In("found", "a.json"))).RootElement;
        Assert.All(json.GetProperty("lesions").EnumerateArray(),
            lesion => Assert.Equal(JsonValueKind.Null, lesion.GetProperty("confidence").ValueKind));
        Assert.Contains("no calibration", json.GetProperty("confidence_note").GetString(), StringComparison.Ordinal);

        (status, _, error) = Run(In("a.png"), "--output", In("more"), "--weights", In("a.png"));
        Assert.Equal(1, status);
        Assert.Contains($"cmunext-edge: {In("a.png")}: this is not a weight file", error, StringComparison.Ordinal);
    }

    // Images are not divided by 255 once more: so they matter to weights that nothing has trained.
    [Fact]
    public void A_mask_of_several_classes_holds_their_indices()
    {
        const string Network = "cmunext_s_gray_4class";
        Image image = new(40, 30, 1, [.. Formula.Input(1, 40 * 30).Select(value => (byte)((value + 1) * 127.5f))]);
        ImageFile.SavePng(In("a.png"), image);
        WeightsFile.Save(In("w.safetensors"), Golden.Fill(Network), new()
        {
            Network = Golden.Describe(Network),
            Preprocessing = Preprocessing.For(1) with { Width = 32, Height = 32, Divisor = 1 },
        });
        Assert.Equal(0, Run(In("a.png"), "--output", In("found"), "--weights", In("w.safetensors")).Status);
        using Segmenter segmenter = Segmenter.Load(In("w.safetensors"));
        byte[] expected = segmenter.Segment(image).Mask.Pixels;
        Assert.Equal((byte[])[0, 1, 2, 3], expected.Distinct().Order());
        Assert.Equal(expected, ImageFile.LoadGray(In("found", "a_mask.png")).Pixels);
    }

    [Fact]
    public void What_is_wrong_with_the_weights_is_said_once()
    {
        ImageFile.SavePng(In("a.png"), Ultrasound(64, 48));
        ImageFile.SavePng(In("b.png"), Ultrasound(64, 48));
        SaveNotFinite(In("nan.pth"));
        (int status, string output, string error) = Run(In("a.png"), In("b.png"), "--output", In("found"), "--weights", In("nan.pth"));
        Assert.Equal((1, ""), (status, output));
        string line = Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith($"cmunext-edge: {In("nan.pth")}: ", line, StringComparison.Ordinal);
        Assert.Contains("the tensor Conv_1x1.bias holds a value that is not a finite number", line, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(In("found")));
    }

    [Fact]
    public void A_threshold_is_refused_where_there_are_several_classes()
    {
        ImageFile.SavePng(In("a.png"), Ultrasound(64, 48));
        WeightsFile.Save(In("w.pth"), Golden.Fill("cmunext_s_gray_4class"));
        (int status, string output, string error) =
            Run(In("a.png"), "--output", In("found"), "--weights", In("w.pth"), "--threshold", "0.3");
        Assert.Equal((2, ""), (status, output));
        Assert.StartsWith(
            "cmunext-edge: --threshold is for weights of one output",
            Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Fact]
    public void An_image_that_fails_has_no_results_of_an_earlier_one()
    {
        ImageFile.SavePng(In("a.png"), Ultrasound(64, 48));
        SaveNotFinite(In("nan.pth"));
        string[] arguments = [In("a.png"), "--output", In("found"), "--overwrite"];
        string[] results = [In("found", "a_mask.png"), In("found", "a.json")];
        Assert.Equal(0, Run(arguments).Status);
        Assert.Equal(1, Run([.. arguments, "--weights", In("nan.pth")]).Status);
        Assert.All(results, result => Assert.True(File.Exists(result), result));
        File.WriteAllText(In("a.png"), "no image");
        Assert.Equal(1, Run(arguments).Status);
        Assert.All(results, result => Assert.False(File.Exists(result), result));
    }

    [Fact]
    public void An_image_on_the_command_line_is_never_replaced()
    {
        ImageFile.SavePng(In("a.png"), Ultrasound(64, 48));
        ImageFile.SavePng(In("a_mask.png"), Ultrasound(48, 64));
        byte[] before = File.ReadAllBytes(In("a_mask.png"));
        string output = In("missing", "..");
        (int status, _, string error) = Run(In("a.png"), In("a_mask.png"), "--output", output, "--overwrite");
        Assert.Equal(1, status);
        string line = Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(
            $"{In("a.png")}: its result {Path.Combine(output, "a_mask.png")} would replace one of the images", line,
            StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(In("a_mask.png")));
        Assert.Equal(
            [".cmunext-files", "a.png", "a_mask.json", "a_mask.png", "a_mask_mask.png"],
            Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void A_wrong_command_line_is_status_2_and_help_is_0()
    {
        (int status, _, string error) = Run("--nonsense");
        Assert.Equal(2, status);
        Assert.Equal("cmunext-edge: there is no option --nonsense; see \"cmunext-edge --help\"\n", error.ReplaceLineEndings("\n"));
        (status, string output, _) = Run("--help");
        Assert.Equal(0, status);
        Assert.Contains("cmunext-edge IMAGE...", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Compiled_ahead_of_time_it_is_one_small_file_and_finds_the_same()
    {
        string program = AheadOfTime.Publish("src/CMUNeXt.Edge", "cmunext-edge", In("build"));
        FileInfo file = Assert.Single(new DirectoryInfo(Path.GetDirectoryName(program)!).GetFiles());
        Assert.InRange(file.Length, 1, MostBytes);

        Image image = Ultrasound(230, 170);
        ImageFile.SavePng(In("a.png"), image);
        File.WriteAllBytes(In("b.jpg"), SkiaBuilder.Jpeg(image));
        File.WriteAllBytes(
            In("c.bmp"),
            BmpBuilder.Image(
                230, 170, 8, [.. image.Pixels.Chunk(230)],
                [.. Enumerable.Range(0, 256).SelectMany(v => (byte[])[(byte)v, (byte)v, (byte)v, 0])]));
        string[] images = [In("a.png"), In("b.jpg"), In("c.bmp")];
        Assert.Equal(0, Run([.. images, "--output", In("built")]).Status);
        (int status, string output) = AheadOfTime.Run(program, arm: false, [.. images, "--output", In("compiled")]);
        Assert.True(status == 0, output);
        string[] names = ["a.json", "a_mask.png", "b.json", "b_mask.png", "c.json", "c_mask.png"];
        Assert.Equal([".cmunext-files", .. names], Directory.GetFiles(In("compiled")).Select(Path.GetFileName).Order());
        foreach (string name in names.Where(name => name.EndsWith(".png", StringComparison.Ordinal)))
        {
            // The two compilers may choose other instruction sets, which round differently.
            byte[] built = ImageFile.LoadGray(In("built", name)).Pixels;
            byte[] compiled = ImageFile.LoadGray(In("compiled", name)).Pixels;
            Assert.InRange(built.Zip(compiled).Count(pair => pair.First != pair.Second), 0, 2);
            Assert.Contains((byte)255, compiled);
        }
    }

    private static (int Status, string Output, string Error) Run(params string[] arguments)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "cmunext-edge.dll");
        return ChildProcess.Run(ChildProcess.Dotnet, [program, .. arguments]);
    }

    private static void SaveNotFinite(string path) =>
        WeightsFile.Save(path, new StateDict(WeightsFile.Load(WeightsPath).State.Select(tensor => tensor.Name == "Conv_1x1.bias"
            ? new WeightTensor(tensor.Name, tensor.Shape, [float.NaN])
            : tensor)));

    private string In(params string[] parts) => folder.File(parts);

    // Bright, grainy tissue with a dark round lesion.
    private static Image Ultrasound(int width, int height)
    {
        Random random = new(4);
        byte[] pixels = new byte[width * height];
        for (int i = 0; i < pixels.Length; i++)
        {
            double x = ((double)(i % width) / width) - 0.5;
            double y = ((double)(i / width) / height) - 0.45;
            double tissue = (x * x) + (y * y) < 0.03 ? 20 : 130;
            pixels[i] = (byte)(tissue * (0.6 + (0.8 * random.NextDouble())));
        }

        return new Image(width, height, 1, pixels);
    }
}
