namespace CMUNeXt.Imaging;

/// <summary>What an image file may cost. Sizes are checked from the header, before any pixel is decoded.</summary>
public sealed record ImageLimits
{
    /// <summary>100 megapixels, 65,535 pixels on a side, 512 MiB of file, one frame.</summary>
    public static ImageLimits Default { get; } = new();

    /// <summary>The largest width x height.</summary>
    public long Pixels { get; init; } = 100_000_000;

    /// <summary>
    /// The largest width, and the largest height: what JPEG and DICOM have anyway. The work for an image does not grow with its pixels
    /// alone.
    /// </summary>
    public int Side { get; init; } = 65_535;

    /// <summary>The largest file in bytes; one of 2 GiB or more is refused in any case.</summary>
    public long Bytes { get; init; } = 512L << 20;

    /// <summary>
    /// The most frames (pages of a TIFF, images of an animation) a file may hold. With more than one let through, the first is read:
    /// the default of one makes sure that a stack is never taken for its first slice unnoticed.
    /// </summary>
    public int Frames { get; init; } = 1;
}
