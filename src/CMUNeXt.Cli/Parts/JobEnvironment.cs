using CMUNeXt.Files;

namespace CMUNeXt.Cli.Parts;

/// <summary>What a scheduler tells its tasks in their environment: mpirun, a Slurm step, a Slurm array, a Kubernetes Indexed Job.</summary>
/// <param name="read">Gives the value of a variable; null where it is not set.</param>
internal sealed class JobEnvironment(Func<string, string?> read)
{
    /// <summary>That of this process.</summary>
    public static JobEnvironment OfThisProcess { get; } = new(Environment.GetEnvironmentVariable);

    /// <summary>What started this process as one of several, in words; null where nothing did.</summary>
    public string? Found => IsMpirun ? "mpirun"
        : Value("SLURM_ARRAY_TASK_ID") is not null ? "a Slurm array"
        : Value("SLURM_STEP_NUM_TASKS") > 1 ? "a Slurm step"
        : Value("JOB_COMPLETION_INDEX") is not null ? "a Kubernetes Indexed Job"
        : null;

    /// <summary>Whether mpirun started this process: it ends all others where one has an exit status other than 0.</summary>
    public bool IsMpirun => World is not null;

    // The variables of a rank and of the number of ranks: Open MPI's, or those of Intel MPI and MPICH, which Slurm's srun --mpi=pmi2 sets
    // for its step too.
    private (string Rank, string Size)? World =>
        Value("OMPI_COMM_WORLD_SIZE") > 1 ? ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE")
        : Value("PMI_SIZE") > 1 && (Value("MPI_LOCALNRANKS") is not null || Value("SLURM_STEP_NUM_TASKS") is null)
            ? ("PMI_RANK", "PMI_SIZE")
        : null;

    // What divides a job among processes may start one alone.
    private bool IsAlone => Value("OMPI_COMM_WORLD_SIZE") == 1 || Value("PMI_SIZE") == 1 || Value("SLURM_STEP_NUM_TASKS") == 1;

    /// <summary>The part of this process.</summary>
    /// <param name="parts">The number of parts where the command line states it; null where it does not.</param>
    /// <exception cref="UsageException">There is no such environment, or it does not say which part it is.</exception>
    public WorkPart FindPart(int? parts)
    {
        WorkPart part = World is var (rank, size) ? Within(Array(), rank, size) : Found switch
        {
            "a Slurm array" or "a Slurm step" => Value("SLURM_STEP_NUM_TASKS") > 1
                ? Within(Array(), "SLURM_PROCID", "SLURM_STEP_NUM_TASKS")
                : Array(),
            "a Kubernetes Indexed Job" => parts is { } count
                ? Part(Value("JOB_COMPLETION_INDEX"), count, "JOB_COMPLETION_INDEX")
                : throw new UsageException(
                    "a Kubernetes Indexed Job does not say how many parts it has; give --parts with its completions"),
            null when IsAlone => new WorkPart(1, 1),
            _ => throw new UsageException(
                "--part auto needs mpirun, a Slurm step or array, or a Kubernetes Indexed Job, and this is none; give --part k/n"),
        };
        return parts is { } stated && stated != part.Count
            ? throw new UsageException($"--parts {stated} is not what {Found ?? "the environment"} says, {part.Count}; leave it out")
            : part;
    }

    // By first, last and stride, and a list such as 1,3,7 has none. Without an array one task does everything.
    private WorkPart Array()
    {
        if (Value("SLURM_ARRAY_TASK_ID") is not { } id)
        {
            return new WorkPart(1, 1);
        }

        if ((Value("SLURM_ARRAY_TASK_MIN"), Value("SLURM_ARRAY_TASK_MAX"), Value("SLURM_ARRAY_TASK_COUNT"))
            is not ({ } first, { } last, { } count))
        {
            throw new UsageException("this Slurm array does not say its first and last task; give --part k/n");
        }

        int stride = Value("SLURM_ARRAY_TASK_STEP") is { } step and > 0 ? step : 1;
        return ((last - first) / stride) + 1 == count && (id - first) % stride == 0
            ? Part((id - first) / stride, count, "SLURM_ARRAY_TASK_ID")
            : throw new UsageException("the tasks of this Slurm array are a list without a stride; give --array=0-N, or --part k/n");
    }

    // Each task of an array may be several processes.
    private WorkPart Within(WorkPart outer, string rank, string size) =>
        Part(((outer.Number - 1) * Value(size)) + Value(rank), outer.Count * Value(size), rank);

    private static WorkPart Part(int? place, int? count, string variable) =>
        place is { } from0 and >= 0 && count is >= 1 and <= WorkPart.Most && from0 < count
            ? new WorkPart(from0 + 1, count.Value)
            : throw new UsageException($"{variable} is not one of {count} parts, counted from 0; give --part k/n");

    private int? Value(string variable) => Number.TryParse(read(variable) ?? "", out int value) ? value : null;
}
