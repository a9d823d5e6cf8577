using System.Diagnostics;
using CMUNeXt.Server.Serving;
using Microsoft.AspNetCore.Http;

namespace CMUNeXt.Server.InferenceProtocol;

/// <summary>What the protocol calls a model: weights, and the form of what goes in and comes out.</summary>
internal abstract class InferenceModel(string name, ServerMetrics metrics)
{
    /// <summary>The name in addresses.</summary>
    public string Name { get; } = name;

    /// <summary>What it is counted by.</summary>
    public ModelStatistics Statistics { get; } = new();

    /// <summary>The one tensor that goes in; its first length is the number of images.</summary>
    public abstract TensorMetadata Input { get; }

    /// <summary>The tensors that come out.</summary>
    public abstract IReadOnlyList<TensorMetadata> Outputs { get; }

    /// <summary>What the server measures of itself.</summary>
    protected ServerMetrics Metrics { get; } = metrics;

    /// <summary>Checks a request before it waits for a worker.</summary>
    /// <returns>Its input.</returns>
    /// <exception cref="BadHttpRequestException">It is not for this model.</exception>
    public InputTensor Check(InferenceRequest request, int imageLimit)
    {
        if (request.Inputs is not [{ } input] || input.Name != Input.Name || input.Datatype != Input.Datatype || !Fits(input.Shape))
        {
            throw new BadHttpRequestException(
                $"The model takes one input, '{Input.Name}' of {Input.Datatype} and the shape "
                    + $"[{string.Join(", ", Input.Shape)}], -1 being any length.");
        }

        if (input.Shape[0] > imageLimit)
        {
            throw new BadHttpRequestException($"The input has more than {imageLimit} images: send several requests.");
        }

        if (request.Outputs.FirstOrDefault(output => Outputs.All(known => known.Name != output.Name)) is { } unknown)
        {
            throw new BadHttpRequestException(
                $"The model has no output '{unknown.Name}'; it has {string.Join(", ", Outputs.Select(static output => output.Name))}.");
        }

        if (request.Outputs.GroupBy(static output => output.Name).FirstOrDefault(static asked => asked.Count() > 1) is { } twice)
        {
            throw new BadHttpRequestException($"The output '{twice.Key}' is asked for more than once.");
        }

        CheckSize(input.Shape);
        return input;
    }

    /// <summary>Computes the outputs, those alone that are wanted.</summary>
    /// <param name="input">An input that was checked.</param>
    /// <param name="wanted">Whether an output of a name is.</param>
    /// <param name="memory">Where the memory for them is counted.</param>
    /// <param name="clock">Takes the times.</param>
    /// <param name="stop">The client is gone, or the time is up.</param>
    /// <exception cref="BadHttpRequestException">They take more memory than there is.</exception>
    public abstract IReadOnlyList<OutputTensor> Infer(
        InputTensor input, Func<string, bool> wanted, BodyMemory.Share memory, InferenceClock clock, CancellationToken stop);

    /// <summary>Starts a clock for a request.</summary>
    public InferenceClock StartClock() => new(Metrics);

    /// <summary>Refuses a shape that costs too much.</summary>
    protected virtual void CheckSize(IReadOnlyList<int> shape)
    {
    }

    private bool Fits(IReadOnlyList<int> shape) =>
        shape.Count == Input.Shape.Count
            && shape.Zip(Input.Shape, static (given, known) => known == -1 || given == known).All(static fits => fits);
}

/// <summary>Takes the times of one request, for the metrics and for the model's statistics.</summary>
internal sealed class InferenceClock(ServerMetrics metrics)
{
    private long at = Stopwatch.GetTimestamp();

    /// <summary>What was taken so far.</summary>
    public InferenceTimes Times { get; private set; }

    /// <summary>A worker begins.</summary>
    public void Begin() => Times = Times with { Queue = Lap() };

    /// <summary>An image is decoded.</summary>
    public void Decoded()
    {
        TimeSpan time = Lap();
        metrics.Decoded(time);
        Times = Times with { Input = Times.Input + time };
    }

    /// <summary>An image is computed.</summary>
    public void Computed()
    {
        TimeSpan time = Lap();
        metrics.Computed(time);
        Times = Times with { Compute = Times.Compute + time };
    }

    /// <summary>The answer is encoded.</summary>
    public void Encoded()
    {
        TimeSpan time = Lap();
        metrics.Encoded(time);
        Times = Times with { Output = Times.Output + time };
    }

    private TimeSpan Lap()
    {
        long now = Stopwatch.GetTimestamp();
        TimeSpan time = Stopwatch.GetElapsedTime(at, now);
        at = now;
        return time;
    }
}
