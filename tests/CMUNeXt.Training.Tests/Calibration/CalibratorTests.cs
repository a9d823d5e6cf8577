using CMUNeXt.Backends;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Masks;
using CMUNeXt.Networks;
using CMUNeXt.Numerics;
using CMUNeXt.Tests;
using CMUNeXt.Training.Calibration;
using CMUNeXt.Training.Data;
using CMUNeXt.Training.Evaluation;
using CMUNeXt.Weights;

namespace CMUNeXt.Training.Tests.Calibration;

public sealed class CalibratorTests : IDisposable
{
    private const int Side = 16;

    private static readonly NetworkDescription Small = NetworkCatalog.Describe("cmunext-s", channels: 1);
    private static readonly WeightsMetadata Metadata = new()
    {
        Network = Small,
        Preprocessing = new Preprocessing
        {
            Width = Side,
            Height = Side,
            Order = ChannelOrder.Gray,
            Mean = [0],
            StandardDeviation = [1],
            Divisor = 1,
        },
    };

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>A lesion of brightness b is right with the probability b, which the network does not say: it says 1 / 2 + b / 2.</summary>
    [Fact]
    public void Confidences_learn_how_often_lesions_are_right()
    {
        RandomSequence random = new(5, "cases");
        Write(400, i => (0.05 + (0.9 * i / 400), random.NextDouble() < 0.05 + (0.9 * i / 400)));
        CalibrationReport report = Run();
        Assert.Equal((400, 400), (report.Cases, report.Lesions));
        Assert.All((double[])[0.1, 0.3, 0.5, 0.7, 0.9], b => Assert.Equal(b, report.Calibration.Confidence(0.5 + (b / 2), 1), 0.12));
        Assert.InRange(report.MeanProbability.ExpectedCalibrationError, 0.2, 0.3);
        Assert.All(report.Halves, half => Assert.InRange(half.Reliability.ExpectedCalibrationError, 0, 0.12));
        Assert.Equal(report.Halves.Select(half => half.Reliability.ExpectedCalibrationError), report.Calibration.ExpectedCalibrationErrors);
        Assert.Equal([200, 200], report.Halves.Select(half => half.FittedCases));
        Assert.Equal(100, report.Halvings.Count);
        Assert.NotNull(report.Pixels);
        Assert.Equal(report.ToJson(), Run().ToJson());
        Assert.NotEqual(report.ToJson(), Run(seed: 42).ToJson());
        Assert.Contains("<svg", report.ToSvg(), StringComparison.Ordinal);
    }

    [Fact]
    public void Lesions_of_images_that_are_taken_for_healthy_have_no_part_in_it()
    {
        // Dim squares are found and wrong. They alone lie below the threshold: those of the healthy images are a little brighter.
        Write(
            120, i => i < 30 ? (0.02, false) : i < 60 ? (0.03, false) : (0.5 + (0.4 * i / 120), i % 4 > 0),
            isHealthy: i => i is >= 30 and < 60);
        CalibrationReport report = Run(specificity: 0.999);
        Assert.Equal((120, 60), (report.Cases, report.Lesions));
        Assert.Equal(45, report.Right);
        Assert.False(report.IsOfAllLesions);
        Assert.Equal(0.75, report.Calibration.Confidence(0.8, 1), 0.15);

        // A threshold that the weights have counts where none can be fitted.
        Write(60, i => i < 20 ? (0.02, false) : (0.5 + (0.4 * i / 60), i % 4 > 0));
        Assert.Equal(60, Run().Lesions);
        Assert.Equal(40, Run(had: report.Presence!.Threshold).Lesions);

        // Unless too little is left by it.
        CalibrationReport all = Run(had: report.Presence.Threshold with { Score = 1000 });
        Assert.Equal((60, true), (all.Lesions, all.IsOfAllLesions));
    }

    [Fact]
    public void The_threshold_that_the_weights_have_then_is_told()
    {
        Write(60, i => (0.5 + (0.4 * i / 60), i % 4 > 0));
        PresenceThreshold had = new() { Score = 1000, Specificity = 0.95, HealthyImages = 20 };
        CalibrationReport report = Run(had: had);
        Assert.Null(report.Presence);
        Assert.Equal((true, had), (report.IsOfAllLesions, report.PresenceThreshold));
        Assert.Null(Run().PresenceThreshold);
    }

    [Fact]
    public void Cases_of_one_patient_stay_in_one_half()
    {
        Write(60, i => (0.5 + (0.4 * i / 60), i % 4 > 0));
        Assert.All(Run().Halves, half => Assert.Equal(30, half.FittedCases));
        Assert.Equal([20, 40], Run(patients: Patients(3)).Halves.Select(half => half.FittedCases).Order());
        Assert.Contains(
            "one patient", Assert.Throws<BadFileException>(() => Run(patients: Patients(1))).Message, StringComparison.Ordinal);

        static CaseKey Patients(int count) =>
            CaseKey.Known("patient", Enumerable.Range(0, 60).ToDictionary(i => $"{i}", i => $"patient {i % count}"));
    }

    /// <summary>
    /// All lesions look alike, so that a fit says of each what part of its half is right, by Platt's targets. All halvings are the same.
    /// </summary>
    [Theory]
    [InlineData(3, 1, 0.1402, 0)]
    [InlineData(2, 2, 0.1621, 1)]
    public void A_half_is_judged_by_what_the_other_half_says(int rightOf4, int otherRightOf4, double byChance, double bothWithin5Percent)
    {
        CalibrationReport report = Run(patients: WriteTwoPatients(rightOf4, otherRightOf4).Patients);
        double[] right = [otherRightOf4 / 4.0, rightOf4 / 4.0];
        double[] confidences = [Fitted(10 * otherRightOf4, 40 - (10 * otherRightOf4)), Fitted(5 * rightOf4, 20 - (5 * rightOf4))];
        double[] errors = [Math.Abs(confidences[0] - right[1]), Math.Abs(confidences[1] - right[0])];
        Assert.Equal(
            [(40, 40, 20), (20, 20, 40)], report.Halves.Select(half => (half.FittedCases, half.FittedLesions, half.JudgedCases)));
        double logit = Math.Log(191.0 / 64);
        Assert.All(report.Halves, (half, i) =>
        {
            Assert.Equal(confidences[i], 1 / (1 + Math.Exp(-(half.Intercept + (half.Slope * logit)))), 1e-6);
            Assert.Equal(errors[i], half.Reliability.ExpectedCalibrationError, 1e-6);
            Assert.All(half.Reliability.Bins, bin => Assert.Equal(confidences[i], bin.MeanConfidence, 1e-6));
            Assert.All(half.Reliability.Bins, bin => Assert.Equal(right[1 - i], bin.FractionRight, 1e-6));
        });

        // By chance: the mean of |k / n - p| over the binomial distribution of n = 4 and of n = 8 lesions in a bin.
        Assert.Equal(100, report.Halvings.Count);
        Assert.Equal(errors.Average(), report.Halvings.MeanError, 1e-6);
        Assert.Equal(byChance, report.Halvings.MeanByChance, 0.005);
        Assert.Equal(bothWithin5Percent, report.Halvings.BothWithin5Percent);

        static double Fitted(int right, int wrong) => ((right * (right + 1.0) / (right + 2)) + (wrong / (wrong + 2.0))) / (right + wrong);
    }

    [Fact]
    public void Pixels_of_a_half_are_judged_as_they_are_and_with_the_temperature_of_the_other_half()
    {
        (CaseKey patients, string[] names) = WriteTwoPatients(3, 1);
        PixelCalibration report = Run(patients: patients).Pixels!;

        // Of 256 pixels 25 say 191 / 255. The lesion is these, or 25 others, which say 0.
        Assert.Equal(Error(0.75), report.ExpectedCalibrationErrors[0], 1e-3);
        Assert.Equal(Error(0.25), report.ExpectedCalibrationErrors[1], 1e-3);

        DataSet data = DataSet.Open(folder["data"]);
        using Brightness network = new();
        LogitHistogram[] halves = [Pixels(names[20..]), Pixels(names[..20])];
        double[] temperatures = [.. halves.Select(static half => half.FitTemperature())];
        Assert.Equal(temperatures, report.Temperatures);
        Assert.Equal(
            [halves[1].ExpectedCalibrationError(temperatures[0]), halves[0].ExpectedCalibrationError(temperatures[1])],
            report.ErrorsWithTemperature);

        // Each half has its own: no other order has these numbers.
        Assert.InRange(temperatures[0] - temperatures[1], 1, 3);

        static double Error(double right) => 25 * (Math.Abs((191 / 255.0) - right) + 1 - right) / (Side * Side);

        LogitHistogram Pixels(string[] half) => LogitHistogram.Sum(
            data.Resolve(half, "the test").Select(one => CalibrationCase.Measure(LoadedCase.Load(one), network, Metadata).Pixels!));
    }

    [Fact]
    public void Pixels_that_nothing_is_known_of_do_not_count()
    {
        byte[] pixels = new byte[Side * Side];
        byte[] labels = new byte[Side * Side];
        for (int y = 4; y < 9; y++)
        {
            pixels.AsSpan((y * Side) + 4, 5).Fill(191);
            labels.AsSpan((y * Side) + 4, 5).Fill(y < 8 ? (byte)1 : IgnoredPixels.Label);
        }

        labels.AsSpan(14 * Side).Fill(IgnoredPixels.Label);
        using Brightness network = new();
        CalibrationCase measured = CalibrationCase.Measure(
            new LoadedCase(new Case("a", "a.png", ["mask.png"]), new Image(Side, Side, 1, pixels), new Mask(Side, Side, labels)), network,
            Metadata);

        // Of 256 pixels 5 of the square and 32 of the background are unknown; the lesion's 20 say 191 / 255.
        Assert.Equal(20 * (64 / 255.0) / (256 - 5 - 32), measured.Pixels!.ExpectedCalibrationError(1), 3e-4);
        Assert.Equal(1, Assert.Single(measured.Lesions).Iou);
        Assert.False(measured.IsHealthy);
    }

    [Fact]
    public void An_image_whose_only_lesion_is_ignored_is_not_taken_for_healthy()
    {
        using Brightness network = new();
        Assert.False(IsHealthy(0, 1, IgnoredPixels.Label));
        Assert.Null(IsHealthy(0, IgnoredPixels.Label));
        Assert.True(IsHealthy(0));

        bool? IsHealthy(params byte[] labels) => CalibrationCase.Measure(
            new LoadedCase(
                new Case("a", "a.png", ["mask.png"]), new Image(Side, Side, 1, new byte[Side * Side]),
                new Mask(Side, Side, [.. Enumerable.Range(0, Side * Side).Select(i => labels[i % labels.Length])])),
            network, Metadata).IsHealthy;
    }

    [Theory]
    [InlineData(6, true, "6 lesions")]
    [InlineData(1, true, "1 lesion in them")]
    [InlineData(30, false, "all or none")]
    public void Too_little_to_learn_from_is_said(int count, bool mixed, string expected)
    {
        Write(count, i => (0.5, !mixed || i % 2 == 0));
        BadFileException e = Assert.Throws<BadFileException>(() => Run());
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        Assert.EndsWith("list.txt", e.Path, StringComparison.Ordinal);
    }

    private CalibrationReport Run(long seed = 41, double specificity = 0.95, PresenceThreshold? had = null, CaseKey? patients = null)
    {
        DataSet data = DataSet.Open(folder["data"]);
        using Brightness network = new();
        LoadedWeights weights = new(
            "w.safetensors", Small.Configuration!.StartingWeights(1, 1, 1), Metadata with { Presence = had }, default);
        return Calibrator.Run(
            data, CaseList.Read("list.txt", data.Folder), network, new Ensemble([weights]), seed, specificity, patients,
            cancellation: TestContext.Current.CancellationToken);
    }

    // The first 20 cases by name are one patient's; the other 40 are the first half. Of each four cases as many are right, and so they are
    // in each bin: equal confidences stay in the order of the names.
    private (CaseKey Patients, string[] Names) WriteTwoPatients(int rightOf4, int otherRightOf4)
    {
        string[] names = [.. Enumerable.Range(0, 60).Select(i => $"{i}").Order(StringComparer.Ordinal)];
        Write(60, i =>
        {
            int place = Array.IndexOf(names, $"{i}");
            return (0.5, place % 4 < (place < 20 ? rightOf4 : otherRightOf4));
        });
        return (CaseKey.Known("patient", names.Index().ToDictionary(one => one.Item, one => one.Index < 20 ? "one" : "other")), names);
    }

    // Each image has a square whose gray is the probability that the network gives it; the reference is the same square, or another.
    private void Write(int count, Func<int, (double Brightness, bool Right)> make, Func<int, bool>? isHealthy = null)
    {
        Directory.CreateDirectory(folder["data/images"]);
        Directory.CreateDirectory(folder["data/masks/0"]);
        for (int i = 0; i < count; i++)
        {
            (double brightness, bool right) = make(i);
            byte[] pixels = new byte[Side * Side];
            byte[] reference = new byte[Side * Side];
            for (int y = 4; y < 9; y++)
            {
                pixels.AsSpan((y * Side) + 4, 5).Fill((byte)Math.Round(255 * (0.5 + (brightness / 2))));
                reference.AsSpan((y * Side) + (right ? 4 : 10), 5).Fill((byte)(isHealthy?.Invoke(i) == true ? 0 : 1));
            }

            // No two images are identical.
            pixels[i % Side] = (byte)(1 + (i / Side));
            ImageFile.SavePng(folder[$"data/images/{i}.png"], new Image(Side, Side, 1, pixels));
            ImageFile.SaveMask(folder[$"data/masks/0/{i}.png"], new Mask(Side, Side, reference), MaskValues.ZeroOr255);
        }

        CaseList.Write(folder["data/list.txt"], Enumerable.Range(0, count).Select(i => $"{i}"));
    }

    /// <summary>The probability of a pixel is its brightness.</summary>
    private sealed class Brightness() : Network(Small)
    {
        public override string Backend => "brightness";

        protected override void Compute(
            ReadOnlySpan<float> input, int batch, int height, int width, Span<float> logits, CancellationToken cancellation)
        {
            for (int i = 0; i < logits.Length; i++)
            {
                float p = Math.Clamp(input[i], 1e-6f, 1 - 1e-6f);
                logits[i] = MathF.Log(p / (1 - p));
            }
        }
    }
}
