using System.Diagnostics;
using System.Globalization;
using CMUNeXt.Tests;
using CMUNeXt.Training.Runs;

namespace CMUNeXt.Mpi.Tests;

/// <summary>Training under mpirun: the bits of one process, whatever the number of ranks, and whatever happens to one of them.</summary>
public sealed class MpiTrainingTests : IDisposable
{
    // Three took the figures of docs/notebook/clusters.md.
    private static readonly int Rounds =
        int.Parse(Environment.GetEnvironmentVariable("CMUNEXT_MPI_KILLS") ?? "3", CultureInfo.InvariantCulture);

    private readonly TemporaryFolder folder = new();

    private readonly ITestOutputHelper output;

    public MpiTrainingTests(ITestOutputHelper output)
    {
        this.output = output;
        try
        {
            (int status, _, string error) = MpiJob.RunAlone("phantom", "--output", In("data"), "--count", "24", "--seed", "3");
            Assert.True(status == 0, error);
        }
        catch
        {
            // Where it skips for want of mpirun, too.
            Dispose();
            throw;
        }
    }

    public void Dispose() => folder.Dispose();

    // Batches of 5 are shared unevenly by any number of ranks, and the last of an epoch, of 1 or 2, is for one or two alone.
    [Fact]
    public void Any_number_of_ranks_trains_to_the_bits_of_one_process()
    {
        (int status, _, string error) = MpiJob.RunAlone(Begin("alone"));
        Assert.True(status == 0, error);
        foreach (int ranks in (int[])[1, 2, 4])
        {
            (status, string printed, error) = MpiJob.Run(ranks, [.. MpiJob.Program, .. Begin($"ranks {ranks}")]);
            Assert.True(status == 0, error);
            AssertSameRun("alone", $"ranks {ranks}");

            // Open MPI warns of processes that are started once it is.
            Assert.DoesNotContain("fork", error, StringComparison.Ordinal);
            Assert.Single(printed.Split('\n'), line => line.StartsWith("Best epoch", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Two_hosts_train_to_the_bits_of_one_process()
    {
        using TwoHosts hosts = new();
        (int status, _, string error) = MpiJob.RunAlone(Begin("alone"));
        Assert.True(status == 0, error);
        using MpiJob job = hosts.Start([.. MpiJob.Program, .. Begin("two hosts")]);
        (status, _, error) = job.WaitForExit();
        Assert.True(status == 0, error);
        AssertSameRun("alone", "two hosts");
    }

    // With a constant learning rate an epoch does not depend on how many there are to be.
    [Fact]
    public void A_run_goes_on_with_another_number_of_ranks()
    {
        (int status, _, string error) = MpiJob.RunAlone([.. Begin("alone"), "--schedule", "constant"]);
        Assert.True(status == 0, error);
        Assert.Equal(0, MpiJob.Run(3, [.. MpiJob.Program, .. Begin("changed", epochs: 1), "--schedule", "constant"]).Status);
        Assert.Equal(0, MpiJob.Run(2, [.. MpiJob.Program, .. Resume("changed"), "--epochs", "2"]).Status);
        Assert.Equal(0, MpiJob.RunAlone([.. Resume("changed"), "--epochs", "3"]).Status);
        Assert.Equal(Weights("alone"), Weights("changed"));
    }

    [Fact]
    public void A_killed_rank_ends_the_job_and_its_run_goes_on_to_the_same_bits()
    {
        Stopwatch unbroken = Stopwatch.StartNew();
        (int status, _, string error) = MpiJob.Run(2, [.. MpiJob.Program, .. Begin("unbroken")]);
        Assert.True(status == 0, error);
        TimeSpan whole = unbroken.Elapsed;
        Random random = new(22);
        int broken = 0;
        for (int round = 0; round < Rounds; round++)
        {
            string run = In($"broken {round}");
            int lost = random.Next(2);
            using (MpiJob job = MpiJob.Start(2, [.. MpiJob.Program, .. Begin(run)]))
            {
                job.WaitUntil(() => File.Exists(Path.Combine(run, "config.json")) && MpiJob.RanksOf(run).Count == 2);

                // The first is killed at once, so that one is killed on any machine.
                Thread.Sleep(round == 0 ? TimeSpan.Zero : random.NextDouble() * whole);
                if (MpiJob.RanksOf(run).TryGetValue(lost, out int process) && !job.HasExited)
                {
                    Stopwatch watch = Stopwatch.StartNew();
                    Process.GetProcessById(process).Kill();
                    int ended = job.WaitForExit().Status;
                    broken += ended == 0 ? 0 : 1;
                    string[] said = [.. job.Error.Split('\n').Where(one => one.StartsWith("cmunext:", StringComparison.Ordinal))];
                    output.WriteLine($"rank {lost}: {ended} after {watch.Elapsed.TotalSeconds:0.0} s; {string.Join(' ', said)}");
                    Assert.True(ended == 0 || said is [var one] && one.Contains("cmunext train --resume", StringComparison.Ordinal));
                }

                job.WaitForExit();
            }

            (status, _, error) = MpiJob.Run(2, [.. MpiJob.Program, .. Resume(run)]);
            Assert.True(status == 0, error);
            AssertSameRun("unbroken", run);
        }

        Assert.True(broken > 0, "no rank was killed before the end");
    }

    [Fact]
    public void What_is_wrong_for_all_ranks_is_said_once_and_agreed_on()
    {
        (int status, _, string error) = MpiJob.Run(3, [.. MpiJob.Program, "train", "--resume", "--output", In("nothing")]);
        Assert.Equal(1, status);
        Assert.Single(error.Split('\n'), line => line.StartsWith("cmunext:", StringComparison.Ordinal));
        (status, _, error) = MpiJob.Run(3, [.. MpiJob.Program, "train", "--nonsense"]);
        Assert.Equal(2, status);
        Assert.Single(error.Split('\n'), line => line.StartsWith("cmunext:", StringComparison.Ordinal));
    }

    [Fact]
    public void Ranks_that_are_bound_to_a_core_each_are_told_of()
    {
        int cores = MpiLauncher.Cores.All;
        Assert.SkipUnless(cores > 1, "This machine has one core.");
        using MpiJob job = MpiJob.StartWith(["-n", "1", "--bind-to", "core"], [.. MpiJob.Program, .. Begin("bound"), "--threads", "2"]);
        (int status, _, string error) = job.WaitForExit();
        Assert.True(status == 0, error);
        Assert.Contains($"warning: mpirun binds each rank to 1 of {cores} cores, and it has 2 threads;", error, StringComparison.Ordinal);
    }

    private string[] Begin(string run, int epochs = 3) =>
    [
        "train", "--data", In("data"), "--train", "train.txt", "--val", "val.txt", "--model", "cmunext-s", "--size", "32", "--batch", "5",
        "--epochs", $"{epochs}", "--output", In(run),
    ];

    private string[] Resume(string run) => ["train", "--resume", "--output", In(run)];

    private void AssertSameRun(string expected, string actual)
    {
        Assert.Equal(Weights(expected), Weights(actual));
        Assert.Equal(Metrics(expected), Metrics(actual));
    }

    private byte[] Weights(string run) =>
        [.. File.ReadAllBytes(new RunFolder(In(run)).LastPath), .. File.ReadAllBytes(new RunFolder(In(run)).BestPath)];

    // All but the time.
    private string[] Metrics(string run) =>
        [.. File.ReadAllLines(Path.Combine(In(run), "metrics.csv")).Select(line => line[..line.LastIndexOf(',')])];

    private string In(string name) => folder.File(name);
}
