using System.Diagnostics;
using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Threads;
using CMUNeXt.Engine.Training.Loss;
using CMUNeXt.Engine.Training.Memory;
using CMUNeXt.Engine.Training.Optimizers;
using CMUNeXt.Engine.Training.Passes;
using CMUNeXt.Engine.Vectors;
using CMUNeXt.Networks;

namespace CMUNeXt.Engine.Training;

/// <summary>Changes logits: images x outputs x pixels.</summary>
internal delegate void Settling(Span<float> logits, int outputs);

/// <summary>What iterations with images of one size are made with: the passes bound to their memory, and the threads.</summary>
internal abstract unsafe class TrainingWorkspace : IDisposable
{
    /// <summary>See <see cref="TrainingNetwork.Timing"/>.</summary>
    public Action<string, TimeSpan>? Timing { get; set; }

    /// <summary>Changes the logits before the loss is computed of them; null leaves them as they are.</summary>
    public Settling? Settle { get; set; }

    /// <summary>Whether it takes so many images of that size.</summary>
    public abstract bool Fits(int images, int height, int width);

    /// <summary>Makes one iteration.</summary>
    /// <param name="input">The images of this process.</param>
    /// <param name="target">Their classes.</param>
    /// <param name="taught">Whether there is a teacher.</param>
    /// <param name="teacher">Its logits.</param>
    /// <param name="images">The images of this process.</param>
    /// <param name="learningRate">The learning rate.</param>
    /// <param name="logits">Room for the logits of these images.</param>
    /// <returns>The loss of all images, those of other ranks too.</returns>
    public abstract double Iterate(
        float* input, byte* target, bool taught, float* teacher, int images, double learningRate, Span<float> logits);

    /// <inheritdoc/>
    public abstract void Dispose();
}

/// <inheritdoc/>
internal sealed unsafe class TrainingWorkspace<TSimd, TVector> : TrainingWorkspace
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    private readonly SegmentationLoss loss;
    private readonly Optimizer optimizer;
    private readonly WeightAverage? average;
    private readonly int outputs;
    private readonly int height;
    private readonly int width;
    private readonly BatchSize batch;
    private readonly TrainingGraph<TSimd, TVector> graph;
    private readonly NativeBuffer shared;
    private readonly SumsTotal<TSimd, TVector> total = new() { Name = "sums" };
    private readonly SumsEnd end = new() { Name = "gradients" };
    private readonly ThreadTeam team;
    private readonly StepRunner runner;

    public TrainingWorkspace(
        NetworkDescription network,
        TrainedTensors tensors,
        SegmentationLoss loss,
        Optimizer optimizer,
        WeightAverage? average,
        BatchSize batch,
        int height,
        int width,
        int threads)
    {
        this.batch = batch;
        this.loss = loss;
        outputs = network.Outputs;
        this.optimizer = optimizer;
        this.average = average;
        this.height = height;
        this.width = width;
        graph = new TrainingGraph<TSimd, TVector>(network, tensors, loss, batch, height, width);
        shared = new NativeBuffer(graph.Passes.Max(pass => pass.SharedSize));
        foreach (Pass pass in graph.Passes)
        {
            pass.Shared = shared.Data;
        }

        team = new ThreadTeam(threads);
        runner = new StepRunner(team, graph.Passes.Max(pass => pass.Scratch));
    }

    public override bool Fits(int images, int height, int width) =>
        images <= batch.Capacity && (height, width) == (this.height, this.width);

    public override double Iterate(
        float* input, byte* target, bool taught, float* teacher, int images, double learningRate, Span<float> logits)
    {
        batch.Count = images;
        graph.Images.Values = input;
        graph.Loss.Target = target;
        graph.Loss.Weight = taught ? 1 - loss.Distillation : 1;
        graph.Distillation.IsTaught = taught;
        graph.Distillation.Teacher = teacher;
        if (graph.Presence is { } presence)
        {
            presence.Target = target;
        }

        foreach (Pass pass in graph.Passes.Where(pass => pass.IsNeeded))
        {
            long started = Timing is null ? 0 : Stopwatch.GetTimestamp();
            if (pass == graph.Loss)
            {
                Settle?.Invoke(new Span<float>(graph.Head.Logits.Data, logits.Length), outputs);
            }

            pass.Prepare();
            for (pass.Phase = 0; pass.Phase < pass.Phases; pass.Phase++)
            {
                runner.Run(pass);
            }

            if (pass.SumsSize > 0)
            {
                total.Of = pass;
                runner.Run(total);
                batch.Ranks?.AddUp(pass.Shared, (int)pass.SumsSize, pass.ImageSums * pass.SumsSize);
            }

            if (pass.EndUnits > 0)
            {
                end.Of = pass;
                runner.Run(end);
            }

            pass.Finish();
            Timing?.Invoke($"{pass.Name}: {pass.GetType().Name.Split('`')[0]}", Stopwatch.GetElapsedTime(started));
        }

        long optimizing = Timing is null ? 0 : Stopwatch.GetTimestamp();
        if (optimizer.Norm is { } norm)
        {
            runner.Run(norm);
        }

        optimizer.Begin(learningRate);
        runner.Run(optimizer);
        if (average is not null)
        {
            average.Begin(optimizer.Iterations);
            runner.Run(average);
        }

        Timing?.Invoke(optimizer.Name, Stopwatch.GetElapsedTime(optimizing));
        new ReadOnlySpan<float>(graph.Head.Logits.Data, logits.Length).CopyTo(logits);
        return loss.Of(graph.Loss) + (graph.Presence?.Value ?? 0) + (taught ? graph.Distillation.Value : 0);
    }

    public override void Dispose()
    {
        runner.Dispose();
        team.Dispose();
        shared.Dispose();
        graph.Dispose();
    }
}
