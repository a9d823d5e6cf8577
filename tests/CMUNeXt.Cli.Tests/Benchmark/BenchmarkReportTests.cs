using System.Text.Json;
using CMUNeXt.Cli.Benchmark;
using CMUNeXt.Imaging;
using CMUNeXt.Tests;

namespace CMUNeXt.Cli.Tests.Benchmark;

public sealed class BenchmarkReportTests : IDisposable
{
    private static readonly Machine Machine = Machine.Describe(
        new Dictionary<string, string> { ["managed"] = "CMUNeXt.NET", ["torch"] = "libtorch 2" });

    private static readonly BenchmarkRow[] Rows =
    [
        new("cmunext-s", "managed", 1, 128, 1, 2.5, 2.25, 3.125, 400, 90.5, 0, 17),
        new("cmunext-s", "torch", 1, 128, 1, 10, 9, 11.5, 100, 300, 1.25e-6, 9),
        new("cmunext-s", "managed", 1, 256, 1, 10, 9, 12, 100, 95, 0, 5),
        new("cmunext-s", "torch", 1, 256, 1, 40, 39, 41, 25, 400, 2e-6, 5),
    ];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Rows_are_written_as_CSV_and_JSON_and_as_a_image()
    {
        new BenchmarkReport(Machine, Rows).Write(folder.Path);
        Assert.Equal(
            [
                "model,backend,threads,size,batch,median_ms,min_ms,max_ms,images_per_second,peak_memory_mib,max_relative_difference,calls",
                "cmunext-s,managed,1,128,1,2.5,2.25,3.125,400,90.5,0e0,17",
                "cmunext-s,torch,1,128,1,10,9,11.5,100,300,1.25e-6,9",
                "cmunext-s,managed,1,256,1,10,9,12,100,95,0e0,5",
                "cmunext-s,torch,1,256,1,40,39,41,25,400,2e-6,5",
            ],
            File.ReadAllLines(In("benchmark.csv")));

        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(In("benchmark.json")));
        JsonElement machine = document.RootElement.GetProperty("machine");
        Assert.NotEmpty(machine.GetProperty("processor").GetString()!);
        Assert.Equal(Environment.ProcessorCount, machine.GetProperty("cores").GetInt32());
        Assert.InRange(machine.GetProperty("memory_gib").GetDouble(), 0.1, 1e5);
        Assert.Equal("libtorch 2", machine.GetProperty("engines").GetProperty("torch").GetString());
        JsonElement row = document.RootElement.GetProperty("rows")[1];
        Assert.Equal(
            ["model", "backend", "threads", "size", "batch", "median_ms", "min_ms", "max_ms", "images_per_second", "peak_memory_mib",
                "max_relative_difference", "calls"],
            row.EnumerateObject().Select(property => property.Name));
        Assert.Equal(1.25e-6, row.GetProperty("max_relative_difference").GetDouble());

        // Two sizes: two panels of bars, and below them one of the time over the sizes.
        Imaging.ImageInfo image = ImageFile.Identify(In("benchmark.png"));
        Assert.Equal((2 * 640, 2 * 480), (image.Width, image.Height));
    }

    [Fact]
    public void Of_one_size_there_are_bars_alone()
    {
        new BenchmarkReport(Machine, Rows[..2]).Write(folder.Path);
        Assert.Equal((640, 480), (ImageFile.Identify(In("benchmark.png")).Width, ImageFile.Identify(In("benchmark.png")).Height));
    }

    [Fact]
    public void Where_a_table_cannot_be_written_nothing_of_an_earlier_benchmark_stays_beside_the_document()
    {
        new BenchmarkReport(Machine, Rows).Write(folder.Path);
        new StepsReport(Machine, []).Write(folder.Path);
        new JobReport(Machine, "cmunext-s", 1, 5, []).Write(folder.Path);
        foreach (string table in (string[])["benchmark.csv", "steps.csv", "job.csv"])
        {
            Assert.True(File.Exists(In(table)), table);
            Directory.CreateDirectory(In($"{table}.part"));
        }

        Assert.ThrowsAny<IOException>(() => new BenchmarkReport(Machine, Rows[..2]).Write(folder.Path));
        Assert.ThrowsAny<IOException>(() => new StepsReport(Machine, []).Write(folder.Path));
        Assert.ThrowsAny<IOException>(() => new JobReport(Machine, "cmunext-s", 1, 5, []).Write(folder.Path));
        Assert.Equal(["benchmark.json", "job.json", "steps.json"], Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Nothing_measured_gives_no_image()
    {
        new BenchmarkReport(Machine, Rows).Write(folder.Path);
        new BenchmarkReport(Machine, []).Write(folder.Path);
        Assert.Equal(["benchmark.csv", "benchmark.json"], Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order());
    }

    private string In(string name) => folder.File(name);
}
