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
