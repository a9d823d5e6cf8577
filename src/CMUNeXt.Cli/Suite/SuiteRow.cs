using System.Text.Json.Serialization;
using CMUNeXt.Cli.Benchmark;

namespace CMUNeXt.Cli.Suite;

/// <summary>One network in the table.</summary>
internal sealed record SuiteRow
{
    public required string Model { get; init; }

    /// <summary>The side of the image that is timed, and that multiply-accumulates are counted for.</summary>
    public required int Size { get; init; }

    public required long Parameters { get; init; }

    /// <summary>Of convolutions and linear layers.</summary>
    public required long ConvolutionMacs { get; init; }

    /// <summary>As the published figures count.</summary>
    public required long AllMacs { get; init; }

    /// <summary>One image a call, by every backend that computes the network; none until it is timed.</summary>
    public IReadOnlyList<BenchmarkRow> Timings { get; init; } = [];

    /// <summary>What it reached here; null until a run of it is trained and evaluated.</summary>
    public TrainedFigures? Trained { get; init; }

    public PublishedFigures? Published => PublishedFigures.Of(Model);

    /// <summary>What went wrong the last time; it is tried again the next.</summary>
    public string? Failure { get; init; }

    /// <summary>The backend that is fastest with this network.</summary>
    [JsonIgnore]
    public BenchmarkRow? Fastest => Timings.MinBy(row => row.MedianMs);

    /// <summary>The fastest with this network of some backends; null where none of them was timed.</summary>
    public BenchmarkRow? FastestOf(IReadOnlyCollection<string> backends) =>
        Timings.Where(row => backends.Contains(row.Backend)).MinBy(row => row.MedianMs);
}
