using System.Text.Json;
using CMUNeXt.Backends;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Networks;
using CMUNeXt.Tensors;
using CMUNeXt.Tests;
using CMUNeXt.Weights;

namespace CMUNeXt.Cli.Tests.Verbs;

/// <summary>Weights as a <c>.pth</c>, which says nothing of itself, judged on images that a formula made.</summary>
public sealed class InputOptionsTests : IDisposable
{
    private const int Width = 48;
    private const int Height = 40;
    private const int Cases = 4;

    private static readonly string[] Plain = ["--size", "64", "--order", "rgb", "--mean", "0", "--std", "1", "--scale", "1"];

    private static readonly StateDict State = WithHalfForeground(Pretrained.BreastUltrasound);

    private readonly TemporaryFolder folder = new();

    public InputOptionsTests()
    {
        Directory.CreateDirectory(In("images"));
        Directory.CreateDirectory(In("masks/0"));
        for (int i = 0; i < Cases; i++)
        {
            (byte[] pixels, byte[] mask) = Draw(i);
            ImageFile.SavePng(In($"images/case {i}.png"), new Image(Width, Height, 3, pixels));
            ImageFile.SavePng(In($"masks/0/case {i}.png"), new Image(Width, Height, 1, mask));
        }

        File.WriteAllLines(In("list.txt"), Enumerable.Range(0, Cases).Select(i => $"case {i}"));
        WeightsFile.Save(In("w.pth"), State);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Plain_scaling_gives_the_IoU_that_is_computed_by_hand()
    {
        (double iou, string error) = Evaluate(Plain);
        Assert.DoesNotContain("assumed", error, StringComparison.Ordinal);
        Assert.Equal(IouByHand(), iou, 1e-9);
    }

    [Fact]
    public void The_options_of_the_published_protocol_are_what_is_assumed_without_them_and_one_line_says_so()
    {
        (double assumed, string error) = Evaluate();
        string line = Assert.Single(error.Split('\n'), text => text.Contains("w.pth", StringComparison.Ordinal));
        Assert.Contains("256 x 256, bgr", line, StringComparison.Ordinal);
        Assert.Contains("divided by 255 once more", line, StringComparison.Ordinal);
        Assert.Contains("--size, --order, --mean, --std and --scale", line, StringComparison.Ordinal);
        (double stated, error) = Evaluate(
            "--size", "256", "--order", "bgr", "--mean", "0.485,0.456,0.406", "--std", "0.229,0.224,0.225", "--scale", "255");
        Assert.DoesNotContain("w.pth", error, StringComparison.Ordinal);
        Assert.Equal(assumed, stated);
        Assert.NotEqual(assumed, Evaluate(Plain).Iou);
    }

    [Theory]
    [InlineData("assumed: bgr, mean 0.485 0.456 0.406, standard deviation 0.229 0.224 0.225, divided by 255 once more. "
        + "Where it was trained otherwise, give --order, --mean, --std and --scale, or --recipe FILE.", "--size", "64")]
    [InlineData("assumed: 256 x 256, divided by 255 once more. Where it was trained otherwise, give --size and --scale, or --recipe FILE.",
        "--order", "rgb", "--mean", "0", "--std", "1")]
    [InlineData("assumed: divided by 255 once more. Where it was trained otherwise, give --scale, or --recipe FILE.",
        "--size", "64", "--order", "rgb", "--mean", "0", "--std", "1", "--letterbox")]
    [InlineData(null, "--size", "64", "--order", "rgb", "--mean", "0", "--std", "1", "--scale", "1")]
    [InlineData(null, "--recipe", "ultrasound")]
    public void What_the_options_leave_open_is_said(string? said, params string[] options)
    {
        string[] expected = said is null ? [] : [$"warning: {In("w.pth")} says nothing of its preprocessing; the published one is {said}"];
        (int status, _, string error) =
            CommandProcess.Run(["export", "--weights", In("w.pth"), "--output", In("w.safetensors"), .. options]);
        Assert.True(status == 0, error);
        Assert.Equal(expected, error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void Verbs_without_the_options_say_what_is_assumed_too()
    {
        foreach (string[] command in (string[][])
        [
            ["serve", "--port", "0"],
            ["dicom", "--orthanc", "http://localhost:1", "--state", In("state.json"), "--metrics-port", "0"],
        ])
        {
            using CommandProcess process = CommandProcess.Start([.. command, "--weights", In("w.pth")]);
            process.WaitForAddress();
            process.Interrupt();
            string line = Assert.Single(
                process.WaitForExit().Error.Split('\n'), text => text.Contains("w.pth", StringComparison.Ordinal));
            Assert.Contains("the published one is assumed: 256 x 256, bgr", line, StringComparison.Ordinal);
            Assert.Contains("export it to a .safetensors with --size", line, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_file_says_it_all_and_an_export_keeps_it()
    {
        File.WriteAllText(In("plain.json"), """
            { "preprocessing": { "width": 64, "height": 64, "order": "rgb", "mean": [0, 0, 0], "deviation": [1, 1, 1], "divisor": 1 } }
            """);
        Assert.Equal(IouByHand(), Evaluate("--recipe", In("plain.json")).Iou, 1e-9);
        (int status, _, string error) = CommandProcess.Run(["export", "--weights", In("w.pth"), "--output", In("w.safetensors"), .. Plain]);
        Assert.True(status == 0, error);
        Assert.Equal(
            new Preprocessing
            {
                Width = 64, Height = 64, Order = ChannelOrder.Rgb, Mean = [0, 0, 0], StandardDeviation = [1, 1, 1], Divisor = 1,
            },
            WeightsFile.Load(In("w.safetensors")).Metadata!.Preprocessing);
    }

    [Theory]
    [InlineData("input 192 x 192 Mean", false, "--scale", "1")]
    [InlineData("input 192 x 192 Mean", false, "--recipe", "ultrasound")]
    [InlineData("input 128 x 128 Mean", true, "--recipe", "ultrasound", "--size", "128")]
    public void What_a_recipe_leaves_open_is_as_the_weights_have_it_and_what_no_longer_holds_is_said(
        string input, bool isOther, params string[] options)
    {
        (int status, _, string error) = CommandProcess.Run(
            ["predict", In("images/case 0.png"), "--output", In("predicted"), "--weights", "breast-ultrasound", .. options]);
        Assert.True(status == 0, error);
        Assert.Equal(isOther, error.Contains("were fitted to another input, and are left out", StringComparison.Ordinal));
        using JsonDocument found = JsonDocument.Parse(File.ReadAllBytes(In("predicted/case 0.json")));
        Assert.StartsWith(input, found.RootElement.GetProperty("settings").GetString(), StringComparison.Ordinal);
        Assert.Equal(!isOther, found.RootElement.TryGetProperty("presence_threshold", out _));
    }

    [Fact]
    public void Every_verb_says_what_no_longer_holds()
    {
        string[] weights = ["--weights", "breast-ultrasound", "--size", "64"];
        foreach (string[] command in (string[][])
        [
            ["export", "--output", In("small.safetensors"), .. weights],
            ["evaluate", "--data", folder.Path, "--list", "list.txt", "--output", In("evaluation"), .. weights],
        ])
        {
            (int status, _, string error) = CommandProcess.Run(command);
            Assert.True(status == 0, error);
            Assert.Contains("were fitted to another input, and are left out", error, StringComparison.Ordinal);
        }

        Assert.Null(WeightsFile.Load(In("small.safetensors")).Metadata!.Presence);
    }

    [Fact]
    public void The_bars_of_the_weights_can_be_taken_away()
    {
        WeightsFile.Save(In("barred.safetensors"), State, Pretrained.BreastUltrasound.Metadata! with
        {
            Preprocessing = Pretrained.BreastUltrasound.Metadata.Preprocessing with { Letterbox = true },
        });
        foreach ((string written, string[] command) in (ReadOnlySpan<(string, string[])>)
        [
            ("stretched.safetensors", ["export", "--output", In("stretched.safetensors")]),
            ("run/last.safetensors",
                ["train", "--data", folder.Path, "--train", In("list.txt"), "--val", In("list.txt"), "--epochs", "1", "--size", "32",
                    "--output", In("run")]),
        ])
        {
            (int status, _, string error) =
                CommandProcess.Run([.. command, "--weights", In("barred.safetensors"), "--letterbox", "false"]);
            Assert.True(status == 0, error);
            Assert.False(WeightsFile.Load(In(written)).Metadata!.Preprocessing.Letterbox);
        }
    }

    [Fact]
    public void A_training_goes_on_at_the_size_of_the_weights_that_it_starts_from()
    {
        WeightsFile.Save(In("small.safetensors"), Pretrained.BreastUltrasound.State, Pretrained.BreastUltrasound.Metadata! with
        {
            Preprocessing = Pretrained.BreastUltrasound.Metadata.Preprocessing with { Width = 64, Height = 32 },
        });
        foreach ((string run, int width, int height, string[] more) in (ReadOnlySpan<(string, int, int, string[])>)
            [("as they are", 64, 32, []), ("as said", 32, 32, ["--size", "32", "--optimizer", "adamw", "--momentum", "0.5"])])
        {
            (int status, _, string error) = CommandProcess.Run(
            [
                "train", "--data", folder.Path, "--train", In("list.txt"), "--val", In("list.txt"), "--weights", In("small.safetensors"),
                "--epochs", "1", "--output", In(run), .. more,
            ]);
            Assert.True(status == 0, error);
            Preprocessing trained = WeightsFile.Load(In($"{run}/last.safetensors")).Metadata!.Preprocessing;
            Assert.Equal((width, height), (trained.Width, trained.Height));
            Assert.Equal(more.Length > 0, error.Contains("--momentum changes nothing here", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(1, null)]
    [InlineData(1, "once more, letterbox)", "--letterbox")]
    [InlineData(255, "divided by 255 once more)")]
    public void A_training_from_weights_of_another_input_than_its_own_says_so(double divisor, string? said, params string[] options)
    {
        WeightsFile.Save(In("start.safetensors"), Pretrained.BreastUltrasound.State, Pretrained.BreastUltrasound.Metadata! with
        {
            Preprocessing = Pretrained.BreastUltrasound.Metadata.Preprocessing with { Divisor = divisor },
        });
        File.Copy(In("list.txt"), In("one, two.txt"));
        (int status, _, string error) = CommandProcess.Run(
        [
            "train", "--data", folder.Path, "--train", In("one, two.txt"), "--val", In("list.txt"), "--weights", In("start.safetensors"),
            "--recipe", "ultrasound", "--warm-up", "0", "--epochs", "1", "--size", "32", "--output", In("run"), .. options,
        ]);
        Assert.True(status == 0, error);
        Assert.Equal(said is not null, error.Contains("start.safetensors was trained on another input", StringComparison.Ordinal));
        Assert.Contains(said ?? "", error, StringComparison.Ordinal);
        Assert.Contains("does not hold for the new weights; cmunext calibrate fits theirs", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("takes 3", "evaluate", "--order", "gray", "--mean", "0", "--std", "1")]
    [InlineData("takes 3", "evaluate", "--order", "gray")]
    [InlineData("--size is N", "evaluate", "--size", "big")]
    [InlineData("mean", "evaluate", "--mean", "0,0")]
    [InlineData("mean", "evaluate", "--mean", "7")]
    [InlineData("standard deviation", "evaluate", "--std", "0")]
    [InlineData("--order is one of", "evaluate", "--order", "gbr")]
    [InlineData("not a number", "evaluate", "--scale", "x")]
    public void What_no_network_takes_is_refused(string said, string verb, params string[] options)
    {
        (int status, _, string error) = CommandProcess.Run(
            [verb, "--data", folder.Path, "--list", "list.txt", "--weights", In("w.pth"), "--output", In("out"), .. options]);
        Assert.Equal(ExitStatus.Usage, status);
        Assert.Contains(said, Assert.Single(error.Trim().Split('\n')), StringComparison.Ordinal);
        Assert.False(Directory.Exists(In("out")));
    }

    private (double Iou, string Error) Evaluate(params string[] options)
    {
        (int status, string output, string error) = CommandProcess.Run(
            ["evaluate", "--data", folder.Path, "--list", "list.txt", "--weights", In("w.pth"), "--output", In("out"), "--overwrite",
                "--json", .. options]);
        Assert.True(status == 0, error);
        using JsonDocument summary = JsonDocument.Parse(output);
        JsonElement metrics = summary.RootElement
            .GetProperty("all").GetProperty("metrics").GetProperty("classes")[0].GetProperty("metrics");
        return (metrics.GetProperty("iou").GetProperty("mean").GetDouble(), error);
    }

    // Resized as the product resizes, then nothing but a division by 255.
    private double IouByHand()
    {
        using Network network = BackendRegistry.Open(WeightsFile.Load(In("w.pth")));
        double sum = 0;
        for (int i = 0; i < Cases; i++)
        {
            (byte[] pixels, byte[] mask) = Draw(i);
            float[] probability = [.. network.Forward(PlainInput(pixels), 1, 64, 64).Select(logit => 1 / (1 + MathF.Exp(-logit)))];
            float[] atImage = Image.ResizeMap(probability, 64, 64, Width, Height);
            int both = atImage.Zip(mask).Count(pixel => pixel.First > 0.5f && pixel.Second > 0);
            int any = atImage.Zip(mask).Count(pixel => pixel.First > 0.5f || pixel.Second > 0);
            sum += (double)both / any;
        }

        // Two networks that find nothing would agree as well.
        Assert.InRange(sum, 0.1, Cases);
        return sum / Cases;
    }

    private static float[] PlainInput(byte[] pixels)
    {
        byte[] resized = new Image(Width, Height, 3, pixels).Resize(64, 64).Pixels;
        float[] input = new float[3 * 64 * 64];
        for (int p = 0; p < 64 * 64; p++)
        {
            for (int c = 0; c < 3; c++)
            {
                input[(c * 64 * 64) + p] = resized[(p * 3) + c] / 255f;
            }
        }

        return input;
    }

    // With the last bias moved, half of the first image is foreground, whatever the weights have learned.
    private static StateDict WithHalfForeground(LoadedWeights weights)
    {
        using Network network = BackendRegistry.Open(weights);
        float median = network.Forward(PlainInput(Draw(0).Pixels), 1, 64, 64).Order().ElementAt(64 * 64 / 2);
        return new StateDict(weights.State.Select(tensor =>
            tensor.Name == "Conv_1x1.bias" ? new WeightTensor(tensor.Name, [1], [tensor.ToSingles()[0] - median]) : tensor));
    }

    // A dark disc on noise of another color in each channel.
    private static (byte[] Pixels, byte[] Mask) Draw(int number)
    {
        Random random = new(number);
        byte[] pixels = new byte[Width * Height * 3];
        byte[] mask = new byte[Width * Height];
        for (int i = 0; i < mask.Length; i++)
        {
            bool inside = Math.Pow((i % Width) - 20 - number, 2) + Math.Pow((i / Width) - 18, 2) < 90;
            mask[i] = inside ? (byte)255 : (byte)0;
            for (int c = 0; c < 3; c++)
            {
                pixels[(i * 3) + c] = (byte)((inside ? 10 : 90) + (40 * c) + random.Next(60));
            }
        }

        return (pixels, mask);
    }

    private string In(string name) => folder.File(name);
}
