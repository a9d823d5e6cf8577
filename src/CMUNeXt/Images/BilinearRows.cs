using System.Numerics;
using System.Runtime.InteropServices;
using CMUNeXt.Masks;

namespace CMUNeXt.Images;

/// <summary>
/// The rows of a map of numbers that is resized bilinearly, each made when it is asked for, so that the whole need not be kept.
/// </summary>
internal sealed class BilinearRows
{
    private readonly int fromWidth;
    private readonly Resize.Neighbors[] columns;
    private readonly Resize.Neighbors[] rows;

    // Each row of the map is interpolated along its length once, and used by every new row that lies between it and the next.
    private float[] upper;
    private float[] lower;
    private int upperRow = -1;
    private int lowerRow = -1;

    /// <summary>Prepares the rows of one map.</summary>
    /// <param name="fromWidth">The map's width.</param>
    /// <param name="fromHeight">The map's height.</param>
    /// <param name="width">The new width, at least 1.</param>
    /// <param name="height">The new height, at least 1.</param>
    /// <param name="part">The part of the resized map whose rows are made; null makes all of it.</param>
    public BilinearRows(int fromWidth, int fromHeight, int width, int height, BoundingBox? part = null)
    {
        BoundingBox made = part ?? new BoundingBox(0, 0, width, height);
        this.fromWidth = fromWidth;
        columns = Resize.NeighborsOf(fromWidth, width, made.X..(made.X + made.Width));
        rows = Resize.NeighborsOf(fromHeight, height, made.Y..(made.Y + made.Height));
        upper = new float[made.Width];
        lower = new float[made.Width];
    }

    /// <summary>Makes a row; they cost least from the top down.</summary>
    /// <param name="map">fromHeight x fromWidth values, the same for every row.</param>
    /// <param name="y">The row of the part, from 0.</param>
    /// <param name="line">Receives its values.</param>
    public void Write(ReadOnlySpan<float> map, int y, Span<float> line)
    {
        Resize.Neighbors row = rows[y];
        if (lowerRow == row.First)
        {
            (upper, lower, upperRow, lowerRow) = (lower, upper, lowerRow, upperRow);
        }

        if (upperRow != row.First)
        {
            Interpolate(map.Slice(row.First * fromWidth, fromWidth), upper);
            upperRow = row.First;
        }

        if (lowerRow != row.Second)
        {
            Interpolate(map.Slice(row.Second * fromWidth, fromWidth), lower);
            lowerRow = row.Second;
        }

        Blend(upper, lower, row.Weight, line);
    }

    private void Interpolate(ReadOnlySpan<float> source, float[] target)
    {
        for (int x = 0; x < target.Length; x++)
        {
            Resize.Neighbors column = columns[x];
            float left = source[column.First];
            target[x] = left + ((source[column.Second] - left) * column.Weight);
        }
    }

    private static void Blend(ReadOnlySpan<float> upper, ReadOnlySpan<float> lower, float weight, Span<float> line)
    {
        int x = 0;
        ReadOnlySpan<Vector<float>> tops = MemoryMarshal.Cast<float, Vector<float>>(upper);
        ReadOnlySpan<Vector<float>> bottoms = MemoryMarshal.Cast<float, Vector<float>>(lower);
        Span<Vector<float>> lines = MemoryMarshal.Cast<float, Vector<float>>(line);
        for (int i = 0; i < lines.Length; i++, x += Vector<float>.Count)
        {
            lines[i] = tops[i] + ((bottoms[i] - tops[i]) * weight);
        }

        for (; x < line.Length; x++)
        {
            line[x] = upper[x] + ((lower[x] - upper[x]) * weight);
        }
    }
}
