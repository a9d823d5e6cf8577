using System.Diagnostics;
using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Threads;

namespace CMUNeXt.Engine.Inference;

/// <summary>What one call at a time computes an image of one size with: the steps bound to their memory, and the threads.</summary>
internal sealed unsafe class Workspace : IDisposable
{
    private readonly NativeBuffer memory;
    private readonly ThreadTeam team;
    private readonly Action<nint, nint> attach;

    /// <summary>Makes the threads and their scratch memory.</summary>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    /// <param name="steps">The network, in order.</param>
    /// <param name="memory">The memory of the feature maps, which becomes the workspace's.</param>
    /// <param name="threads">At least 1.</param>
    /// <param name="attach">Gives the addresses of image and logits to the steps that read and write them.</param>
    public Workspace(int height, int width, IReadOnlyList<CountedStep> steps, NativeBuffer memory, int threads, Action<nint, nint> attach)
    {
        Height = height;
        Width = width;
        Steps = [.. steps];
        this.memory = memory;
        this.attach = attach;
        team = new ThreadTeam(threads, Steps.Max(step => step.Scratch));
    }

    public int Height { get; }

    public int Width { get; }

    /// <summary>The steps, in order.</summary>
    public CountedStep[] Steps { get; }

    /// <summary>Computes the logits of one image.</summary>
    public void Run(float* image, float* logits)
    {
        attach((nint)image, (nint)logits);
        foreach (Step step in Steps)
        {
            team.Run(step);
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
            team.Run(Steps[i]);
            ticks[i] = Stopwatch.GetTimestamp() - start;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        team.Dispose();
        memory.Dispose();
    }
}
