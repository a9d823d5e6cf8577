using CMUNeXt.Cli.Parts;
using CMUNeXt.Files;

namespace CMUNeXt.Cli.Tests.Parts;

/// <summary>Which part a process has, by what schedulers say.</summary>
public sealed class JobEnvironmentTests
{
    public static TheoryData<string, int?, string> Parts => new()
    {
        { "OMPI_COMM_WORLD_RANK=2 OMPI_COMM_WORLD_SIZE=4", null, "3-of-4" },
        { "SLURM_STEP_NUM_TASKS=8 SLURM_PROCID=0", null, "1-of-8" },
        { Array(0, 0, 3, 1, 4), null, "1-of-4" },
        { Array(5, 5, 8, 1, 4), null, "1-of-4" },
        { Array(21, 1, 31, 10, 4), null, "3-of-4" },
        { Array(10, 1, 10, 3, 4), 4, "4-of-4" },
        { Array(2, 1, 3, 1, 3) + " SLURM_STEP_NUM_TASKS=2 SLURM_PROCID=1", null, "4-of-6" },
        { Array(2, 1, 3, 1, 3) + " SLURM_NTASKS=2 SLURM_PROCID=0", null, "2-of-3" },
        { "JOB_COMPLETION_INDEX=3", 5, "4-of-5" },

        // mpirun in a task of an array, whatever step of Slurm carries its ranks.
        { Array(2, 1, 3, 1, 3) + " OMPI_COMM_WORLD_RANK=1 OMPI_COMM_WORLD_SIZE=4", null, "6-of-12" },
        { Array(1, 0, 1, 1, 2) + " PMI_RANK=2 PMI_SIZE=3", null, "6-of-6" },
        { Array(1, 0, 1, 1, 2) + " OMPI_COMM_WORLD_RANK=0 OMPI_COMM_WORLD_SIZE=4 SLURM_STEP_NUM_TASKS=2 SLURM_PROCID=1", null, "5-of-8" },

        // Intel MPI and MPICH, alone and where Slurm starts a process of theirs on each node, and Slurm's srun --mpi=pmi2.
        { "PMI_RANK=1 PMI_SIZE=4", null, "2-of-4" },
        { "PMI_RANK=3 PMI_SIZE=4 MPI_LOCALNRANKS=2 SLURM_STEP_NUM_TASKS=2 SLURM_PROCID=1", null, "4-of-4" },
        { "PMI_RANK=1 PMI_SIZE=4 SLURM_STEP_NUM_TASKS=4 SLURM_PROCID=1", null, "2-of-4" },

        // One alone does everything, unless it is started within something that divides.
        { "OMPI_COMM_WORLD_SIZE=1 OMPI_COMM_WORLD_RANK=0", null, "1-of-1" },
        { "PMI_SIZE=1 PMI_RANK=0", 1, "1-of-1" },
        { "SLURM_STEP_NUM_TASKS=1 SLURM_PROCID=0", null, "1-of-1" },
        { "JOB_COMPLETION_INDEX=3 OMPI_COMM_WORLD_SIZE=1 OMPI_COMM_WORLD_RANK=0", 5, "4-of-5" },
    };

    public static TheoryData<string, int?, string> Refusals => new()
    {
        { "", null, "--part auto needs mpirun, a Slurm step or array, or a Kubernetes Indexed Job, and this is none; give --part k/n" },
        // A job's own script, before it starts a step, has these too.
        { "SLURM_NTASKS=4 SLURM_PROCID=0", null, "and this is none" },
        { "JOB_COMPLETION_INDEX=3", null, "give --parts with its completions" },
        { "JOB_COMPLETION_INDEX=3", 3, "JOB_COMPLETION_INDEX is not one of 3 parts" },
        { "OMPI_COMM_WORLD_RANK=2 OMPI_COMM_WORLD_SIZE=4", 5, "--parts 5 is not what mpirun says, 4; leave it out" },
        { "OMPI_COMM_WORLD_SIZE=1 OMPI_COMM_WORLD_RANK=0", 5, "--parts 5 is not what the environment says, 1; leave it out" },
        { "OMPI_COMM_WORLD_SIZE=4", null, "OMPI_COMM_WORLD_RANK is not one of 4 parts" },
        { "PMI_RANK=4 PMI_SIZE=4", null, "PMI_RANK is not one of 4 parts" },
        { Array(3, 1, 7, 1, 3), null, "are a list without a stride" },
        { "SLURM_ARRAY_TASK_ID=3", null, "does not say its first and last task" },
    };

    [Theory]
    [MemberData(nameof(Parts))]
    public void A_process_finds_its_part(string variables, int? parts, string expected) =>
        Assert.Equal(expected, Of(variables).FindPart(parts).Name);

    // It ends all processes over the failure of one, and Slurm does not.
    [Theory]
    [InlineData("OMPI_COMM_WORLD_RANK=2 OMPI_COMM_WORLD_SIZE=4", true)]
    [InlineData("PMI_RANK=1 PMI_SIZE=4", true)]
    [InlineData("PMI_RANK=1 PMI_SIZE=4 MPI_LOCALNRANKS=4 SLURM_STEP_NUM_TASKS=1 SLURM_PROCID=0", true)]
    [InlineData("PMI_RANK=1 PMI_SIZE=4 SLURM_STEP_NUM_TASKS=4 SLURM_PROCID=1", false)]
    [InlineData("OMPI_COMM_WORLD_RANK=0 OMPI_COMM_WORLD_SIZE=1", false)]
    [InlineData("JOB_COMPLETION_INDEX=3", false)]
    public void Mpirun_is_told_from_Slurm(string variables, bool expected) => Assert.Equal(expected, Of(variables).IsMpirun);

    [Theory]
    [MemberData(nameof(Refusals))]
    public void What_says_no_part_is_refused(string variables, int? parts, string expected) =>
        Assert.Contains(expected, Assert.Throws<UsageException>(() => Of(variables).FindPart(parts)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("1/1", "1-of-1")]
    [InlineData("2/4", "2-of-4")]
    [InlineData("4/4", "4-of-4")]
    [InlineData("0/4", null)]
    [InlineData("5/4", null)]
    [InlineData("1/0", null)]
    [InlineData("1", null)]
    [InlineData("1/2/3", null)]
    [InlineData("1/100001", null)]
    [InlineData("-1/4", null)]
    [InlineData("a/b", null)]
    public void A_part_is_one_of_some(string text, string? expected) => Assert.Equal(expected, WorkPart.Read(text)?.Name);

    private static string Array(int id, int first, int last, int step, int count) =>
        $"SLURM_ARRAY_TASK_ID={id} SLURM_ARRAY_TASK_MIN={first} SLURM_ARRAY_TASK_MAX={last} SLURM_ARRAY_TASK_STEP={step} "
        + $"SLURM_ARRAY_TASK_COUNT={count}";

    private static JobEnvironment Of(string variables)
    {
        Dictionary<string, string> set = variables.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(one => one.Split('=')).ToDictionary(one => one[0], one => one[1]);
        return new JobEnvironment(set.GetValueOrDefault);
    }
}
