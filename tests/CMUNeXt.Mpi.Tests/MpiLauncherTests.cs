namespace CMUNeXt.Mpi.Tests;

public sealed class MpiLauncherTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(false, "PMIX_RANK", 0)]
    [InlineData(false, "PMIX_RANK", 0, "SLURM_STEP_NUM_TASKS", 1)]
    [InlineData(false, "SLURM_STEP_NUM_TASKS", 4)]
    [InlineData(true, "PMIX_RANK", 0, "SLURM_STEP_NUM_TASKS", 4)]
    [InlineData(true, "OMPI_COMM_WORLD_SIZE", 1)]
    [InlineData(true, "OMPI_COMM_WORLD_SIZE", 2, "PMIX_RANK", 1, "SLURM_STEP_NUM_TASKS", 1)]
    [InlineData(false, "PMI_RANK", 0, "PMI_SIZE", 1)]
    [InlineData(true, "PMIX_RANK", 0, "SLURM_STEP_NUM_TASKS", 4, "PMI_SIZE", 4)]
    [InlineData(true, "OMPI_COMM_WORLD_SIZE", 2, "PMI_SIZE", 4)]
    public void One_task_of_Slurm_is_no_rank(bool expected, params object[] variables) =>
        Assert.Equal(expected, MpiLauncher.IsRank(Of(variables)));

    // Intel MPI and MPICH, alone and in a step of Slurm, and Slurm's srun --mpi=pmi2.
    [Theory]
    [InlineData("PMI_RANK", 1, "PMI_SIZE", 4)]
    [InlineData("PMI_RANK", 1, "PMI_SIZE", 4, "MPI_LOCALNRANKS", 2, "SLURM_STEP_NUM_TASKS", 2)]
    [InlineData("PMI_RANK", 1, "PMI_SIZE", 4, "SLURM_STEP_NUM_TASKS", 4)]
    public void Ranks_of_another_MPI_are_refused(params object[] variables) => Assert.EndsWith(
        "start them with Open MPI's mpirun, or with srun --mpi=pmix",
        Assert.Throws<PlatformNotSupportedException>(() => MpiLauncher.IsRank(Of(variables))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(8, 32, "a 0-31", "a 0-31", "a 0-31", "a 0-31", "b 0-31")]
    [InlineData(32, 32, "a 0-31", "a 32-63", "a 64-95", "a 96-127")]
    [InlineData(16, 32, "a 0-31", "a 0-31", "a 32-63", "a 32-63")]
    [InlineData(1, 1, "a 0", "a 0")]
    public void Ranks_that_are_bound_to_the_same_cores_of_a_host_share_them(int expected, int cores, params string[] places) =>
        Assert.Equal(expected, MpiLauncher.CountThreads(cores, places[0], places));

    [Theory]
    [InlineData(1)]
    [InlineData(3, "OMPI_COMM_WORLD_LOCAL_SIZE", "3", "SLURM_STEP_TASKS_PER_NODE", "2(x2)")]
    [InlineData(4, "SLURM_STEP_TASKS_PER_NODE", "4")]
    [InlineData(2, "SLURM_STEP_TASKS_PER_NODE", "2(x2)")]
    [InlineData(4, "SLURM_STEP_TASKS_PER_NODE", "2(x3),4,1")]
    [InlineData(1, "SLURM_STEP_TASKS_PER_NODE", "some")]
    public void The_ranks_of_a_host_are_those_that_Slurm_states_for_the_fullest_node(int expected, params string[] variables)
    {
        Dictionary<string, string> environment = variables.Chunk(2).ToDictionary(static pair => pair[0], static pair => pair[1]);
        Assert.Equal(expected, MpiLauncher.CountRanks(name => environment.GetValueOrDefault(name)));
    }

    private static Func<string, int?> Of(object[] variables)
    {
        Dictionary<string, int> environment =
            variables.Chunk(2).ToDictionary(static pair => (string)pair[0], static pair => (int)pair[1]);
        return name => environment.TryGetValue(name, out int value) ? value : null;
    }
}
