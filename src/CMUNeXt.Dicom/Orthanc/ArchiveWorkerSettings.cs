namespace CMUNeXt.Dicom.Orthanc;

/// <summary>What a worker does, and where.</summary>
public sealed record ArchiveWorkerSettings
{
    /// <summary>The archive's address, such as http://localhost:8042; a user and a password may stand in it.</summary>
    public required Uri Archive { get; init; }

    /// <summary>The file that says how far the worker is.</summary>
    public required string StatePath { get; init; }

    /// <summary>Which instances are segmented.</summary>
    public ArchiveFilter Filter { get; init; } = new();

    /// <summary>Where the archive sends the results on to, as its configuration names it; null sends them nowhere.</summary>
    public string? SendTo { get; init; }

    /// <summary>Take what was in the archive before the worker first ran, too.</summary>
    public bool FromStart { get; init; }

    /// <summary>End when everything is done, instead of waiting for more.</summary>
    public bool Once { get; init; }

    /// <summary>Say what would be segmented, and neither store anything nor note it as done.</summary>
    public bool DryRun { get; init; }
}
