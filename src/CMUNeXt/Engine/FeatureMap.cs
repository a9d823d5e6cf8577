namespace CMUNeXt.Engine;

/// <summary>
/// Channels x height x width values, the channels in octets: [octet][row][column][8]. Around each octet lies a margin of zeros, which
/// convolutions read and nothing writes.
/// </summary>
internal readonly unsafe struct FeatureMap
{
    /// <summary>The first value of the first octet, at row 0 and column 0.</summary>
    public float* Origin { get; init; }

    /// <summary>The number of octets.</summary>
    public int Octets { get; init; }

    /// <summary>Rows without the margin.</summary>
    public int Height { get; init; }

    /// <summary>Columns without the margin.</summary>
    public int Width { get; init; }

    /// <summary>Floats from a row to the next.</summary>
    public nint Row { get; init; }

    /// <summary>Floats from an octet to the next.</summary>
    public nint Octet { get; init; }

    /// <summary>The values without the margin, in bytes.</summary>
    public long Bytes => (long)Octets * Height * Width * 8 * sizeof(float);

    /// <summary>The eight values of a pixel.</summary>
    public float* At(int octet, int y, int x) => Origin + (octet * Octet) + (y * Row) + (x * 8);

    /// <summary>Some of the octets.</summary>
    public FeatureMap Slice(int first, int count) => this with { Origin = At(first, 0, 0), Octets = count };
}
