using System.Numerics;
using System.Runtime.InteropServices;
using CMUNeXt.Imaging;

namespace CMUNeXt.Training.Data;

/// <summary>
/// A thumbnail laid out so that its correlation with another one, shifted against it in any direction, is one dot product: each row is
/// followed by as many zeros as it has columns at most, so a row that is shifted sideways meets zeros and never the next row.
/// </summary>
internal sealed class ShiftedCorrelation
{
    private readonly int rows;
    private readonly int columns;
    private readonly int stride;
    private readonly float[] padded;
    private readonly SummedArea energy;

    /// <summary>Lays a thumbnail out.</summary>
    public ShiftedCorrelation(Thumbnail thumbnail)
    {
        rows = thumbnail.Rows;
        columns = thumbnail.Columns;
        stride = 4 * rows;
        padded = new float[rows * stride];
        for (int i = 0; i < thumbnail.Values.Length; i++)
        {
            padded[(i / columns * stride) + (i % columns)] = (float)thumbnail.Values[i];
        }

        energy = new SummedArea([.. thumbnail.Values.Select(v => v * v)], rows, columns);
    }

    /// <summary>The best correlation over all shifts with which at least half of the smaller thumbnail meets the other.</summary>
    /// <param name="other">A thumbnail of as many rows.</param>
    public ShiftedMatch Best(ShiftedCorrelation other)
    {
        int least = Math.Min(columns, other.columns) / 2;
        return Best(other, -rows / 2, rows / 2, least - columns, other.columns - least);
    }

    /// <summary>The best correlation within some blocks of a shift.</summary>
    /// <param name="other">A thumbnail of as many rows.</param>
    /// <param name="row">The rows that it is shifted down by.</param>
    /// <param name="column">The columns that it is shifted to the right by.</param>
    /// <param name="reach">How far to look around, in blocks.</param>
    public ShiftedMatch BestNear(ShiftedCorrelation other, int row, int column, int reach) =>
        Best(other, row - reach, row + reach, column - reach, column + reach);

    private ShiftedMatch Best(ShiftedCorrelation other, int firstRow, int lastRow, int firstColumn, int lastColumn)
    {
        ShiftedMatch best = new(0, 0, 0);
        for (int row = firstRow; row <= lastRow; row++)
        {
            for (int column = firstColumn; column <= lastColumn; column++)
            {
                double value = At(other, row, column);
                if (value > best.Correlation)
                {
                    best = new ShiftedMatch(value, row, column);
                }
            }
        }

        return best;
    }

    // The block (r, c) of this one meets (r + row, c + column) of the other.
    private double At(ShiftedCorrelation other, int row, int column)
    {
        int top = Math.Max(0, -row);
        int bottom = Math.Min(rows, rows - row);
        int left = Math.Max(0, -column);
        int right = Math.Min(columns, other.columns - column);
        if (bottom <= top || right <= left || 2 * (bottom - top) * (right - left) < rows * Math.Min(columns, other.columns))
        {
            return 0;
        }

        double energies = energy.Of(top, left, bottom, right) * other.energy.Of(top + row, left + column, bottom + row, right + column);
        int offset = (row * stride) + column;
        int begin = Math.Max(0, -offset);
        int length = padded.Length - Math.Abs(offset);
        double dot = Dot(padded.AsSpan(begin, length), other.padded.AsSpan(begin + offset, length));
        return energies > 0 ? dot / Math.Sqrt(energies) : 0;
    }

    private static double Dot(ReadOnlySpan<float> one, ReadOnlySpan<float> other)
    {
        // Four sums, since each addition waits for the one before it.
        ReadOnlySpan<Vector<float>> ones = MemoryMarshal.Cast<float, Vector<float>>(one);
        ReadOnlySpan<Vector<float>> others = MemoryMarshal.Cast<float, Vector<float>>(other);
        (Vector<float> first, Vector<float> second) = (Vector<float>.Zero, Vector<float>.Zero);
        (Vector<float> third, Vector<float> fourth) = (Vector<float>.Zero, Vector<float>.Zero);
        int i = 0;
        for (; i <= ones.Length - 4; i += 4)
        {
            first += ones[i] * others[i];
            second += ones[i + 1] * others[i + 1];
            third += ones[i + 2] * others[i + 2];
            fourth += ones[i + 3] * others[i + 3];
        }

        for (; i < ones.Length; i++)
        {
            first += ones[i] * others[i];
        }

        double sum = Vector.Sum(first + second + (third + fourth));
        for (i *= Vector<float>.Count; i < one.Length; i++)
        {
            sum += one[i] * other[i];
        }

        return sum;
    }
}

/// <summary>Where two thumbnails agree best.</summary>
/// <param name="Correlation">The normalized correlation of what meets, from 0 to 1.</param>
/// <param name="Row">The rows that the other is shifted down by.</param>
/// <param name="Column">The columns that the other is shifted to the right by.</param>
internal readonly record struct ShiftedMatch(double Correlation, int Row, int Column);
