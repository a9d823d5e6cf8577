namespace CMUNeXt.Cli.Benchmark;

/// <summary>The first line to a worker: what to prepare, and where to put the logits.</summary>
internal sealed record WorkerTask(string Backend, BenchmarkCase Case, string LogitsPath);

/// <summary>Every later line to a worker: compute for so many seconds.</summary>
internal sealed record WorkerTurn(double Seconds);

/// <summary>The answer to any line: what went wrong, or else what was asked for.</summary>
internal sealed record WorkerAnswer
{
    /// <summary>What went wrong, in one sentence; the worker then ends.</summary>
    public string? Error { get; init; }

    /// <summary>The program that computes, with its version.</summary>
    public string? Engine { get; init; }

    /// <summary>How long each call took.</summary>
    public IReadOnlyList<double> Milliseconds { get; init; } = [];

    /// <summary>The most memory that the process has had so far.</summary>
    public double PeakMemoryMib { get; init; }
}
