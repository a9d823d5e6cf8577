using CMUNeXt.Networks;
using CMUNeXt.Pictures;
using CMUNeXt.Training.Protocol;

namespace CMUNeXt.Training.Runs;

/// <summary>All that a run depends on: <c>config.json</c> in its folder.</summary>
public sealed record RunSettings
{
    /// <summary>The version of the program that began the run.</summary>
    public required string Version { get; init; }

    /// <summary>The network.</summary>
    public required NetworkDescription Network { get; init; }

    /// <summary>How pictures become its input.</summary>
    public required Preprocessing Preprocessing { get; init; }

    /// <summary>The settings of the training.</summary>
    public required TrainingProtocol Protocol { get; init; }

    /// <summary>The prepared data set's folder.</summary>
    public required string Data { get; init; }

    /// <summary>The cases to train on.</summary>
    public required IReadOnlyList<string> Train { get; init; }

    /// <summary>The cases to validate on after each epoch.</summary>
    public required IReadOnlyList<string> Validation { get; init; }

    /// <summary>The backend that trains.</summary>
    public required string Backend { get; init; }

    /// <summary>The device that it trains on.</summary>
    public required string Device { get; init; }

    /// <summary>The number of threads; equal results to the last bit need the same.</summary>
    public required int Threads { get; init; }

    /// <summary>The weight file that the run started from; null where it started from random values.</summary>
    public string? InitialWeights { get; init; }

    /// <summary>The SHA-256 of that file.</summary>
    public string? InitialWeightsSha256 { get; init; }
}
