namespace CMUNeXt.Imaging;

/// <summary>Sums over any rectangle of a grid of values, each from four look-ups (a summed-area table).</summary>
public sealed class SummedArea
{
    private readonly double[] table;
    private readonly int stride;

    /// <summary>Sums up a grid.</summary>
    /// <param name="values">rows x columns values.</param>
    /// <param name="rows">The number of rows, at least 0.</param>
    /// <param name="columns">The number of columns, at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than 0 rows or columns.</exception>
    /// <exception cref="ArgumentException">There are not as many values.</exception>
    public SummedArea(ReadOnlySpan<double> values, int rows, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(columns);
        if (values.Length != (long)rows * columns)
        {
            throw new ArgumentException($"{rows} x {columns} values are wanted, not {values.Length}.", nameof(values));
        }

        stride = columns + 1;
        table = new double[(rows + 1) * stride];
        for (int r = 0; r < rows; r++)
        {
            double sum = 0;
            for (int c = 0; c < columns; c++)
            {
                sum += values[(r * columns) + c];
                table[((r + 1) * stride) + c + 1] = table[(r * stride) + c + 1] + sum;
            }
        }
    }

    /// <summary>The sum over a rectangle within the grid.</summary>
    /// <param name="top">Its first row.</param>
    /// <param name="left">Its first column.</param>
    /// <param name="bottom">The first row below it.</param>
    /// <param name="right">The first column to the right of it.</param>
    public double Of(int top, int left, int bottom, int right) =>
        table[(bottom * stride) + right] - table[(top * stride) + right] - table[(bottom * stride) + left] + table[(top * stride) + left];
}
