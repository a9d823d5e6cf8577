namespace CMUNeXt.Training.Sessions;

/// <summary>What may be another than where a run began; null leaves it as it was.</summary>
public sealed record ResumeOptions
{
    /// <summary>Where the data set lies now.</summary>
    public string? Data { get; init; }

    /// <summary>The device to train on.</summary>
    public string? Device { get; init; }

    /// <summary>The number of threads.</summary>
    public int? Threads { get; init; }
}
