using CMUNeXt.Cli.Benchmark;

namespace CMUNeXt.Cli.Tests.Benchmark;

/// <summary>The order of a measurement and what is made of it, with workers that only say what they were asked.</summary>
public sealed class BenchmarkRunTests
{
    private static readonly BenchmarkCase Case = new("cmunext-s", null, 2, 32, 4);

    private readonly List<string> log = [];

    [Fact]
    public void Backends_are_opened_and_compared_before_any_has_its_turn_and_take_turns()
    {
        int done = 0;
        Dictionary<string, float[]> logits = new() { ["a"] = [1, -2], ["b"] = [1, -2], ["c"] = [1, -2] };
        BenchmarkRun run = Run(logits);
        IReadOnlyList<BenchmarkRow> rows = run.Measure(Case, [.. logits.Keys], () => done++);
        Assert.Equal(
            ["prepare a", "prepare b", "prepare c", .. Enumerable.Repeat<string[]>(["a", "b", "c"], BenchmarkRun.Rounds).SelectMany(x => x),
                "end a", "end b", "end c"],
            log);
        Assert.Equal((3, 18, 18), (rows.Count, BenchmarkRun.Steps(3), done));
        Assert.Equal(new Dictionary<string, string> { ["a"] = "engine of a", ["b"] = "engine of b", ["c"] = "engine of c" }, run.Engines);
    }

    [Fact]
    public void A_row_has_median_spread_throughput_memory_and_difference()
    {
        BenchmarkRow row = Run(new() { ["a"] = [1, -2], ["b"] = [1, -2.0001f] }).Measure(Case, ["a", "b"], () => { })[1];

        // Each of five turns gives 10, 20 and once 90 milliseconds.
        Assert.Equal(("cmunext-s", "b", 2, 32, 4), (row.Model, row.Backend, row.Threads, row.Size, row.Batch));
        Assert.Equal((20, 10, 90, 15), (row.MedianMs, row.MinMs, row.MaxMs, row.Calls));
        Assert.Equal((200, 105), (row.ImagesPerSecond, row.PeakMemoryMib));
        Assert.Equal(0.5e-4, row.MaxRelativeDifference, 1e-7);
    }

    [Fact]
    public void The_median_of_an_even_number_lies_between_the_middle_two() =>
        Assert.Equal(15, BenchmarkRow.Of(Case, "a", [90, 10, 20, 1], 0, 0).MedianMs);

    [Theory]
    [InlineData(2.0003f, "1.5e-4")]
    [InlineData(-2f, "2.0e+0")]
    [InlineData(float.NaN, "finite")]
    [InlineData(float.PositiveInfinity, "finite")]
    public void A_backend_that_computes_something_else_is_named_and_nothing_is_timed(float value, string said)
    {
        BenchmarkRun run = Run(new() { ["first"] = [1, 2], ["same"] = [1, 2], ["wrong"] = [1, value], ["later"] = [1, 2] });
        BenchmarkFailedException e = Assert.Throws<BenchmarkFailedException>(
            () => run.Measure(Case, ["first", "same", "wrong", "later"], () => { }));
        Assert.StartsWith("wrong", e.Message, StringComparison.Ordinal);
        Assert.Contains(said, e.Message, StringComparison.Ordinal);
        Assert.Equal(["prepare first", "prepare same", "prepare wrong", "end first", "end same", "end wrong"], log);
    }

    [Fact]
    public void Logits_of_another_number_are_refused() =>
        Assert.Throws<BenchmarkFailedException>(() => Run(new() { ["a"] = [1, 2], ["b"] = [1] }).Measure(Case, ["a", "b"], () => { }));

    private BenchmarkRun Run(Dictionary<string, float[]> logits) => new(5, (backend, measured) =>
    {
        Assert.Same(Case, measured);
        return new FakeWorker(backend, logits[backend], log);
    });

    private sealed class FakeWorker(string name, float[] logits, List<string> log) : IWorker
    {
        private int turns;

        public (string Engine, float[] Logits) Prepare()
        {
            log.Add($"prepare {name}");
            return ($"engine of {name}", logits);
        }

        public WorkerAnswer Compute(double seconds)
        {
            Assert.Equal(1, seconds);
            log.Add(name);
            turns++;
            return new WorkerAnswer { Milliseconds = [turns == 2 ? 90 : 20, 10, 20], PeakMemoryMib = 100 + turns };
        }

        public void Dispose() => log.Add($"end {name}");
    }
}
