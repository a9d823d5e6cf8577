using System.Globalization;

namespace CMUNeXt.Mpi;

/// <summary>What a launcher of MPI programs (<c>mpirun</c>, or <c>srun --mpi=pmix</c>) tells a process in its environment.</summary>
public static class MpiLauncher
{
    /// <summary>
    /// Whether a launcher started this process as one of several, or mpirun did. Without one nothing of MPI is touched.
    /// </summary>
    /// <exception cref="PlatformNotSupportedException">It was the launcher of another MPI.</exception>
    public static bool StartedThis => IsRank(Number);

    /// <summary>This process's number among all, from 0; 0 without a launcher.</summary>
    public static int Rank => Number("OMPI_COMM_WORLD_RANK") ?? Number("PMIX_RANK") ?? 0;

    /// <summary>The number of ranks on this host, at least 1.</summary>
    public static int RanksOnHost => CountRanks(Environment.GetEnvironmentVariable);

    /// <summary>Whether all ranks are known to be on this host.</summary>
    internal static bool IsOnOneHost => Number("OMPI_COMM_WORLD_LOCAL_SIZE") is { } local && local == Number("OMPI_COMM_WORLD_SIZE");

    /// <summary>The cores that this process may use, of all that the host has.</summary>
    public static (int Own, int All) Cores => (Environment.ProcessorCount, OnlineCores());

    // The cores that this process is bound to, as the system writes them.
    internal static string Binding =>
        File.ReadLines("/proc/self/status").FirstOrDefault(static line => line.StartsWith("Cpus_allowed:", StringComparison.Ordinal)) ?? "";

    // Where the default of Slurm is PMIx, every task has a rank, also the only one of a plain srun. Each process that another MPI's mpirun
    // (Intel MPI, MPICH) or srun --mpi=pmi2 starts would train alone.
    internal static bool IsRank(Func<string, int?> variable)
    {
        bool isRank =
            variable("OMPI_COMM_WORLD_SIZE") is not null || (variable("PMIX_RANK") is not null && variable("SLURM_STEP_NUM_TASKS") > 1);
        if (!isRank && variable("PMI_SIZE") > 1)
        {
            throw new PlatformNotSupportedException(
                "training on several ranks needs Open MPI, and another MPI started these; "
                + "start them with Open MPI's mpirun, or with srun --mpi=pmix");
        }

        return isRank;
    }

    // A launcher binds ranks to cores of their own; those that are bound to the same ones share them.
    internal static int CountThreads(int cores, string place, IEnumerable<string> places) =>
        Math.Max(cores / places.Count(other => other == place), 1);

    // Slurm counts the tasks of its nodes in order, "2(x3),1" being 2, 2, 2 and 1: those of the fullest, so that no node has too many
    // threads.
    internal static int CountRanks(Func<string, string?> variable) => Math.Max(
        Parse(variable("OMPI_COMM_WORLD_LOCAL_SIZE"))
            ?? (variable("SLURM_STEP_TASKS_PER_NODE") ?? "").Split(',').Max(static nodes => Parse(nodes.Split('(')[0])) ?? 1,
        1);

    private static int? Number(string variable) => Parse(Environment.GetEnvironmentVariable(variable));

    private static int? Parse(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

    // "0-3,8": what the host has, whatever this process is bound to.
    private static int OnlineCores()
    {
        try
        {
            return File.ReadAllText("/sys/devices/system/cpu/online").Trim().Split(',')
                .Select(range => range.Split('-'))
                .Sum(range => int.Parse(range[^1], CultureInfo.InvariantCulture) - int.Parse(range[0], CultureInfo.InvariantCulture) + 1);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return Environment.ProcessorCount;
        }
    }
}
