using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Threads;

namespace CMUNeXt.Engine.Inference;

/// <summary>
/// A step with the margins of what it writes: they are zeros when it is done, whatever was in that memory before. Each task clears those of
/// some channel blocks; they lie beside what the others write.
/// </summary>
internal sealed unsafe class ClearingStep : CountedStep
{
    /// <summary>The step itself.</summary>
    public required CountedStep Step { get; init; }

    /// <summary>What it writes with a margin.</summary>
    public required FeatureMap[] Written { get; init; }

    public override int Tasks => Step.Tasks;

    public override nint Scratch => Step.Scratch;

    public override long MultiplyAdds => Step.MultiplyAdds;

    public override long Bytes => Step.Bytes;

    public override void Run(int task, float* scratch)
    {
        foreach (FeatureMap map in Written)
        {
            int tasks = Tasks;
            for (int block = map.Blocks * task / tasks; block < map.Blocks * (task + 1) / tasks; block++)
            {
                map.ClearMargin(block);
            }
        }

        Step.Run(task, scratch);
    }
}
