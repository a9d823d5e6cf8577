using System.CommandLine;
using System.Security.Cryptography;
using CMUNeXt.Backends;
using CMUNeXt.Cli.Parsing;
using CMUNeXt.Images;
using CMUNeXt.Networks;
using CMUNeXt.Onnx;
using CMUNeXt.Tensors;
using CMUNeXt.Tests;
using CMUNeXt.Weights;

namespace CMUNeXt.Cli.Tests.Verbs;

/// <summary>The verb in this process: what it writes, and what its exit status is.</summary>
[Collection(nameof(Console))]
public sealed class ExportVerbTests : IDisposable
{
    private static readonly NetworkDescription Network = NetworkCatalog.Describe("cmunext-s");
    private static readonly StateDict State = Network.Configuration!.StartingWeights(3, 1, 5);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(".onnx")]
    [InlineData(".safetensors")]
    [InlineData(".pth")]
    public async Task Any_format_becomes_any_other_with_tensors_and_metadata_kept(string from)
    {
        WeightsMetadata metadata = new()
        {
            Network = Network,
            Preprocessing = new Preprocessing { Divisor = 1 },
            Threshold = 0.3,
            DataSet = "BUSI",
        };
        string source = In("source" + from);
        if (from == ".onnx")
        {
            OnnxFile.Write(source, State, metadata);
        }
        else
        {
            WeightsFile.Save(source, State, metadata);
        }

        foreach (string to in (string[])[".onnx", ".safetensors", ".pth"])
        {
            string target = In("target" + to);
            Assert.Equal(ExitStatus.Done, await Run("--weights", source, "--output", target));
            LoadedWeights loaded = NetworkWeights.Load(target);
            Assert.Equal(State.Select(tensor => tensor.Name), loaded.State.Select(tensor => tensor.Name));
            Assert.All(State, tensor => Assert.True(tensor.Data.Span.SequenceEqual(loaded.State[tensor.Name].Data.Span), tensor.Name));

            // A .pth has no metadata, and a file made of one has those of the published protocol.
            WeightsMetadata? expected = to == ".pth" ? null : from == ".pth" ? new WeightsMetadata { Network = Network } : metadata;
            Assert.Equal(expected?.Preprocessing, loaded.Metadata?.Preprocessing);
            Assert.Equal(expected?.Network, loaded.Metadata?.Network);
            Assert.Equal((expected?.Threshold, expected?.DataSet), (loaded.Metadata?.Threshold, loaded.Metadata?.DataSet));
        }
    }

    [Fact]
    public void A_write_that_fails_half_way_keeps_what_was_there()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "There is no limit on file sizes to set here.");
        WeightsFile.Save(In("source.pth"), State);
        File.WriteAllText(In("target.safetensors"), "what was there");
        (int status, _, string error) = CommandProcess.RunWithFileLimit(
            1024, "export", "--weights", In("source.pth"), "--output", In("target.safetensors"), "--overwrite");
        Assert.Equal(ExitStatus.Failed, status);
        string[] lines = error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.Contains("the published one is assumed", lines[0], StringComparison.Ordinal);
        Assert.Contains(In("target.safetensors"), lines[1], StringComparison.Ordinal);
        Assert.Equal("what was there", File.ReadAllText(In("target.safetensors")));
        Assert.Equal(2, Directory.GetFiles(folder.Path).Length);
    }

    [Fact]
    public async Task Options_for_onnx_reach_the_file()
    {
        WeightsFile.Save(In("w.pth"), State);
        string[] options = ["--opset", "17", "--batch", "2", "--height", "96", "--width", "160", "--preprocessing", "--fold-normalization"];
        Assert.Equal(ExitStatus.Done, await Run(["--weights", In("w.pth"), "--output", In("asked.ONNX"), .. options]));
        OnnxFile.Write(
            In("expected.onnx"),
            State,
            new WeightsMetadata { Network = Network, Preprocessing = Preprocessing.Published with { Height = 96, Width = 160 } },
            new OnnxExportOptions { Opset = 17, Batch = 2, Height = 96, Width = 160, Preprocessing = true, FoldNormalization = true });
        Assert.Equal(SHA256.HashData(File.ReadAllBytes(In("expected.onnx"))), SHA256.HashData(File.ReadAllBytes(In("asked.ONNX"))));
    }

    [Theory]
    [InlineData(true, "--height", "192", "--width", "192")]
    [InlineData(false, "--height", "256", "--width", "256")]
    [InlineData(false, "--height", "256")]
    public void A_fixed_size_is_that_of_the_metadata_and_what_was_fitted_to_another_is_left_out(bool isSame, params string[] sides)
    {
        (int status, _, string error) = CommandProcess.Run(
            ["export", "--weights", "breast-ultrasound", "--output", In("w.onnx"), "--preprocessing", .. sides]);
        Assert.Equal(ExitStatus.Done, status);
        Assert.Equal(isSame ? 0 : 1, error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal(!isSame, error.Contains("were fitted to another input, and are left out", StringComparison.Ordinal));
        WeightsMetadata written = OnnxFile.Read(In("w.onnx")).Metadata!;
        Assert.Equal((sides[1], sides.ElementAtOrDefault(3) ?? "192"),
            ($"{written.Preprocessing.Height}", $"{written.Preprocessing.Width}"));
        Assert.Equal((isSame, isSame), (written.Presence is not null, written.Calibration is not null));
    }

    [Theory]
    [InlineData("thyroid-ultrasound", true)]
    [InlineData("breast-ultrasound", false)]
    public void A_graph_of_weights_that_see_bars_is_said_not_to_add_them(string weights, bool isSaid)
    {
        (int status, _, string error) = CommandProcess.Run("export", "--weights", weights, "--output", In("w.onnx"));
        Assert.Equal(ExitStatus.Done, status);
        Assert.Equal(isSaid, error.Contains("black bars", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Other_entries_of_a_safetensors_are_kept()
    {
        WeightsFile.Save(
            In("source.safetensors"), State, new WeightsMetadata { Network = Network },
            new Dictionary<string, string> { ["format"] = "pt" });
        Assert.Equal(ExitStatus.Done, await Run("--weights", In("source.safetensors"), "--output", In("target.safetensors")));
        Assert.Equal("pt", Assert.Single(WeightsFile.Load(In("target.safetensors")).Entries).Value);
    }

    [Fact]
    public void What_a_pth_loses_is_said()
    {
        WeightsFile.Save(In("plain.safetensors"), State, new WeightsMetadata { Network = Network });
        Assert.Equal((ExitStatus.Done, ""), Export("plain"));
        WeightsFile.Save(In("own.safetensors"), State, new WeightsMetadata { Network = Network, Threshold = 0.3, Classes = ["lesion"] });
        (int status, string error) = Export("own");
        Assert.Equal(ExitStatus.Done, status);
        Assert.EndsWith("lost are threshold, names of the classes\n", error, StringComparison.Ordinal);

        (int Status, string Error) Export(string name)
        {
            (int ended, _, string said) = CommandProcess.Run(
                "export", "--weights", In($"{name}.safetensors"), "--output", In($"{name}.pth"));
            return (ended, said);
        }
    }

    [Theory]
    [InlineData("w.txt")]
    [InlineData("w")]
    [InlineData("w.onnx", "--opset", "12")]
    [InlineData("w.onnx", "--height", "100")]
    [InlineData("w.onnx", "--size", "100")]
    [InlineData("w.onnx", "--size", "100", "--height", "96", "--preprocessing")]
    [InlineData("w.onnx", "--batch", "0")]
    [InlineData("w.pth", "--opset", "17")]
    [InlineData("w.safetensors", "--preprocessing")]
    [InlineData("w.pth", "--fold-normalization")]
    public async Task What_the_command_line_shows_to_be_wrong_ends_with_2(string output, params string[] options)
    {
        WeightsFile.Save(In("source.pth"), State);
        Assert.Equal(ExitStatus.Usage, await Run(["--weights", In("source.pth"), "--output", In(output), .. options]));
        Assert.False(File.Exists(In(output)));
    }

    [Fact]
    public async Task An_output_that_exists_is_replaced_only_on_demand()
    {
        WeightsFile.Save(In("w.pth"), State);
        File.WriteAllText(In("w.onnx"), "mine");
        Assert.Equal(ExitStatus.Failed, await Run("--weights", In("w.pth"), "--output", In("w.onnx")));
        Assert.Equal("mine", File.ReadAllText(In("w.onnx")));
        Assert.Equal(ExitStatus.Done, await Run("--weights", In("w.pth"), "--output", In("w.onnx"), "--overwrite"));
        Assert.Equal(State.Count, NetworkWeights.Load(In("w.onnx")).State.Count);
    }

    [Fact]
    public async Task Weights_of_another_network_than_named_end_with_1()
    {
        WeightsFile.Save(In("w.pth"), State);
        Assert.Equal(ExitStatus.Failed, await Run("--weights", In("w.pth"), "--model", "cmunext-l", "--output", In("w.onnx")));
        File.WriteAllText(In("bad.onnx"), "no model");
        Assert.Equal(ExitStatus.Failed, await Run("--weights", In("bad.onnx"), "--output", In("w.onnx")));
        Assert.False(File.Exists(In("w.onnx")));
    }

    [Fact]
    public void The_backend_opens_the_weights_on_the_cpu_alone()
    {
        WeightsFile.Save(In("w.pth"), State);
        LoadedWeights weights = WeightsFile.Load(In("w.pth"));
        using (Network network = BackendRegistry.Open(weights, "onnxruntime", 1, "cpu"))
        {
            Assert.Equal("onnxruntime", network.Backend);
        }

        Assert.Throws<BackendException>(() => BackendRegistry.Open(weights, "onnxruntime", 1, "cuda"));
    }

    private string In(string name) => folder.File(name);

    private static Task<int> Run(params string[] arguments) =>
        Invocation.Run(["export", .. arguments], TestContext.Current.CancellationToken);
}
