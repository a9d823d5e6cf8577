using System.Text.Json;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Masks;
using CMUNeXt.Networks;
using CMUNeXt.Tests;
using CMUNeXt.Weights;

namespace CMUNeXt.Cli.Tests.Verbs;

/// <summary><c>calibrate</c>, of a network that finds a lesion in all of every image.</summary>
public sealed class CalibrateVerbTests : IDisposable
{
    private const int Side = 16;
    private const int Healthy = 24;
    private const int WithLesion = 40;

    // Narrower ones begin with a last layer that is the same for every image.
    private static readonly NetworkDescription Tiny = new()
    {
        Name = "cmunext-s",
        Channels = 1,
        Configuration = new([8, 8, 8, 8, 8], [1, 1, 1, 1, 1], [3, 3, 3, 3, 3]),
    };

    private readonly TemporaryFolder folder = new();

    public CalibrateVerbTests()
    {
        // Of the lesions every second one is all of its image, and the others are a pixel.
        for (int i = 0; i < Healthy + WithLesion; i++)
        {
            byte[] noise = new byte[Side * Side];
            byte[] mask = new byte[Side * Side];
            new Random(i).NextBytes(noise);

            // Some are darker than others, and their presence is another.
            noise = Array.ConvertAll(noise, value => (byte)(value * (i % 8) / 7));
            mask.AsSpan(0, i < Healthy ? 0 : i % 2 == 0 ? mask.Length : 1).Fill(1);
            Directory.CreateDirectory(In("images"));
            Directory.CreateDirectory(In("masks/0"));
            ImageFile.SavePng(In($"images/{i}.png"), new Image(Side, Side, 1, noise));
            ImageFile.SaveMask(In($"masks/0/{i}.png"), new Mask(Side, Side, mask), MaskValues.ZeroOr255);
        }

        File.WriteAllLines(In("all.txt"), Enumerable.Range(0, Healthy + WithLesion).Select(i => $"{i}"));
        WeightsMetadata metadata = new()
        {
            Network = Tiny,
            Preprocessing = Preprocessing.For(1) with { Width = Side, Height = Side, Divisor = 1 },
            Threshold = 0,
        };
        WeightsFile.Save(
            In("w.safetensors"), Tiny.Configuration!.StartingWeights(1, 1, 1), metadata,
            new Dictionary<string, string> { ["format"] = "pt" });
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_weights_take_as_many_images_for_healthy_as_the_specificity_asks_for()
    {
        PresenceThreshold half = Calibrate("half", 0.5);
        PresenceThreshold most = Calibrate("most", 0.9);
        Assert.Equal((0.5, Healthy), (half.Specificity, half.HealthyImages));
        Assert.Equal((0.9, Healthy), (most.Specificity, most.HealthyImages));
        Assert.True(half.Score < most.Score, $"{half.Score} and {most.Score}");
        Assert.True(half.Sensitivity >= most.Sensitivity, $"{half.Sensitivity} and {most.Sensitivity}");
    }

    [Fact]
    public void With_flips_it_fits_what_counts_with_them_and_leaves_the_rest()
    {
        PresenceThreshold plain = Calibrate("plain", 0.9);
        (int status, string output, string error) = CommandProcess.Run(
            "calibrate", "--data", folder.Path, "--list", "all.txt", "--weights", In("plain/calibrated.safetensors"), "--tta",
            "--specificity", "0.9", "--threads", "1", "--output", In("both"));
        Assert.True(status == ExitStatus.Done, error);
        Assert.Contains("The weights with the calibration for --tta are", output, StringComparison.Ordinal);
        WeightsMetadata both = WeightsFile.Load(In("both/calibrated.safetensors")).Metadata!;
        WeightsMetadata without = WeightsFile.Load(In("plain/calibrated.safetensors")).Metadata!;
        Assert.Equal((plain, without.Calibration!.Slope), (both.Presence, both.Calibration!.Slope));
        Assert.Null(without.PresenceWithFlips);
        Assert.Equal((0.9, Healthy), (both.PresenceWithFlips!.Specificity, both.PresenceWithFlips.HealthyImages));
        Assert.NotEqual(plain.Score, both.PresenceWithFlips.Score);
        Assert.NotEqual(both.Calibration.Slope, both.CalibrationWithFlips!.Slope);
        Assert.True(JsonDocument.Parse(File.ReadAllText(In("both/calibration.json"))).RootElement.GetProperty("flips").GetBoolean());

        // The mean over flips is what evaluate judges with --tta, by the same threshold.
        (status, _, error) = CommandProcess.Run(
            "evaluate", "--data", folder.Path, "--list", "all.txt", "--weights", In("both/calibrated.safetensors"), "--tta",
            "--threads", "1", "--output", In("judged"));
        Assert.True(status == ExitStatus.Done, error);
        using JsonDocument judged = JsonDocument.Parse(File.ReadAllText(In("judged/summary.json")));
        JsonElement presence = judged.RootElement.GetProperty("presence");
        Assert.Equal(both.PresenceWithFlips.Score, judged.RootElement.GetProperty("info").GetProperty("presence_threshold").GetDouble());
        Assert.Equal(Healthy / 10, presence.GetProperty("false_positive_images").GetProperty("count").GetInt32());

        // With too few healthy images the threshold without flips is not taken for one with them.
        File.WriteAllLines(In("lesions.txt"), Enumerable.Range(Healthy, WithLesion).Select(i => $"{i}"));
        (status, _, error) = CommandProcess.Run(
            "calibrate", "--data", folder.Path, "--list", "lesions.txt", "--weights", In("plain/calibrated.safetensors"), "--tta",
            "--threads", "1", "--output", In("lesions"));
        Assert.True(status == ExitStatus.Done, error);
        WeightsMetadata lesions = WeightsFile.Load(In("lesions/calibrated.safetensors")).Metadata!;
        Assert.Equal((plain, null), (lesions.Presence, lesions.PresenceWithFlips));
        Assert.NotNull(lesions.CalibrationWithFlips);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    public void A_specificity_of_none_or_all_is_refused_in_one_line(string specificity)
    {
        (int status, _, string error) = Run("refused", specificity);
        Assert.Equal(ExitStatus.Usage, status);
        Assert.Contains("--specificity is above 0 and below 1", Assert.Single(error.Trim().Split('\n')), StringComparison.Ordinal);
        Assert.False(Directory.Exists(In("refused")));
    }

    [Fact]
    public void A_call_that_came_to_nothing_is_not_in_the_way_of_the_next()
    {
        File.WriteAllText(In("few.txt"), $"{Healthy}\n{Healthy + 1}\n");
        (int status, _, string error) = Run("again", "0.5", "few.txt");
        Assert.Equal(ExitStatus.Failed, status);
        Assert.Contains("its cases cannot be calibrated on", error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(In("again")));
        Calibrate("again", 0.5);
    }

    [Fact]
    public void Where_its_report_cannot_be_written_that_of_an_earlier_calibration_does_not_stay()
    {
        Calibrate("torn", 0.5);
        Directory.CreateDirectory(In("torn/calibration.json.part"));
        (int status, _, string error) = CommandProcess.Run(
            "calibrate", "--data", folder.Path, "--list", "all.txt", "--weights", In("w.safetensors"), "--specificity", "0.9",
            "--threads", "1", "--output", In("torn"), "--overwrite");
        Assert.Equal(ExitStatus.Failed, status);
        Assert.Contains("calibration.json", error, StringComparison.Ordinal);
        Assert.Equal(0.9, WeightsFile.Load(In("torn/calibrated.safetensors")).Metadata!.Presence!.Specificity);
        Assert.False(File.Exists(In("torn/calibration.json")));
        Assert.False(File.Exists(In("torn/reliability.svg")));
    }

    private PresenceThreshold Calibrate(string name, double specificity)
    {
        (int status, string output, string error) = Run(name, FormattableString.Invariant($"{specificity}"));
        Assert.True(status == ExitStatus.Done, error);
        Assert.Contains("Presence: no lesion is reported at or below", output, StringComparison.Ordinal);
        Assert.True(File.Exists(In($"{name}/calibration.json")));
        LoadedWeights calibrated = WeightsFile.Load(In($"{name}/calibrated.safetensors"));
        Assert.NotNull(calibrated.Metadata!.Calibration);
        Assert.Equal("pt", calibrated.Entries["format"]);
        return calibrated.Metadata.Presence!;
    }

    private (int Status, string Output, string Error) Run(string name, string specificity, string list = "all.txt") => CommandProcess.Run(
        "calibrate", "--data", folder.Path, "--list", list, "--weights", In("w.safetensors"), "--specificity", specificity,
        "--threads", "1", "--output", In(name));

    private string In(string name) => folder.File(name);
}
