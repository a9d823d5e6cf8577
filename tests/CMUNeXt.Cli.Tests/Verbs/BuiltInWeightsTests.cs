using System.Globalization;
using System.Text.Json;
using CMUNeXt.Files;
using CMUNeXt.Imaging;
using CMUNeXt.Tensors;
using CMUNeXt.Tests;
using CMUNeXt.Training.Phantoms;
using CMUNeXt.Weights;

namespace CMUNeXt.Cli.Tests.Verbs;

/// <summary>Every verb that takes weights, without any: it takes those that come with the product.</summary>
public sealed class BuiltInWeightsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static string Examples => Repository.Path("examples");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_examples_are_phantoms_that_the_generator_makes()
    {
        PhantomDataSet.Write(In("phantoms"), 4, 12, cancellationToken: TestContext.Current.CancellationToken);
        string[] names = [.. Directory.GetFiles(Examples, "*.png").Select(Path.GetFileName).Order()!];
        Assert.Equal(4, names.Length);
        Assert.All(names,
            name => Assert.Equal(
                ImageFile.Load(In("phantoms", "images", name)).Pixels, ImageFile.Load(Path.Combine(Examples, name)).Pixels));
    }

    [Fact]
    public void Predict_needs_nothing_but_images()
    {
        Assert.Equal(0, Run("predict", Examples, "--output", In("found"), "--json").Status);
        string[] names = [.. Directory.GetFiles(Examples, "*.png").Select(Path.GetFileNameWithoutExtension)!];
        int lesions = 0;
        foreach (string name in names)
        {
            using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(In("found", $"{name}.json")));
            Assert.Equal(Pretrained.BreastUltrasound.Sha256, json.RootElement.GetProperty("weights_sha256").GetString());
            foreach (JsonElement lesion in json.RootElement.GetProperty("lesions").EnumerateArray())
            {
                lesions++;
                Assert.Contains(
                    "its IoU with a lesion of the reference is at least 0.5", json.RootElement.GetProperty("confidence_note").GetString(),
                    StringComparison.Ordinal);
                double mean = lesion.GetProperty("mean_probability").GetDouble();
                double share = lesion.GetProperty("area").GetDouble() / json.RootElement.GetProperty("area").GetDouble();
                Assert.Equal(
                    Pretrained.BreastUltrasound.Metadata!.Calibration!.Confidence(mean, share),
                    lesion.GetProperty("confidence").GetDouble(), 1e-9);
            }
        }

        Assert.InRange(lesions, 1, 1000);
    }

    [Fact]
    public void Another_threshold_than_the_calibrated_one_leaves_the_confidence_out_and_says_so()
    {
        Assert.Equal(0, Run("predict", Examples, "--output", In("found"), "--threshold", "0.2").Status);
        JsonElement[] found =
        [
            .. Directory.GetFiles(In("found"), "*.json").Select(path => JsonDocument.Parse(File.ReadAllBytes(path)).RootElement),
        ];
        Assert.Contains(found, json => json.GetProperty("lesions").GetArrayLength() > 0);
        Assert.All(found.Where(json => json.GetProperty("lesions").GetArrayLength() > 0), json =>
        {
            Assert.Contains("cmunext calibrate", json.GetProperty("confidence_note").GetString(), StringComparison.Ordinal);
            Assert.Equal(JsonValueKind.Null, json.GetProperty("lesions")[0].GetProperty("confidence").ValueKind);
        });
    }

    [Fact]
    public void An_image_that_is_taken_for_healthy_is_said_to_be_where_all_is_outlined_too()
    {
        Assert.Equal(0, Run("predict", Examples, "--output", In("found"), "--all").Status);
        double threshold = Pretrained.BreastUltrasound.Metadata!.Presence!.Score;
        Assert.All(Directory.GetFiles(In("found"), "*.json"), path =>
        {
            using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(path));
            Assert.Equal(threshold, json.RootElement.GetProperty("presence_threshold").GetDouble());
            Assert.Equal(
                json.RootElement.GetProperty("presence").GetDouble() <= threshold, json.RootElement.TryGetProperty("presence_note", out _));
        });
    }

    [Fact]
    public void An_image_that_is_to_be_read_is_not_replaced_by_a_result()
    {
        Directory.CreateDirectory(In("images"));
        string image = Directory.GetFiles(Examples, "*.png")[0];
        File.Copy(image, In("images", "a.png"));
        File.Copy(image, In("images", "a_mask.png"));
        (int status, _, string error) = Run("predict", In("images"), "--output", In("images"), "--overwrite");
        Assert.Equal(1, status);
        Assert.Contains(
            "is one of the files that are read",
            Assert.Single(error.Split('\n'), line => line.StartsWith("cmunext:", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Equal(File.ReadAllBytes(image), File.ReadAllBytes(In("images", "a_mask.png")));

        // The other image has its results.
        Assert.True(File.Exists(In("images", "a_mask.json")));
        Assert.False(File.Exists(In("images", "a.json")));
    }

    [Fact]
    public void Info_forward_and_export_take_them()
    {
        (int status, string output, _) = Run("info");
        Assert.Equal(0, status);
        Assert.All(["cmunext-s", Pretrained.BreastUltrasound.Sha256, "not a medical device"],
            text => Assert.Contains(text, output, StringComparison.OrdinalIgnoreCase));

        // The thousand images that they know are counted.
        Assert.InRange(output.Split('\n').Length, 50, 300);
        Assert.Contains($"{Pretrained.BreastUltrasound.Metadata!.TrainingCases!.Count} images", output, StringComparison.Ordinal);
        Assert.Contains(Pretrained.BreastUltrasound.Metadata.TrainingCases[0], Run("info", "--json").Output, StringComparison.Ordinal);

        Assert.Equal(0, Run("export", "--output", In("some.pth")).Status);
        StateDict exported = WeightsFile.Load(In("some.pth")).State;
        Assert.All(Pretrained.BreastUltrasound.State,
            tensor => Assert.True(tensor.Data.Span.SequenceEqual(exported[tensor.Name].Data.Span), tensor.Name));
        Assert.Equal(0, Run("export", "--output", In("some.safetensors")).Status);
        Assert.Equal(
            Pretrained.BreastUltrasound.Metadata!.Calibration!.Slope,
            WeightsFile.Load(In("some.safetensors")).Metadata!.Calibration!.Slope);

        NpyFile.WriteSingles(In("x.npy"), [1, 3, 32, 48], Formula.Input(2000, 3 * 32 * 48));
        Assert.Equal(0, Run("forward", "--input", In("x.npy"), "--output", In("y.npy")).Status);
        Assert.Equal(0, Run("forward", "--weights", In("some.pth"), "--input", In("x.npy"), "--output", In("z.npy")).Status);
        Assert.Equal(NpyFile.ReadSingles(In("z.npy")).Values, NpyFile.ReadSingles(In("y.npy")).Values);
    }

    [Fact]
    public void They_are_not_mixed_up_with_other_networks()
    {
        (int status, _, string error) = Run("predict", Examples, "--output", In("found"), "--model", "unet");
        Assert.Equal(1, status);
        Assert.Contains("built in", error, StringComparison.Ordinal);
        Assert.Contains("holds a cmunext-s, not a unet", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("second.safetensors")]
    [InlineData("second.ONNX")]
    [InlineData("thyroid-ultrasound")]
    public void Second_weights_behind_one_option_are_not_taken_for_an_image(string second)
    {
        (int status, _, string error) = Run("predict", Examples, "--output", In("found"), "--weights", "breast-ultrasound", second);
        Assert.Equal(ExitStatus.Usage, status);
        Assert.Equal($"cmunext: {second} names weights, and no image: each weight file takes a --weights of its own", error.Trim());
        Assert.False(Directory.Exists(In("found")));
    }

    [Fact]
    public void A_weight_file_among_images_fails_alone()
    {
        string[] images = [.. Directory.GetFiles(Examples, "*.png").Order().Take(2)];
        File.WriteAllText(In("model.onnx"), "no image");
        Assert.Equal(1, Run("predict", images[0], images[1], In("model.onnx"), "--output", In("found")).Status);
        Assert.Equal(2, Directory.GetFiles(In("found"), "*_mask.png").Length);
    }

    [Fact]
    public void Evaluate_and_calibrate_take_them_and_what_is_calibrated_is_evaluated()
    {
        PhantomDataSet.Write(In("phantoms"), 60, 1, cancellationToken: TestContext.Current.CancellationToken);
        File.WriteAllLines(
            In("phantoms", "all.txt"), File.ReadLines(In("phantoms", "train.txt")).Concat(File.ReadLines(In("phantoms", "val.txt"))));
        (int status, string output, string error) = Run(
            "calibrate", "--data", In("phantoms"), "--list", "all.txt", "--output", In("calibration"), "--json");
        Assert.True(status == 0, error);
        Assert.Equal(
            [".cmunext-files", "calibrated.safetensors", "calibration.json", "reliability.svg"],
            Directory.GetFiles(In("calibration")).Select(Path.GetFileName).Order());
        using JsonDocument calibration = JsonDocument.Parse(output);
        Assert.Equal(Pretrained.BreastUltrasound.Sha256, calibration.RootElement.GetProperty("weights_sha256").GetString());
        int lesions = calibration.RootElement.GetProperty("lesions").GetInt32();
        Assert.Equal(lesions, WeightsFile.Load(In("calibration", "calibrated.safetensors")).Metadata!.Calibration!.Lesions);

        string calibrated = In("calibration", "calibrated.safetensors");
        Assert.Equal(
            0, Run(
                "evaluate", "--data", In("phantoms"), "--list", "all.txt", "--weights", calibrated, "--output", In("calibrated")).Status);
        (status, output, error) = Run("evaluate", "--data", In("phantoms"), "--list", "all.txt", "--output", In("built-in"));
        Assert.True(status == 0, error);
        Assert.Contains(
            "as published: all cases, without the presence threshold",
            string.Join(' ', output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        JsonElement after = Summary("calibrated").GetProperty("lesions");
        JsonElement before = Summary("built-in").GetProperty("lesions");
        Assert.Equal((lesions, lesions), (after.GetProperty("found").GetInt32(), before.GetProperty("found").GetInt32()));

        // On what it was fitted to, the mean of a logistic regression is that of its targets, which are Platt's.
        int right = after.GetProperty("right").GetInt32();
        int wrong = lesions - right;
        double target = ((right * (right + 1.0) / (right + 2.0)) + (wrong / (wrong + 2.0))) / lesions;
        double[] confidences = [.. File.ReadLines(In("calibrated", "lesions.csv")).Skip(1)
            .Select(line => double.Parse(line.Split(',')[7], CultureInfo.InvariantCulture))];
        Assert.Equal(lesions, confidences.Length);
        Assert.Equal(target, confidences.Average(), 1e-5);

        JsonElement Summary(string name) => JsonDocument.Parse(File.ReadAllBytes(In(name, "summary.json"))).RootElement;
    }

    [Fact]
    public void Weights_and_given_masks_exclude_each_other()
    {
        (int status, _, string error) = Run(
            "evaluate", "--data", In("x"), "--list", "x", "--weights", "a", "--predictions", "b", "--output", In("y"));
        Assert.Equal(2, status);
        Assert.Contains("--weights and --predictions exclude each other", error, StringComparison.Ordinal);
    }

    private static (int Status, string Output, string Error) Run(params string[] arguments) => CommandProcess.Run(arguments);

    private string In(params string[] parts) => folder.File(parts);
}
