using System.Numerics;
using System.Runtime.CompilerServices;

namespace CMUNeXt.Imaging.Formats;

/// <summary>The row filters of PNG (section 9 of its specification): each byte less a prediction from its neighbors.</summary>
internal static class PngFilter
{
    public const byte None = 0;
    public const byte Sub = 1;
    public const byte Up = 2;
    public const byte Average = 3;
    public const byte Paeth = 4;

    /// <summary>Undoes the filters of rows in place.</summary>
    /// <param name="rows">
    /// Rows of <paramref name="stride"/> bytes, before each its filter's number; the first is the plain one above, zeros where there is
    /// none.
    /// </param>
    /// <param name="stride">The bytes of a row, the number included.</param>
    /// <param name="step">The bytes of a pixel, at least 1.</param>
    /// <exception cref="InvalidDataException">There is no such filter.</exception>
    public static void Undo(Span<byte> rows, int stride, int step)
    {
        for (int start = stride; start < rows.Length; start += stride)
        {
            byte filter = rows[start];
            ReadOnlySpan<byte> above = rows.Slice(start - stride + 1, stride - 1);
            Span<byte> row = rows.Slice(start + 1, stride - 1);
            int next = start + stride;
            if (step == 1 && filter == Paeth && next < rows.Length && rows[next] == Paeth)
            {
                UndoPaeth(row, rows.Slice(next + 1, stride - 1), above);
                start = next;
            }
            else
            {
                Undo(filter, row, above, step);
            }
        }
    }

    /// <summary>Undoes a filter in place.</summary>
    /// <param name="filter">The filter's number.</param>
    /// <param name="row">The filtered row, which becomes the plain one.</param>
    /// <param name="above">The plain row above, zeros for the first.</param>
    /// <param name="step">The bytes of a pixel, at least 1.</param>
    /// <exception cref="InvalidDataException">There is no such filter.</exception>
    public static void Undo(byte filter, Span<byte> row, ReadOnlySpan<byte> above, int step)
    {
        above = above[..row.Length];
        switch (filter)
        {
            case None:
                break;
            case Sub:
                for (int i = step; i < row.Length; i++)
                {
                    row[i] += row[i - step];
                }

                break;
            case Up:
                UndoUp(row, above);
                break;
            case Average:
                for (int i = 0; i < row.Length; i++)
                {
                    row[i] += (byte)(((i < step ? 0 : row[i - step]) + above[i]) >> 1);
                }

                break;
            case Paeth:
                UndoUp(row[..Math.Min(step, row.Length)], above);
                UndoPaeth(row, above, step);
                break;
            default:
                throw new InvalidDataException($"a damaged PNG: row filter {filter}");
        }
    }

    /// <summary>Filters a row by <see cref="Sub"/>.</summary>
    /// <param name="row">The plain row.</param>
    /// <param name="step">The bytes of a pixel.</param>
    /// <param name="output">As long as the row.</param>
    public static void DoSub(ReadOnlySpan<byte> row, int step, Span<byte> output)
    {
        row[..step].CopyTo(output);
        ReadOnlySpan<byte> left = row[..^step];
        row = row[step..];
        output = output[step..];
        int i = 0;
        for (; i <= row.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            (new Vector<byte>(row[i..]) - new Vector<byte>(left[i..])).CopyTo(output[i..]);
        }

        for (; i < row.Length; i++)
        {
            output[i] = (byte)(row[i] - left[i]);
        }
    }

    private static void UndoPaeth(Span<byte> row, ReadOnlySpan<byte> above, int step)
    {
        if (step > 1)
        {
            for (int i = step; i < row.Length; i++)
            {
                row[i] += (byte)Predict(row[i - step], above[i], above[i - step]);
            }

            return;
        }

        // Each byte waits for the one before it, which is not to go through memory.
        int left = row[0];
        int aboveLeft = above[0];
        for (int i = 1; i < row.Length; i++)
        {
            int up = above[i];
            left = (byte)(row[i] + Predict(left, up, aboveLeft));
            row[i] = (byte)left;
            aboveLeft = up;
        }
    }

    // Each byte waits for the one before it; meanwhile the row below is undone, one pixel behind.
    private static void UndoPaeth(Span<byte> row, Span<byte> below, ReadOnlySpan<byte> above)
    {
        above = above[..row.Length];
        below = below[..row.Length];
        int aboveLeft = above[0];
        int left = row[0] = (byte)(row[0] + aboveLeft);
        int leftBefore = 0;
        int belowLeft = 0;
        for (int i = 1; i < row.Length; i++)
        {
            int up = above[i];
            int own = (byte)(row[i] + Predict(left, up, aboveLeft));
            belowLeft = (byte)(below[i - 1] + Predict(belowLeft, left, leftBefore));
            row[i] = (byte)own;
            below[i - 1] = (byte)belowLeft;
            (aboveLeft, leftBefore, left) = (up, left, own);
        }

        below[^1] += (byte)Predict(belowLeft, left, leftBefore);
    }

    private static void UndoUp(Span<byte> row, ReadOnlySpan<byte> above)
    {
        int i = 0;
        for (; i <= row.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            (new Vector<byte>(row[i..]) + new Vector<byte>(above[i..])).CopyTo(row[i..]);
        }

        for (; i < row.Length; i++)
        {
            row[i] += above[i];
        }
    }

    // The specification's choice without its branches, which noise would make a guess of: a shift by 31 tells whether a number is
    // negative. With aboveLeft above two thirds of the way from
    // the smaller to the larger of the others, left + above - aboveLeft lies nearest to the smaller; below one third, to the larger;
    // between them, to aboveLeft.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Predict(int left, int above, int aboveLeft)
    {
        int difference = left - above;
        int negative = difference & (difference >> 31);
        int smaller = above + negative;
        int larger = left - negative;
        int place = (3 * aboveLeft) - (left + above);
        int nearest = smaller ^ ((smaller ^ aboveLeft) & ((place - larger) >> 31));
        return larger ^ ((larger ^ nearest) & ((smaller - place) >> 31));
    }
}
