using System.Numerics;
using System.Runtime.InteropServices;

namespace CMUNeXt.Imaging;

/// <summary>
/// How much of an image is speckled, and how much its neighboring pixels have in common: judged on a copy of the usual size of a network's
/// input. The copy, its local means and its local variances are made row by row, and only the rows that are still needed are kept: they
/// stay in the nearest cache.
/// </summary>
internal static class Texture
{
    /// <summary>The side of the copy.</summary>
    private const int Side = 256;

    private const int Radius = 3;
    private const double LeastBrightness = 15;
    private const double SpeckleContrast = 0.06;

    /// <summary>
    /// The part of what is not dark in which the local standard deviation is at least 6 % of the local mean, and the correlation of what
    /// neighboring pixels differ from their local mean by.
    /// </summary>
    /// <param name="gray">height x width values.</param>
    /// <param name="width">The image's width, at least 1.</param>
    /// <param name="height">Its height, at least 1.</param>
    public static (double Speckle, double Correlation) Of(ReadOnlySpan<byte> gray, int width, int height)
    {
        BlockMeans blocks = new(width, height, Side);
        Window values = new();
        Window squares = new();
        RowRing means = new();
        double[] residuals = new double[Side];
        double[] variances = new double[Side];
        (double products, double sum, long bright, long speckled) = (0, 0, 0, 0);
        for (int y = -Radius; y < Side + Radius; y++)
        {
            if (y + Radius < Side)
            {
                blocks.Write(gray, y + Radius, values.Row(y + Radius));
            }

            if (y < Side && values.MoveTo(y, means[y]))
            {
                Subtract(values.Row(y), means[y], residuals, squares.Row(y));
                products += Dot(residuals.AsSpan(1), residuals);
                sum += Dot(residuals, residuals);
            }

            int behind = y - Radius;
            if (behind >= -Radius && squares.MoveTo(behind, variances))
            {
                Count(means[behind], variances, ref bright, ref speckled);
            }
        }

        return (bright == 0 ? 0 : (double)speckled / bright, sum > 0 ? products / sum : 0);
    }

    private static void Count(ReadOnlySpan<double> means, ReadOnlySpan<double> variances, ref long bright, ref long speckled)
    {
        ReadOnlySpan<Vector<double>> meanVectors = MemoryMarshal.Cast<double, Vector<double>>(means);
        ReadOnlySpan<Vector<double>> varianceVectors = MemoryMarshal.Cast<double, Vector<double>>(variances);
        Vector<long> brightCounts = Vector<long>.Zero;
        Vector<long> speckledCounts = Vector<long>.Zero;
        for (int i = 0; i < meanVectors.Length; i++)
        {
            Vector<double> contrast = SpeckleContrast * meanVectors[i];
            Vector<long> isBright = Vector.GreaterThan(meanVectors[i], new Vector<double>(LeastBrightness));
            brightCounts -= isBright;
            speckledCounts -= isBright & Vector.GreaterThan(varianceVectors[i], contrast * contrast);
        }

        bright += Vector.Sum(brightCounts);
        speckled += Vector.Sum(speckledCounts);
    }

    // What is left of values without their means, and its squares.
    private static void Subtract(ReadOnlySpan<double> values, ReadOnlySpan<double> means, Span<double> residuals, Span<double> squares)
    {
        ReadOnlySpan<Vector<double>> valueVectors = MemoryMarshal.Cast<double, Vector<double>>(values);
        ReadOnlySpan<Vector<double>> meanVectors = MemoryMarshal.Cast<double, Vector<double>>(means);
        Span<Vector<double>> residualVectors = MemoryMarshal.Cast<double, Vector<double>>(residuals);
        Span<Vector<double>> squareVectors = MemoryMarshal.Cast<double, Vector<double>>(squares);
        for (int i = 0; i < valueVectors.Length; i++)
        {
            Vector<double> residual = valueVectors[i] - meanVectors[i];
            residualVectors[i] = residual;
            squareVectors[i] = residual * residual;
        }
    }

    // As long as the first.
    private static double Dot(ReadOnlySpan<double> first, ReadOnlySpan<double> second)
    {
        Vector<double> sums = Vector<double>.Zero;
        int i = 0;
        for (; i <= first.Length - Vector<double>.Count; i += Vector<double>.Count)
        {
            sums += new Vector<double>(first[i..]) * new Vector<double>(second[i..]);
        }

        double sum = Vector.Sum(sums);
        for (; i < first.Length; i++)
        {
            sum += first[i] * second[i];
        }

        return sum;
    }

    // The last rows: those that a window adds and takes away, and all between them.
    private sealed class RowRing
    {
        private const int Rows = 2 * (Radius + 1);

        private readonly double[] values = new double[Rows * Side];

        // From a row of the margin on.
        public Span<double> this[int y] => values.AsSpan((y + Rows) % Rows * Side, Side);
    }

    // A mean filter that is cut off at the borders: the sums of columns over some rows, and of some of these, with zeros at both ends.
    private sealed class Window
    {
        private static readonly double[] Across = [.. Enumerable.Range(0, Side).Select(x => (double)Covered(x))];

        private readonly RowRing rows = new();
        private readonly double[] columns = new double[Radius + Side + Radius];

        public Span<double> Row(int y) => rows[y];

        // From the row before. False above the first.
        public bool MoveTo(int y, Span<double> means)
        {
            if (y + Radius < Side)
            {
                Accumulate(columns.AsSpan(Radius), rows[y + Radius], 1);
            }

            if (y - Radius - 1 >= 0)
            {
                Accumulate(columns.AsSpan(Radius), rows[y - Radius - 1], -1);
            }

            for (int x = 0; y >= 0 && x < Side; x += Vector<double>.Count)
            {
                Vector<double> sum = Vector<double>.Zero;
                for (int shift = 0; shift <= 2 * Radius; shift++)
                {
                    sum += Vector.LoadUnsafe(ref columns[0], (nuint)(x + shift));
                }

                (sum / (Covered(y) * new Vector<double>(Across, x))).CopyTo(means[x..]);
            }

            return y >= 0;
        }

        private static void Accumulate(Span<double> columns, ReadOnlySpan<double> row, double sign)
        {
            for (int x = 0; x < row.Length; x += Vector<double>.Count)
            {
                (new Vector<double>(columns[x..]) + (new Vector<double>(row[x..]) * sign)).CopyTo(columns[x..]);
            }
        }

        private static int Covered(int place) => Math.Min(Side, place + Radius + 1) - Math.Max(0, place - Radius);
    }
}
