using System.Runtime.CompilerServices;

namespace CMUNeXt.Engine.Memory;

/// <summary>
/// Channels x height x width values, the channels in channel blocks: [block][row][column][8]. Around each channel block lies a margin of
/// zeros, which convolutions read. The memory is shared with other maps: whoever writes a map clears its margin.
/// </summary>
internal readonly unsafe struct FeatureMap
{
    /// <summary>The first value of the first channel block, at row 0 and column 0.</summary>
    public float* Origin { get; init; }

    /// <summary>The number of channel blocks.</summary>
    public int Blocks { get; init; }

    /// <summary>Rows without the margin.</summary>
    public int Height { get; init; }

    /// <summary>Columns without the margin.</summary>
    public int Width { get; init; }

    /// <summary>Rows and columns of zeros above and on the left; on the other sides there are as many at least.</summary>
    public int Margin { get; init; }

    /// <summary>Floats from a row to the next.</summary>
    public nint RowStride { get; init; }

    /// <summary>Floats from a channel block to the next.</summary>
    public nint BlockStride { get; init; }

    /// <summary>The values without the margin, in bytes.</summary>
    public long Bytes => (long)Blocks * Height * Width * 8 * sizeof(float);

    /// <summary>The eight values of a pixel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float* At(int block, int y, int x) => Origin + (block * BlockStride) + (y * RowStride) + (x * 8);

    /// <summary>
    /// Makes the margin of a channel block zeros: what comes before its first pixel, between its rows, and after its last pixel.
    /// </summary>
    public void ClearMargin(int block)
    {
        float* from = Origin + (block * BlockStride) - (Margin * (RowStride + 8));
        float* end = from + BlockStride;
        for (int y = 0; y < Height; y++)
        {
            float* row = At(block, y, 0);
            new Span<float>(from, (int)(row - from)).Clear();
            from = row + (Width * 8);
        }

        new Span<float>(from, (int)(end - from)).Clear();
    }
}
