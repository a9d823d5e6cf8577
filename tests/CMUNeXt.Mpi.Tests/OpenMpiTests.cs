using System.Diagnostics;
using CMUNeXt.Tests;

namespace CMUNeXt.Mpi.Tests;

/// <summary>What breaks other programs of .NET under Open MPI.</summary>
public sealed class OpenMpiTests
{
    // Plug-ins that name no library of Open MPI find its symbols only where they are loaded globally: tcp and the collectives are such.
    [Theory]
    [InlineData("ob1", "self,vader")]
    [InlineData("ob1", "self,tcp")]
    public void Ranks_exchange_what_each_has(string layer, string transports)
    {
        using MpiJob job = MpiJob.StartWith(
            ["-n", "3", "--oversubscribe", "--bind-to", "none", "--mca", "pml", layer, "--mca", "btl", transports],
            [.. MpiJob.Probe, "exchange"]);
        (int status, string output, string error) = job.WaitForExit();
        Assert.True(status == 0, error);
        Assert.Equal(
            ["rank 0 of 3: 0 1 1 2 2 2; ", "rank 1 of 3: 0 1 1 2 2 2; 1 11 21", "rank 2 of 3: 0 1 1 2 2 2; 2 2 12 12 22 22"],
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order());
    }

    [Fact]
    public void What_is_exchanged_stays_in_its_place_while_memory_is_collected()
    {
        (int status, string output, string error) = MpiJob.Run(2, [.. MpiJob.Probe, "collect"]);
        Assert.True(status == 0, error);
        Assert.Equal(["rank 0: 0 wrong", "rank 1: 0 wrong"], output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order());
    }

    // .NET's own variables are a copy, which a C library does not see.
    [Fact]
    public void Native_code_sees_the_variables_that_keep_its_hands_off_signals()
    {
        (int status, string output, string error) = MpiJob.Run(
            1, [.. MpiJob.Probe, "variables", "600", "UCX_HANDLE_ERRORS", "UCX_ERROR_SIGNALS", "OMPI_MCA_pml", "CMUNEXT_NOTHING"]);
        Assert.True(status == 0, error);
        Assert.Equal("UCX_HANDLE_ERRORS=none UCX_ERROR_SIGNALS= OMPI_MCA_pml=ob1 CMUNEXT_NOTHING=unset\n", output);
    }

    [Fact]
    public void A_null_reference_after_initialization_is_an_exception()
    {
        (int status, string output, string error) = MpiJob.Run(2, [.. MpiJob.Probe, "null"]);
        Assert.True(status == 0, error);
        Assert.Equal(
            ["rank 0 caught it, and 2 ranks go on", "rank 1 caught it, and 2 ranks go on"],
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order());
    }

    [Fact]
    public void Ranks_that_nothing_binds_share_the_cores_of_their_host()
    {
        (int status, string output, string error) = MpiJob.Run(2, [.. MpiJob.Probe, "threads"]);
        Assert.True(status == 0, error);
        int cores = Environment.ProcessorCount;
        string expected = $"{Math.Max(cores / 2, 1)} of {cores}";
        Assert.Equal([expected, expected], output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void One_thread_makes_all_calls()
    {
        (int status, string output, string error) = MpiJob.Run(1, [.. MpiJob.Probe, "thread"]);
        Assert.True(status == 0, error);
        Assert.Equal("InvalidOperationException: MPI is used by the thread that started it alone.\n", output);
    }

    [Fact]
    public void Who_waits_for_a_silent_rank_ends_the_job_and_says_so()
    {
        (int status, _, string error) = MpiJob.Run(3, [.. MpiJob.Probe, "silent", "2"]);
        Assert.NotEqual(0, status);
        string line = Assert.Single(error.Split('\n'), line => line.StartsWith("cmunext: rank", StringComparison.Ordinal));
        Assert.Matches("^cmunext: rank 0 has waited \\d+ s for the others \\(a test\\): one hangs, and the job ends. ADVICE$", line);
    }

    [Fact]
    public void What_fails_at_one_rank_ends_the_job_with_its_status()
    {
        (int status, _, _) = MpiJob.Run(3, [.. MpiJob.Probe, "abort"]);
        Assert.Equal(7, status);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_killed_rank_ends_the_job_with_one_line(int lost)
    {
        using MpiJob job = MpiJob.Start(3, [.. MpiJob.Probe, "wait"]);
        KillRank(job, lost, ranks: 3);
        job.WaitForExit();
        string said = Assert.Single(job.Error.Split('\n'), one => one.StartsWith("cmunext:", StringComparison.Ordinal));
        Assert.Equal("cmunext: the job ends (start): a rank was lost, or it was told to. ADVICE", said);
    }

    [Fact]
    public void A_missing_library_is_named_with_its_package()
    {
        // No loader finds a library in a folder that is not there, and this system's own is hidden by an empty file of its name.
        (int status, string error) = TrainWith(path => File.WriteAllBytes(path, []));
        Assert.Equal(1, status);
        Assert.Equal(
            "cmunext: training on several ranks needs Open MPI, and its libmpi.so.40 is not there; "
            + "install it (Debian, Ubuntu: apt-get install libopenmpi3 openmpi-bin)\n",
            error);
    }

    // Its handles are numbers, where Open MPI's are the addresses of symbols.
    [Fact]
    public void Another_MPI_under_the_name_of_the_library_is_refused()
    {
        string other = Directory.EnumerateFiles("/lib", "libm.so.6", new EnumerationOptions { RecurseSubdirectories = true }).First();
        (int status, string error) = TrainWith(path => File.Copy(other, path));
        Assert.Equal(1, status);
        Assert.Equal(
            "cmunext: libmpi.so.40 is not that of Open MPI (it has no ompi_mpi_comm_world); "
            + "put Open MPI's before it in LD_LIBRARY_PATH\n",
            error);
    }

    // The loader writes down every library that it loads.
    [Fact]
    public void Without_mpirun_the_library_is_not_loaded()
    {
        using TemporaryFolder folder = new();
        string log = folder.File("loaded");
        string[] command = [.. MpiJob.Program, "train", "--resume", "--output", folder.File("nothing")];
        using (MpiJob alone = MpiJob.StartAlone(command, ("LD_DEBUG", "files"), ("LD_DEBUG_OUTPUT", log)))
        {
            alone.WaitForExit();
        }

        Assert.Contains("libc.so.6", Loaded(), StringComparison.Ordinal);
        Assert.DoesNotContain("libmpi", Loaded(), StringComparison.Ordinal);
        using (MpiJob ranks = MpiJob.StartWith(["-n", "1", "env", "LD_DEBUG=files", $"LD_DEBUG_OUTPUT={log}"], command))
        {
            ranks.WaitForExit();
        }

        Assert.Contains("libmpi.so.40", Loaded(), StringComparison.Ordinal);

        string Loaded() => string.Concat(Directory.EnumerateFiles(folder.Path, "loaded.*").Select(File.ReadAllText));
    }

    [Fact]
    public void Ranks_on_two_hosts_exchange_what_each_has()
    {
        using TwoHosts hosts = new();
        using MpiJob job = hosts.Start([.. MpiJob.Probe, "exchange"]);
        (int status, string output, string error) = job.WaitForExit();
        Assert.True(status == 0, error);
        Assert.Equal(
            ["rank 0 of 2: 0 1 1; ", "rank 1 of 2: 0 1 1; 1 11"], output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_rank_that_is_killed_on_one_of_two_hosts_ends_the_job_with_one_line(int lost)
    {
        using TwoHosts hosts = new();
        using MpiJob job = hosts.Start([.. MpiJob.Probe, "wait"]);
        KillRank(job, lost, ranks: 2);
        job.WaitForExit();
        string said = Assert.Single(job.Error.Split('\n'), one => one.StartsWith("cmunext:", StringComparison.Ordinal));
        Assert.Equal("cmunext: the job ends (start): a rank was lost, or it was told to. ADVICE", said);
    }

    private static void KillRank(MpiJob job, int lost, int ranks)
    {
        job.WaitUntil(() => job.Output.Split('\n').Count(line => line.StartsWith("process", StringComparison.Ordinal)) == ranks);
        string line = job.Output.Split('\n').Single(line => line.StartsWith($"process {lost} ", StringComparison.Ordinal));
        Process.GetProcessById(int.Parse(line.Split(' ')[2])).Kill();
    }

    // A training of two ranks that finds this library first.
    private static (int Status, string Error) TrainWith(Action<string> writeLibrary)
    {
        using TemporaryFolder folder = new();
        writeLibrary(folder.File("libmpi.so.40"));
        using MpiJob job = MpiJob.StartAlone(
            [.. MpiJob.Program, "train", "--resume", "--output", folder.Path],
            ("OMPI_COMM_WORLD_SIZE", "2"), ("LD_LIBRARY_PATH", folder.Path));
        (int status, _, string error) = job.WaitForExit();
        return (status, error);
    }
}
