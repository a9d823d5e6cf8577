using CMUNeXt.Cli.Benchmark;
using CMUNeXt.Engine.Inference;
using CMUNeXt.Files;
using CMUNeXt.Networks;
using CMUNeXt.Tests;

namespace CMUNeXt.Cli.Tests.Benchmark;

/// <summary>A worker's lines, in this process and in one of its own; alone, since a worker waits until its process is at rest.</summary>
[Collection(nameof(Alone))]
public sealed class WorkerTests : IDisposable
{
    private static readonly BenchmarkCase Case = new("cmunext-s", null, 1, 32, 2);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Each_line_is_answered_by_one()
    {
        string logits = folder.File("logits.npy");
        (int status, WorkerAnswer[] answers) = Run(
            ResultJson.ToLine(new WorkerTask("managed", Case, logits)), ResultJson.ToLine(new WorkerTurn(1e-6)),
            ResultJson.ToLine(new WorkerTurn(0.05)));
        Assert.Equal((ExitStatus.Done, 3), (status, answers.Length));
        Assert.All(answers, answer => Assert.Null(answer.Error));
        Assert.StartsWith("CMUNeXt.NET", answers[0].Engine!, StringComparison.Ordinal);
        Assert.All(answers, answer => Assert.InRange(answer.PeakMemoryMib, 1, 1e6));
        Assert.Empty(answers[0].Milliseconds);
        Assert.Single(answers[1].Milliseconds);
        Assert.All(answers[2].Milliseconds, time => Assert.InRange(time, double.Epsilon, 60_000));

        (int[] shape, float[] values) = NpyFile.ReadSingles(logits);
        NetworkDescription network = NetworkCatalog.Describe("cmunext-s");
        using ManagedNetwork expected = new(network, FormulaWeights.Create(network), threads: 1);
        Assert.Equal([2, 1, 32, 32], shape);
        Assert.Equal(expected.Forward(FormulaWeights.Images(2 * 3 * 32 * 32), 2, 32, 32), values);
    }

    [Fact]
    public void What_goes_wrong_is_the_answer()
    {
        Assert.Contains("no backend 'abacus'", Fail(ResultJson.ToLine(new WorkerTask("abacus", Case, "x"))), StringComparison.Ordinal);
        Assert.Contains(
            "no network 'net'", Fail(ResultJson.ToLine(new WorkerTask("managed", Case with { Model = "net" }, "x"))),
            StringComparison.Ordinal);
        Assert.Contains("Json", Fail("hello"), StringComparison.Ordinal);
        Assert.Equal((ExitStatus.Done, 0), (Run().Status, Run().Answers.Length));

        string Fail(string line)
        {
            (int status, WorkerAnswer[] answers) = Run(line);
            Assert.Equal(ExitStatus.Failed, status);
            return Assert.Single(answers).Error!;
        }
    }

    [Fact]
    public void A_process_computes_what_this_one_does_and_ends_with_its_files()
    {
        NetworkDescription network = NetworkCatalog.Describe("cmunext-s");
        using ManagedNetwork expected = new(network, FormulaWeights.Create(network), threads: 1);
        string path;
        using (WorkerProcess worker = WorkerProcess.Start("managed", Case, TestContext.Current.CancellationToken))
        {
            (string engine, float[] logits) = worker.Prepare();
            Assert.Equal(expected.Engine, engine);
            Assert.Equal(expected.Forward(FormulaWeights.Images(2 * 3 * 32 * 32), 2, 32, 32), logits);
            Assert.NotEmpty(worker.Compute(0.01).Milliseconds);
            path = worker.LogitsPath;
            Assert.True(File.Exists(path));
        }

        Assert.False(File.Exists(path));
    }

    [Fact]
    public void A_process_that_fails_or_ends_is_an_error_that_names_the_backend()
    {
        using WorkerProcess bad = WorkerProcess.Start(
            "torch", Case with { Weights = "missing.pth" }, TestContext.Current.CancellationToken);
        string said = Assert.Throws<BenchmarkFailedException>(() => bad.Prepare()).Message;
        Assert.StartsWith("torch: ", said, StringComparison.Ordinal);
        Assert.Contains("missing.pth", said, StringComparison.Ordinal);
        Assert.Contains(
            "ended with status 1", Assert.Throws<BenchmarkFailedException>(() => bad.Compute(1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_interruption_ends_the_process()
    {
        using CancellationTokenSource stop = new();
        using WorkerProcess worker = WorkerProcess.Start("managed", Case, stop.Token);
        worker.Prepare();
        stop.CancelAfter(200);
        Assert.Throws<OperationCanceledException>(() => worker.Compute(3600));
    }

    private static (int Status, WorkerAnswer[] Answers) Run(params string[] lines)
    {
        StringWriter output = new();
        int status = new Worker(new StringReader(string.Join('\n', lines)), output).Run();
        return (status, [.. output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(ResultJson.Read<WorkerAnswer>)]);
    }
}
