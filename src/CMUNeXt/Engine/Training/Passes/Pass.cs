using CMUNeXt.Engine.Threads;

namespace CMUNeXt.Engine.Training.Passes;

/// <summary>
/// One pass over the batch. Its work is divided into tasks that do not depend on the number of threads, each task keeps sums of its own,
/// and the sums are put together in the order of the tasks: so results are the same for any number of threads.
/// </summary>
internal abstract unsafe class Pass : Step
{
    /// <summary>The most tasks, and so the most sums that are kept beside each other.</summary>
    private const int MostSlots = 32;

    // So many floats of sums may be kept beside each other.
    private const int SumsBudget = 8 << 20;

    /// <summary>How often all tasks are done, one time after the other.</summary>
    public virtual int Phases => 1;

    /// <summary>Which time this is, from 0.</summary>
    public int Phase { get; set; }

    /// <summary>Pieces of work of this phase, done in order within a task.</summary>
    protected abstract int Units { get; }

    /// <summary>The floats that each task sums up of weight gradients.</summary>
    public virtual nint SumsSize => 0;

    /// <summary>The floats that all tasks share: their sums, if nothing else.</summary>
    public virtual nint SharedSize => SumsSize * Slots;

    /// <summary>Where what is shared lies: the sums of all tasks, one after the other.</summary>
    public float* Shared { get; set; }

    public override int Tasks => Math.Min(Slots, Units);

    /// <summary>The most tasks for any number of images.</summary>
    public int Slots => SumsSize == 0 ? MostSlots : (int)Math.Clamp(SumsBudget / SumsSize, 8, MostSlots);

    /// <summary>Whether this step needs it.</summary>
    public virtual bool IsNeeded => true;

    /// <summary>What one thread does before.</summary>
    public virtual void Prepare()
    {
    }

    public sealed override void Run(int task, float* scratch)
    {
        if (SumsSize > 0)
        {
            new Span<float>(Shared + (task * SumsSize), (int)SumsSize).Clear();
        }

        int tasks = Tasks;
        int units = Units;
        Run(task, (int)((long)units * task / tasks), (int)((long)units * (task + 1) / tasks), scratch);
    }

    /// <summary>What one thread does afterwards, when the sums of all tasks have been added up into those of the first.</summary>
    public virtual void Finish()
    {
    }

    /// <summary>Does a task: some units.</summary>
    protected abstract void Run(int slot, int from, int to, float* scratch);
}
