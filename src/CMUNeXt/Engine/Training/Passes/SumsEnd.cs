using CMUNeXt.Engine.Threads;

namespace CMUNeXt.Engine.Training.Passes;

/// <summary>Does the <see cref="Pass.EndUnits"/> of a pass. A task is one of them.</summary>
internal sealed unsafe class SumsEnd : Step
{
    /// <summary>The pass; set before each use.</summary>
    public Pass? Of { get; set; }

    public override int Tasks => Of?.EndUnits ?? 0;

    public override nint Scratch => 0;

    public override void Run(int task, float* scratch) => Of!.End(task);
}
