using System.Numerics;
using System.Runtime.InteropServices;

namespace CMUNeXt.Imaging;

/// <summary>A gray image of any size as a square of the means of its blocks, made row by row.</summary>
internal sealed class BlockMeans
{
    private readonly int height;
    private readonly int side;
    private readonly int[] edges;
    private readonly uint[] sums;

    /// <summary>Prepares the means of images of one size.</summary>
    /// <param name="width">The image's width, at least 1.</param>
    /// <param name="height">Its height, at least 1.</param>
    /// <param name="side">The side of the square; where the image is smaller, blocks are of one pixel, which some of them share.</param>
    public BlockMeans(int width, int height, int side)
    {
        this.height = height;
        this.side = side;
        edges = [.. Enumerable.Range(0, side + 1).Select(i => Edge(i, width))];
        sums = new uint[width];
    }

    /// <summary>Computes a row of means.</summary>
    /// <param name="gray">height x width values.</param>
    /// <param name="row">The row, from 0.</param>
    /// <param name="means">Receives as many means as the square has columns.</param>
    public void Write(ReadOnlySpan<byte> gray, int row, Span<double> means)
    {
        int top = Edge(row, height);
        int bottom = Math.Max(top + 1, Edge(row + 1, height));
        Array.Clear(sums);
        for (int y = top; y < bottom; y++)
        {
            Add(gray.Slice(y * sums.Length, sums.Length), sums);
        }

        for (int block = 0; block < side; block++)
        {
            int left = edges[block];
            int right = Math.Max(left + 1, edges[block + 1]);
            uint sum = 0;
            for (int x = left; x < right; x++)
            {
                sum += sums[x];
            }

            means[block] = (double)sum / ((bottom - top) * (right - left));
        }
    }

    private int Edge(int block, int length) => (int)((long)block * length / side);

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
