using System.CommandLine;
using System.Text.Json;
using CMUNeXt.Cli.Benchmark;
using CMUNeXt.Cli.Parsing;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Networks;
using CMUNeXt.Tests;
using CMUNeXt.Weights;

namespace CMUNeXt.Cli.Tests.Verbs;

[Collection(nameof(Console))]
public sealed class BenchmarkVerbTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void All_rows_are_measured_and_written()
    {
        string output = In("measured");
        (int status, string json, string error) = CommandProcess.Run(
            "benchmark", "--models", "cmunext-s", "--backends", "managed,onnxruntime-folded", "torch-channels-last", "--threads", "1", "2",
            "--sizes", "32", "--batch", "2",
            "--seconds", "0.01", "--output", output, "--json");
        Assert.True(status == 0, error);
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement[] rows = [.. document.RootElement.GetProperty("rows").EnumerateArray()];
        Assert.Equal(
            ["1 managed", "1 onnxruntime-folded", "1 torch-channels-last", "2 managed", "2 onnxruntime-folded", "2 torch-channels-last"],
            rows.Select(row => $"{row.GetProperty("threads").GetInt32()} {row.GetProperty("backend").GetString()}"));
        Assert.All(rows, row =>
        {
            Assert.Equal(
                ("cmunext-s", 32, 2),
                (row.GetProperty("model").GetString(), row.GetProperty("size").GetInt32(), row.GetProperty("batch").GetInt32()));
            (double least, double median, double most) =
                (row.GetProperty("min_ms").GetDouble(), row.GetProperty("median_ms").GetDouble(), row.GetProperty("max_ms").GetDouble());
            Assert.InRange(least, double.Epsilon, median);
            Assert.InRange(most, median, 600_000);
            Assert.Equal(2000 / median, row.GetProperty("images_per_second").GetDouble(), 1e-6);
            Assert.InRange(row.GetProperty("peak_memory_mib").GetDouble(), 10, 100_000);
            Assert.InRange(row.GetProperty("max_relative_difference").GetDouble(), 0, BenchmarkRun.Tolerance);
            Assert.InRange(row.GetProperty("calls").GetInt32(), BenchmarkRun.Rounds, 1_000_000);
        });
        Assert.Equal(0, rows[0].GetProperty("max_relative_difference").GetDouble());
        Assert.Equal(7, File.ReadLines(Path.Combine(output, "benchmark.csv")).Count());
        Assert.Equal(json, File.ReadAllText(Path.Combine(output, "benchmark.json")));
        Assert.True(File.Exists(Path.Combine(output, "benchmark.png")));
        Assert.Contains("turns", error, StringComparison.Ordinal);

        (status, _, error) = CommandProcess.Run("benchmark", "--models", "cmunext-s", "--sizes", "32", "--output", output);
        Assert.Equal(ExitStatus.Failed, status);
        Assert.Contains("--overwrite", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_of_the_comparison_is_measured_with_what_computes_it()
    {
        (int status, string json, string error) = CommandProcess.Run(
            "benchmark", "--models", "unet", "--backends", "onnxruntime,torch-channels-last", "--threads", "2", "--sizes", "32",
            "--seconds", "0.01", "--json");
        Assert.True(status == 0, error);
        using JsonDocument document = JsonDocument.Parse(json);
        Assert.Equal(
            ["unet onnxruntime", "unet torch-channels-last"],
            document.RootElement.GetProperty("rows").EnumerateArray()
                .Select(row => $"{row.GetProperty("model").GetString()} {row.GetProperty("backend").GetString()}"));
    }

    [Fact]
    public void A_weight_files_own_network_is_measured()
    {
        NetworkDescription network = new()
        {
            Name = "cmunext",
            Channels = 1,
            Outputs = 2,
            Configuration = new([2, 3, 4, 5, 6], [1, 1, 1, 1, 1], [3, 3, 3, 3, 3]),
        };
        WeightsFile.Save(In("w.pth"), FormulaWeights.Create(network));
        (int status, string text, string error) = CommandProcess.Run(
            "benchmark", "--weights", In("w.pth"), "--backends", "managed,torch", "--threads", "1", "--sizes", "32", "--seconds", "0.01");
        Assert.True(status == 0, error);
        Assert.Contains("cmunext ", text, StringComparison.Ordinal);
        Assert.Contains("torch", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_backend_that_fails_is_named_and_the_other_cases_are_done()
    {
        // The images of the first case alone take 75 MiB.
        (int status, string json, string error) = CommandProcess.RunWithHeapLimit(
            64, "benchmark", "--models", "cmunext-s", "--backends", "managed", "--threads", "1", "--sizes", "160", "--batch", "256,1",
            "--seconds", "0.01", "--json");
        Assert.Equal(ExitStatus.Failed, status);
        Assert.Contains("cmunext-s, 1 thread, 160 x 160, batch 256: managed: OutOfMemoryException", error, StringComparison.Ordinal);
        using JsonDocument document = JsonDocument.Parse(json);
        Assert.Equal(1, Assert.Single(document.RootElement.GetProperty("rows").EnumerateArray()).GetProperty("batch").GetInt32());
    }

    [Fact]
    public void Steps_are_timed_beside_their_floors()
    {
        string output = In("steps");
        (int status, string json, string error) = CommandProcess.Run(
            "benchmark", "--steps", "--models", "cmunext-s", "--threads", "1", "--sizes", "32", "--seconds", "0.01", "--json", "--output",
            output);
        Assert.True(status == 0, error);
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement one = Assert.Single(document.RootElement.GetProperty("cases").EnumerateArray());
        Assert.Equal(
            ("cmunext-s", 1, 32),
            (one.GetProperty("model").GetString(), one.GetProperty("threads").GetInt32(), one.GetProperty("size").GetInt32()));
        double peak = one.GetProperty("peak_gflops").GetDouble();
        double bandwidth = one.GetProperty("gigabytes_per_second").GetDouble();
        Assert.All(one.GetProperty("steps").EnumerateArray(), step =>
        {
            Assert.InRange(step.GetProperty("median_ms").GetDouble(), double.Epsilon, 60_000);
            Assert.Equal(
                2 * step.GetProperty("multiply_adds").GetInt64() / (peak * 1e6), step.GetProperty("arithmetic_floor_ms").GetDouble(), 1e-9);
            Assert.Equal(step.GetProperty("bytes").GetInt64() / (bandwidth * 1e6), step.GetProperty("memory_floor_ms").GetDouble(), 1e-9);
        });
        Assert.Equal(1 + one.GetProperty("steps").GetArrayLength(), File.ReadLines(Path.Combine(output, "steps.csv")).Count());
        Assert.Equal(json, File.ReadAllText(Path.Combine(output, "steps.json")));
    }

    [Fact]
    public void Steps_are_printed_as_a_table_with_their_sum()
    {
        (int status, string text, string error) = CommandProcess.Run(
            "benchmark", "--steps", "--models", "cmunext-s", "--threads", "2", "--sizes", "32", "--seconds", "0.01");
        Assert.True(status == 0, error);
        Assert.All((string[])["cmunext-s, 2 threads, 32 x 32", "GFLOP/s", "encoder4.block.0", "Up_conv2", "together"],
            part => Assert.Contains(part, text, StringComparison.Ordinal));
    }

    [Fact]
    public void The_whole_job_is_timed_beside_the_engine_and_leaves_nothing_behind()
    {
        string images = Directory.CreateDirectory(In("images/inside")).Parent!.FullName;
        SaveImage(Path.Combine(images, "a.png"));
        SaveImage(Path.Combine(images, "inside", "b.png"));
        SaveImage(Path.Combine(images, "inside", "c.png"));
        (int status, string json, string error) = CommandProcess.Run(
            "benchmark", "--job", images, "--threads", "1", "--seconds", "0.01", "--json", "--output", In("job"));
        Assert.True(status == 0, error);
        using JsonDocument document = JsonDocument.Parse(json);
        Assert.Equal(
            ("cmunext-s", 1, 3),
            (document.RootElement.GetProperty("model").GetString(), document.RootElement.GetProperty("threads").GetInt32(),
                document.RootElement.GetProperty("images").GetInt32()));
        JsonElement[] rows = [.. document.RootElement.GetProperty("rows").EnumerateArray()];
        Assert.Equal(["engine", "predict --no-overlay", "predict"], rows.Select(row => row.GetProperty("job").GetString()));
        double engine = rows[0].GetProperty("images_per_second").GetDouble();
        Assert.Equal(1, rows[0].GetProperty("share_of_engine").GetDouble());
        Assert.False(rows[0].TryGetProperty("peak_memory_mib", out _));
        Assert.All(rows, row =>
        {
            double speed = row.GetProperty("images_per_second").GetDouble();
            Assert.InRange(speed, double.Epsilon, 1e6);
            Assert.Equal(speed / engine, row.GetProperty("share_of_engine").GetDouble(), 1e-9);
            Assert.InRange(row.GetProperty("processor_ms").GetDouble(), double.Epsilon, 600_000);
        });
        Assert.All(rows[1..], row =>
        {
            Assert.Equal(3, row.GetProperty("images").GetInt32());
            Assert.InRange(row.GetProperty("peak_memory_mib").GetDouble(), 10, 100_000);
            Assert.InRange(row.GetProperty("first_result_ms").GetDouble(), double.Epsilon, double.MaxValue);
        });
        Assert.Equal(4, File.ReadLines(In("job/job.csv")).Count());
        Assert.Equal(json, File.ReadAllText(In("job/job.json")));
        Assert.Equal(3, Directory.GetFiles(images, "*", SearchOption.AllDirectories).Length);
    }

    [Fact]
    public async Task An_image_that_fails_ends_the_job()
    {
        Directory.CreateDirectory(In("images"));
        SaveImage(In("images/a.png"));
        File.WriteAllText(In("images/b.png"), "no image");
        string error = await RunHere(ExitStatus.Failed, "--job", In("images"), "--seconds", "0.01");
        Assert.Contains("b.png", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("there is no 'abacus'", "--backends", "managed,abacus")]
    [InlineData("there is no 'net'", "--models", "net")]
    [InlineData("0 is not", "--sizes", "256,0")]
    [InlineData("a multiple of 16 pixels, not 100 x 100", "--sizes", "100")]
    [InlineData("-16 is not", "--sizes=-16")]
    [InlineData("8192 is not", "--sizes", "8192")]
    [InlineData("'big' is not a whole number", "--sizes", "big")]
    [InlineData("0 is not", "--threads", "1,0")]
    [InlineData("0 is not", "--batch", "0")]
    [InlineData("too large", "--batch", "256", "--sizes", "4096")]
    [InlineData("--seconds", "--seconds", "0")]
    [InlineData("--seconds", "--seconds", "NaN")]
    [InlineData("without --models", "--weights", "w.pth", "--models", "cmunext-s")]
    [InlineData("without --backends", "--steps", "--backends", "managed")]
    [InlineData("without --batch", "--steps", "--batch", "2")]
    [InlineData("without --steps", "--job", "images", "--steps")]
    [InlineData("without --sizes", "--job", "images", "--sizes", "256")]
    [InlineData("takes a folder", "--job", "nowhere")]
    [InlineData("managed does not compute this unet", "--models", "unet", "--backends", "managed")]
    [InlineData("managed does not compute this medt", "--steps", "--models", "medt")]
    [InlineData("224 x 224", "--models", "cmunext-s,swinunet", "--sizes", "256")]
    public async Task What_the_command_line_shows_to_be_wrong_ends_with_2(string said, params string[] options)
    {
        string error = await RunHere(ExitStatus.Usage, [.. options, "--output", In("out")]);
        Assert.Contains(said, error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(In("out")));
    }

    [Fact]
    public async Task A_weight_file_that_is_missing_ends_with_1() =>
        Assert.Contains("w.pth", await RunHere(ExitStatus.Failed, "--weights", In("w.pth")), StringComparison.Ordinal);

    private static async Task<string> RunHere(int expected, params string[] options)
    {
        TextWriter standard = Console.Error;
        StringWriter error = new();
        Console.SetError(error);
        try
        {
            Assert.Equal(expected, await Invocation.Run(["benchmark", .. options], TestContext.Current.CancellationToken));
        }
        finally
        {
            Console.SetError(standard);
        }

        return error.ToString();
    }

    private static void SaveImage(string path)
    {
        byte[] noise = new byte[90 * 70];
        new Random(3).NextBytes(noise);
        ImageFile.SavePng(path, new Image(90, 70, 1, noise));
    }

    private string In(string name) => folder.File(name);
}
