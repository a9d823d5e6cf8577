namespace CMUNeXt.Imaging.Formats;

/// <summary>The row filters of PNG (section 9 of its specification): each byte less a prediction from its neighbours.</summary>
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
                for (int i = 0; i < row.Length; i++)
                {
                    row[i] += above[i];
                }

                break;
            case Average:
                for (int i = 0; i < row.Length; i++)
                {
                    row[i] += (byte)(((i < step ? 0 : row[i - step]) + above[i]) >> 1);
                }

                break;
            case Paeth:
                for (int i = 0; i < row.Length; i++)
                {
                    row[i] += i < step ? above[i] : Predict(row[i - step], above[i], above[i - step]);
                }

                break;
            default:
                throw new InvalidDataException($"a damaged PNG: row filter {filter}");
        }
    }

    /// <summary>Filters a row.</summary>
    /// <param name="filter">The filter's number.</param>
    /// <param name="row">The plain row.</param>
    /// <param name="above">The plain row above, zeros for the first.</param>
    /// <param name="step">The bytes of a pixel.</param>
    /// <param name="output">As long as the row.</param>
    public static void Do(byte filter, ReadOnlySpan<byte> row, ReadOnlySpan<byte> above, int step, Span<byte> output)
    {
        above = above[..row.Length];
        output = output[..row.Length];
        switch (filter)
        {
            case Sub:
                row[..Math.Min(step, row.Length)].CopyTo(output);
                for (int i = step; i < row.Length; i++)
                {
                    output[i] = (byte)(row[i] - row[i - step]);
                }

                break;
            case Up:
                for (int i = 0; i < row.Length; i++)
                {
                    output[i] = (byte)(row[i] - above[i]);
                }

                break;
            case Average:
                for (int i = 0; i < row.Length; i++)
                {
                    output[i] = (byte)(row[i] - (((i < step ? 0 : row[i - step]) + above[i]) >> 1));
                }

                break;
            case Paeth:
                for (int i = 0; i < row.Length; i++)
                {
                    output[i] = (byte)(row[i] - (i < step ? above[i] : Predict(row[i - step], above[i], above[i - step])));
                }

                break;
            default:
                row.CopyTo(output);
                break;
        }
    }

    private static byte Predict(byte left, byte above, byte aboveLeft)
    {
        int toLeft = Math.Abs(above - aboveLeft);
        int toAbove = Math.Abs(left - aboveLeft);
        int toAboveLeft = Math.Abs(left + above - (2 * aboveLeft));
        return toLeft <= toAbove && toLeft <= toAboveLeft ? left : toAbove <= toAboveLeft ? above : aboveLeft;
    }
}
