using CMUNeXt.Engine.Threads;
using CMUNeXt.Engine.Training.Memory;

namespace CMUNeXt.Engine.Training.Passes;

/// <summary>
/// One pass over the batch. The work for an image is divided into tasks by the sizes alone, each task keeps sums of its own, and the sums
/// are put together in the order of the tasks, then of the images: so results are the same for any number of threads, and however the
/// images are divided among processes.
/// </summary>
internal abstract unsafe class Pass : Step
{
    // The most tasks of an image, and so the most sums that are kept beside each other for it.
    private const int MostSlots = 4;

    // So many floats of sums may be kept beside each other for an image.
    private const int SumsBudget = 1 << 20;

    // The most tasks of work that keeps no sums.
    private const int MostLooseTasks = 32;

    /// <summary>How often all tasks are done, one time after the other.</summary>
    public virtual int Phases => 1;

    /// <summary>Which time this is, from 0.</summary>
    public int Phase { get; set; }

    /// <summary>The floats that each task sums up of weight gradients.</summary>
    public virtual nint SumsSize => 0;

    /// <summary>Sums of weight gradients that are kept for an image.</summary>
    public virtual int ImageSums => ImageSlots;

    /// <summary>The floats that all tasks share: their sums, if nothing else.</summary>
    public virtual nint SharedSize => SumsSize * Batch.Capacity * ImageSums;

    /// <summary>Where what is shared lies: the sums of all tasks, one after the other.</summary>
    public float* Shared { get; set; }

    /// <summary>The images of the iteration.</summary>
    public abstract BatchSize Batch { get; }

    /// <summary>Tasks of an image, each with statistics of its own.</summary>
    public virtual int ImageSlots =>
        Math.Min(ImageUnits, SumsSize == 0 ? MostSlots : (int)Math.Clamp(SumsBudget / SumsSize, 1, MostSlots));

    public override int Tasks => LooseUnits is { } units ? Math.Min(MostLooseTasks, units) : Batch.Count * ImageSlots;

    /// <summary>Whether this iteration needs it.</summary>
    public virtual bool IsNeeded => true;

    /// <summary>Pieces of work that is done with the sums of all images, in any order; 0 for none.</summary>
    public virtual int EndUnits => 0;

    /// <summary>Pieces of work of an image, done in order within a task.</summary>
    protected abstract int ImageUnits { get; }

    /// <summary>Pieces of work of this phase, where it sums nothing up by tasks; null where it does.</summary>
    protected virtual int? LooseUnits => null;

    /// <summary>What one thread does before.</summary>
    public virtual void Prepare()
    {
    }

    public sealed override void Run(int task, float* scratch)
    {
        if (LooseUnits is { } units)
        {
            int tasks = Tasks;
            Run(task, (int)((long)units * task / tasks), (int)((long)units * (task + 1) / tasks), scratch);
            return;
        }

        if (SumsSize > 0)
        {
            new Span<float>(Shared + (task * SumsSize), (int)SumsSize).Clear();
        }

        int slots = ImageSlots;
        (int image, int slot) = Math.DivRem(task, slots);
        int first = image * ImageUnits;
        Run(task, first + (int)((long)ImageUnits * slot / slots), first + (int)((long)ImageUnits * (slot + 1) / slots), scratch);
    }

    /// <summary>Does one of <see cref="EndUnits"/>, when the sums of all images have been added up into those of the first task.</summary>
    public virtual void End(int unit)
    {
    }

    /// <summary>What one thread does afterwards, when the sums of all images have been added up into those of the first task.</summary>
    public virtual void Finish()
    {
    }

    /// <summary>The floats that sums of so many channel blocks take: an even number of channel blocks, as wide vectors add them.</summary>
    protected static nint ChannelSums(int blocks) => (nint)((blocks + 1) / 2) * 16;

    /// <summary>Does a task: some units, counted through all images.</summary>
    protected abstract void Run(int slot, int from, int to, float* scratch);
}
