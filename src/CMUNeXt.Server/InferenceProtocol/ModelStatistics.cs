using System.Text.Json.Serialization;

namespace CMUNeXt.Server.InferenceProtocol;

/// <summary>How often a model was asked, and where the time went, as the statistics extension of the protocol tells it.</summary>
internal sealed class ModelStatistics
{
    private readonly Lock gate = new();
    private long last;
    private long images;
    private Duration success;
    private Duration failure;
    private Duration queue;
    private Duration input;
    private Duration compute;
    private Duration output;

    /// <summary>Counts a request that was answered.</summary>
    public void Add(int count, InferenceTimes times, TimeSpan whole)
    {
        lock (gate)
        {
            last = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
            images += count;
            success = success.With(whole);
            queue = queue.With(times.Queue);
            input = input.With(times.Input);
            compute = compute.With(times.Compute);
            output = output.With(times.Output);
        }
    }

    /// <summary>Counts a request that failed.</summary>
    public void Fail(TimeSpan whole)
    {
        lock (gate)
        {
            failure = failure.With(whole);
        }
    }

    /// <summary>What was counted.</summary>
    public ModelStatisticsAnswer Read(string model)
    {
        lock (gate)
        {
            return new ModelStatisticsAnswer(
                model, InferenceModels.Version, last, images, success.Count,
                new InferenceStatistics(success, failure, queue, input, compute, output), []);
        }
    }
}

/// <summary>Where the time of one request went.</summary>
internal readonly record struct InferenceTimes(TimeSpan Queue, TimeSpan Input, TimeSpan Compute, TimeSpan Output);

/// <summary>A number of times and their sum.</summary>
/// <param name="Count">How many.</param>
/// <param name="Ns">Their sum in nanoseconds.</param>
internal readonly record struct Duration(long Count, long Ns)
{
    /// <summary>With one more.</summary>
    public Duration With(TimeSpan time) => new(Count + 1, Ns + (long)time.TotalNanoseconds);
}

/// <summary>The statistics of a model. None are kept by the number of images of a request.</summary>
internal sealed record ModelStatisticsAnswer(
    string Name, string Version, long LastInference, long InferenceCount, long ExecutionCount, InferenceStatistics InferenceStats,
    IReadOnlyList<BatchStatistics> BatchStats);

/// <summary>The times of requests of so many images.</summary>
internal sealed record BatchStatistics(long BatchSize, Duration ComputeInput, Duration ComputeInfer, Duration ComputeOutput);

/// <summary>The times of a model's requests.</summary>
internal sealed record InferenceStatistics(
    Duration Success,
    [property: JsonPropertyName("fail")] Duration Failure,
    Duration Queue,
    Duration ComputeInput,
    Duration ComputeInfer,
    Duration ComputeOutput);
