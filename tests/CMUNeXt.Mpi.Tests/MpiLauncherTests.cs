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
    public void One_task_of_Slurm_is_no_rank(bool expected, params object[] variables)
    {
        Dictionary<string, int> environment =
            variables.Chunk(2).ToDictionary(static pair => (string)pair[0], static pair => (int)pair[1]);
        Assert.Equal(expected, MpiLauncher.IsRank(name => environment.TryGetValue(name, out int value) ? value : null));
    }

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
}
