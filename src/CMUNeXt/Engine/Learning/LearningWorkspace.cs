using System.Diagnostics;
using CMUNeXt.Engine.Learning.Passes;
using CMUNeXt.Engine.Simd;
using CMUNeXt.Networks;

namespace CMUNeXt.Engine.Learning;

/// <summary>What steps with pictures of one size are made with: the passes bound to their memory, and the threads.</summary>
internal abstract unsafe class LearningWorkspace : IDisposable
{
    /// <summary>See <see cref="LearningNetwork.Timing"/>.</summary>
    public Action<string, TimeSpan>? Timing { get; set; }

    /// <summary>Whether it takes so many pictures of that size.</summary>
    public abstract bool Fits(int images, int height, int width);

    /// <summary>Makes one step.</summary>
    public abstract double Step(float* pictures, byte* target, int images, double rate, Span<float> logits);

    /// <inheritdoc/>
    public abstract void Dispose();
}

/// <inheritdoc/>
internal sealed unsafe class LearningWorkspace<TSimd, TVector> : LearningWorkspace
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    private readonly SegmentationLoss loss;
    private readonly Optimiser optimiser;
    private readonly int height;
    private readonly int width;
    private readonly BatchSize batch;
    private readonly LearningGraph<TSimd, TVector> graph;
    private readonly NativeBuffer shared;
    private readonly SumsTotal<TSimd, TVector> total = new() { Name = "sums" };
    private readonly ThreadTeam team;

    public LearningWorkspace(
        NetworkDescription network, TrainedTensors tensors, SegmentationLoss loss, Optimiser optimiser, int capacity, int height, int width, int threads)
    {
        this.loss = loss;
        this.optimiser = optimiser;
        this.height = height;
        this.width = width;
        batch = new BatchSize(capacity);
        graph = new LearningGraph<TSimd, TVector>(network, tensors, loss, batch, height, width);
        shared = new NativeBuffer(graph.Passes.Max(pass => pass.SharedSize));
        foreach (Pass pass in graph.Passes)
        {
            pass.Shared = shared.Data;
        }

        team = new ThreadTeam(threads, graph.Passes.Max(pass => pass.Scratch));
    }

    public override bool Fits(int images, int height, int width) => images <= batch.Capacity && (height, width) == (this.height, this.width);

    public override double Step(float* pictures, byte* target, int images, double rate, Span<float> logits)
    {
        batch.Count = images;
        graph.Pictures.Pictures = pictures;
        graph.Loss.Target = target;
        foreach (Pass pass in graph.Passes)
        {
            long started = Timing is null ? 0 : Stopwatch.GetTimestamp();
            pass.Prepare();
            for (pass.Phase = 0; pass.Phase < pass.Phases; pass.Phase++)
            {
                team.Run(pass);
            }

            if (pass.SumsSize > 0)
            {
                total.Of = pass;
                team.Run(total);
            }

            pass.Finish();
            Timing?.Invoke($"{pass.Name}: {pass.GetType().Name.Split('`')[0]}", Stopwatch.GetElapsedTime(started));
        }

        long optimising = Timing is null ? 0 : Stopwatch.GetTimestamp();
        optimiser.Begin(rate);
        team.Run(optimiser);
        Timing?.Invoke(optimiser.Name, Stopwatch.GetElapsedTime(optimising));
        new ReadOnlySpan<float>(graph.Head.Logits.Data, logits.Length).CopyTo(logits);
        return loss.Of(graph.Loss);
    }

    public override void Dispose()
    {
        team.Dispose();
        shared.Dispose();
        graph.Dispose();
    }
}
