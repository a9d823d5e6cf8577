namespace CMUNeXt.Training.Studies;

/// <summary>What computes a study; it has no part in what comes out.</summary>
public sealed record StudyComputing
{
    /// <summary>The name of the backend; null takes the first that trains the network on the device.</summary>
    public string? Backend { get; init; }

    /// <summary><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>; null takes the CPU.</summary>
    public string? Device { get; init; }

    /// <summary>The number of threads, at least 1; null takes one for each core.</summary>
    public int? Threads { get; init; }
}
