using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;

namespace CMUNeXt.Imaging;

/// <summary>A gray image of any size as a square of the means of its blocks.</summary>
internal static class BlockMeans
{
    /// <summary>Computes the means.</summary>
    /// <param name="gray">height x width values.</param>
    /// <param name="width">The image's width, at least 1.</param>
    /// <param name="height">Its height, at least 1.</param>
    /// <param name="side">The side of the square; where the image is smaller, blocks are of one pixel, which some of them share.</param>
    /// <param name="means">Receives side x side means.</param>
    public static void Of(ReadOnlySpan<byte> gray, int width, int height, int side, Span<double> means)
    {
        int[] columns = Edges(width, side);
        int[] rows = Edges(height, side);
        uint[] rented = ArrayPool<uint>.Shared.Rent(width);
        Span<uint> sums = rented.AsSpan(0, width);
        for (int blockY = 0; blockY < side; blockY++)
        {
            int top = rows[blockY];
            int bottom = Math.Max(top + 1, rows[blockY + 1]);
            sums.Clear();
            for (int y = top; y < bottom; y++)
            {
                Add(gray.Slice(y * width, width), sums);
            }

            for (int blockX = 0; blockX < side; blockX++)
            {
                int left = columns[blockX];
                int right = Math.Max(left + 1, columns[blockX + 1]);
                uint sum = 0;
                for (int x = left; x < right; x++)
                {
                    sum += sums[x];
                }

                means[(blockY * side) + blockX] = (double)sum / ((bottom - top) * (right - left));
            }
        }

        ArrayPool<uint>.Shared.Return(rented);
    }

    private static int[] Edges(int length, int side) => [.. Enumerable.Range(0, side + 1).Select(i => (int)((long)i * length / side))];

    private static void Add(ReadOnlySpan<byte> row, Span<uint> sums)
    {
        ReadOnlySpan<Vector<byte>> vectors = MemoryMarshal.Cast<byte, Vector<byte>>(row);
        Span<Vector<uint>> sumVectors = MemoryMarshal.Cast<uint, Vector<uint>>(sums)[..(4 * vectors.Length)];
        for (int i = 0; i < vectors.Length; i++)
        {
            Vector.Widen(vectors[i], out Vector<ushort> low, out Vector<ushort> high);
            Vector.Widen(low, out Vector<uint> first, out Vector<uint> second);
            Vector.Widen(high, out Vector<uint> third, out Vector<uint> fourth);
            sumVectors[4 * i] += first;
            sumVectors[(4 * i) + 1] += second;
            sumVectors[(4 * i) + 2] += third;
            sumVectors[(4 * i) + 3] += fourth;
        }

        for (int x = vectors.Length * Vector<byte>.Count; x < row.Length; x++)
        {
            sums[x] += row[x];
        }
    }
}
