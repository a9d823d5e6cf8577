using System.Diagnostics;
using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Threads;

namespace CMUNeXt.Engine.Inference;

/// <summary>What one call at a time computes an image of one size with: the steps bound to their memory, and the threads.</summary>
internal sealed unsafe class Workspace : IDisposable
{
    private readonly NativeBuffer memory;
    private readonly StepRunner runner;
    private readonly Action<nint, nint> attach;

    /// <summary>Makes the caller's scratch memory.</summary>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    /// <param name="steps">The network, in order.</param>
    /// <param name="memory">The memory of the feature maps, which becomes the workspace's.</param>
    /// <param name="team">The threads that help.</param>
    /// <param name="attach">Gives the addresses of image and logits to the steps that read and write them.</param>
    public Workspace(
        int height, int width, IReadOnlyList<CountedStep> steps, NativeBuffer memory, ThreadTeam team, Action<nint, nint> attach)
    {
        Height = height;
        Width = width;
        Steps = [.. steps];
        this.memory = memory;
        this.attach = attach;
        runner = new StepRunner(team, Steps.Max(step => step.Scratch));
    }

    public int Height { get; }

    public int Width { get; }

    /// <summary>The steps, in order.</summary>
    public CountedStep[] Steps { get; }

    /// <summary>Computes the logits of one image.</summary>
    /// <exception cref="OperationCanceledException">They were no longer wanted; it is looked at before each step.</exception>
    public void Run(float* image, float* logits, CancellationToken cancellation)
    {
        attach((nint)image, (nint)logits);
        foreach (Step step in Steps)
        {
            cancellation.ThrowIfCancellationRequested();
            runner.Run(step);
        }
    }

    /// <summary>Computes the same, and notes how long each step takes.</summary>
    /// <param name="image">The image.</param>
    /// <param name="logits">Its logits.</param>
    /// <param name="ticks">Receives the ticks of the clock (<see cref="Stopwatch"/>), step by step.</param>
    public void Run(float* image, float* logits, Span<long> ticks)
    {
        attach((nint)image, (nint)logits);
        for (int i = 0; i < Steps.Length; i++)
        {
            long start = Stopwatch.GetTimestamp();
            runner.Run(Steps[i]);
            ticks[i] = Stopwatch.GetTimestamp() - start;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        runner.Dispose();
        memory.Dispose();
    }
}
