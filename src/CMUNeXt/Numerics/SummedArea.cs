namespace CMUNeXt.Numerics;

/// <summary>Sums over any rectangle of a grid of values, each from four look-ups (a summed-area table).</summary>
internal sealed class SummedArea
{
    private readonly double[] table;
    private readonly int stride;

    /// <summary>Sums up a grid.</summary>
    public SummedArea(ReadOnlySpan<double> values, int rows, int columns)
    {
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

    /// <summary>The sum over a rectangle; bottom and right are the first row and column outside of it.</summary>
    public double Of(int top, int left, int bottom, int right) =>
        table[(bottom * stride) + right] - table[(top * stride) + right] - table[(bottom * stride) + left] + table[(top * stride) + left];
}
