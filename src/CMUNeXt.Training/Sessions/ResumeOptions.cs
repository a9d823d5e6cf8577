namespace CMUNeXt.Training.Sessions;

/// <summary>What may be another than where a run began; null leaves it as it was.</summary>
public sealed record ResumeOptions
{
    /// <summary>Where the data set lies now.</summary>
    public string? Data { get; init; }

    /// <summary>The weight files of the teachers, in the order that the run began with, where they lie elsewhere now.</summary>
    public IReadOnlyList<string>? Teachers { get; init; }

    /// <summary>The device to train on.</summary>
    public string? Device { get; init; }

    /// <summary>The number of threads.</summary>
    public int? Threads { get; init; }

    /// <summary>The number of epochs, more or fewer than the run began with; the settings record the change. At least 1.</summary>
    public int? Epochs { get; init; }

    /// <summary>Whether to go on although images or masks are others than the run began with; the settings record which.</summary>
    public bool AcceptChangedData { get; init; }
}
