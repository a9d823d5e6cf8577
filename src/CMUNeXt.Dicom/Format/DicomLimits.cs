namespace CMUNeXt.Dicom.Format;

/// <summary>What a DICOM file may cost. Each is checked before anything is allocated for it.</summary>
public sealed record DicomLimits
{
    /// <summary>100 megapixels a frame, 65,536 frames, 512 MiB of a deflated data set, 100,000 elements, sequences 16 deep.</summary>
    public static DicomLimits Default { get; } = new();

    /// <summary>The largest width x height of a frame.</summary>
    public long Pixels { get; init; } = 100_000_000;

    /// <summary>The most frames of an image.</summary>
    public int Frames { get; init; } = 65_536;

    /// <summary>The most bytes that a deflated data set may become.</summary>
    public int InflatedBytes { get; init; } = 512 << 20;

    /// <summary>The most elements, items and fragments together.</summary>
    public int Elements { get; init; } = 100_000;

    /// <summary>How deep sequences may stand in sequences.</summary>
    public int Depth { get; init; } = 16;
}
