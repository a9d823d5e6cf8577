using System.Runtime.CompilerServices;

namespace CMUNeXt.Engine.Memory;

/// <summary>
/// Channels x height x width values, the channels in octets: [octet][row][column][8]. Around each octet lies a margin of zeros, which
/// convolutions read. The memory is shared with other maps: whoever writes a map clears its margin.
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

    /// <summary>Rows and columns of zeros above and on the left; on the other sides there are as many at least.</summary>
    public int Margin { get; init; }

    /// <summary>Floats from a row to the next.</summary>
    public nint Row { get; init; }

    /// <summary>Floats from an octet to the next.</summary>
    public nint Octet { get; init; }

    /// <summary>The values without the margin, in bytes.</summary>
    public long Bytes => (long)Octets * Height * Width * 8 * sizeof(float);

    /// <summary>The eight values of a pixel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float* At(int octet, int y, int x) => Origin + (octet * Octet) + (y * Row) + (x * 8);

    /// <summary>
    /// Makes the margin of an octet zeros: what comes before its first pixel, between its rows, and after its last pixel.
    /// </summary>
    public void ClearMargin(int octet)
    {
        float* from = Origin + (octet * Octet) - (Margin * (Row + 8));
        float* end = from + Octet;
        for (int y = 0; y < Height; y++)
        {
            float* row = At(octet, y, 0);
            new Span<float>(from, (int)(row - from)).Clear();
            from = row + (Width * 8);
        }

        new Span<float>(from, (int)(end - from)).Clear();
    }
}
