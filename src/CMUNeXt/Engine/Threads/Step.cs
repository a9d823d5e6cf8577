namespace CMUNeXt.Engine.Threads;

/// <summary>One step of a network at one size: a number of tasks that do not depend on each other, in any order, on any thread.</summary>
internal abstract unsafe class Step
{
    /// <summary>What it is called where steps are listed: the name of its tensors.</summary>
    public required string Name { get; init; }

    /// <summary>The number of tasks.</summary>
    public abstract int Tasks { get; }

    /// <summary>The floats that a task needs to work in.</summary>
    public abstract nint Scratch { get; }

    /// <summary>Does one task. It must not throw: on a thread of a team that would end the process.</summary>
    /// <param name="task">From 0 to <see cref="Tasks"/> - 1.</param>
    /// <param name="scratch">Memory of the thread's own, with anything in it.</param>
    public abstract void Run(int task, float* scratch);

    /// <summary>a / b, rounded up.</summary>
    protected static int Ceiling(int a, int b) => (a + b - 1) / b;

    /// <summary>The next multiple of b.</summary>
    protected static int RoundUp(int a, int b) => Ceiling(a, b) * b;
}
