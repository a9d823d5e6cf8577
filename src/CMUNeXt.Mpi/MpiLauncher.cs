using System.Globalization;

namespace CMUNeXt.Mpi;

/// <summary>What a launcher of MPI programs (<c>mpirun</c>, or <c>srun --mpi=pmix</c>) tells a process in its environment.</summary>
public static class MpiLauncher
{
    /// <summary>
    /// Whether a launcher started this process as one of several, or mpirun did. Without one nothing of MPI is touched.
    /// </summary>
    public static bool StartedThis => IsRank(Number);

    /// <summary>This process's number among all, from 0; 0 without a launcher.</summary>
    public static int Rank => Number("OMPI_COMM_WORLD_RANK") ?? Number("PMIX_RANK") ?? 0;

    /// <summary>The number of ranks on this host, at least 1.</summary>
    public static int RanksOnHost => CountRanks(Environment.GetEnvironmentVariable);

    /// <summary>Whether all ranks are known to be on this host.</summary>
    internal static bool IsOnOneHost => Number("OMPI_COMM_WORLD_LOCAL_SIZE") is { } local && local == Number("OMPI_COMM_WORLD_SIZE");

    /// <summary>The cores that this process may use, of all that the host has.</summary>
    public static (int Own, int All) Cores => (Environment.ProcessorCount, OnlineCores());

    /// <summary>
    /// The threads of a rank where nobody states them: a launcher binds each rank to cores of its own, which then count; where it does
    /// not, the ranks of a host share its cores.
    /// </summary>
    public static int Threads => Cores is var (own, all) && own < all ? own : Math.Max(all / RanksOnHost, 1);

    // Where the default of Slurm is PMIx, every task has a rank, also the only one of a plain srun.
    internal static bool IsRank(Func<string, int?> variable) =>
        variable("OMPI_COMM_WORLD_SIZE") is not null || (variable("PMIX_RANK") is not null && variable("SLURM_STEP_NUM_TASKS") > 1);

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
