using CMUNeXt.Images;
using CMUNeXt.Imaging;

namespace CMUNeXt.Training.Data;

/// <summary>
/// A small gray copy of an image of which only the local structure is kept: block means, less their local mean, over their local
/// standard deviation. Brightness, contrast and a depth gain so have no say, and a burnt-in caliper as little as any bright speckle.
/// </summary>
internal sealed class Thumbnail
{
    /// <summary>The radius of the local mean and standard deviation, in blocks.</summary>
    private const int Radius = 2;

    /// <summary>Blocks whose surroundings vary less than this part of the whole do not get louder than that.</summary>
    private const double Floor = 0.25;

    private Thumbnail(int rows, int columns, double[] values)
    {
        Rows = rows;
        Columns = columns;
        Values = values;
    }

    /// <summary>The rows, as asked for.</summary>
    public int Rows { get; }

    /// <summary>The columns: as many as keep the image's shape, and from half of to twice the rows.</summary>
    public int Columns { get; }

    /// <summary>Rows x columns values of mean near 0 and standard deviation near 1.</summary>
    public double[] Values { get; }

    /// <summary>Shrinks an image.</summary>
    /// <param name="gray">The image, one channel.</param>
    /// <param name="rows">The rows of the copy.</param>
    public static Thumbnail Of(Image gray, int rows)
    {
        int columns = Math.Clamp((int)Math.Round((double)rows * gray.Width / gray.Height), rows / 2, 2 * rows);
        double[] values = BlockMeans(gray, rows, columns);
        double[] means = LocalMeans(values, rows, columns);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] -= means[i];
        }

        double[] squares = [.. values.Select(v => v * v)];
        double[] variances = LocalMeans(squares, rows, columns);
        double floor = Math.Max(Floor * Floor * squares.Average(), 1e-6);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] /= Math.Sqrt(variances[i] + floor);
        }

        return new Thumbnail(rows, columns, values);
    }

    /// <summary>The same without what others have too.</summary>
    /// <param name="shared">Rows x columns values.</param>
    public Thumbnail Without(double[] shared) => new(Rows, Columns, [.. Values.Zip(shared, (value, mean) => value - mean)]);

    private static double[] BlockMeans(Image gray, int rows, int columns)
    {
        double[] means = new double[rows * columns];
        for (int r = 0; r < rows; r++)
        {
            (int top, int bottom) = Block(r, rows, gray.Height);
            for (int c = 0; c < columns; c++)
            {
                (int left, int right) = Block(c, columns, gray.Width);
                long sum = 0;
                for (int y = top; y < bottom; y++)
                {
                    foreach (byte value in gray.Pixels.AsSpan((y * gray.Width) + left, right - left))
                    {
                        sum += value;
                    }
                }

                means[(r * columns) + c] = (double)sum / ((bottom - top) * (right - left));
            }
        }

        return means;
    }

    private static (int Begin, int End) Block(int index, int count, int length)
    {
        int begin = (int)((long)index * length / count);
        return (begin, Math.Max(begin + 1, (int)((index + 1L) * length / count)));
    }

    // Means over squares of 2 x radius + 1, cut off at the borders.
    private static double[] LocalMeans(double[] values, int rows, int columns)
    {
        SummedArea sums = new(values, rows, columns);
        double[] means = new double[values.Length];
        for (int r = 0; r < rows; r++)
        {
            int top = Math.Max(0, r - Radius);
            int bottom = Math.Min(rows, r + Radius + 1);
            for (int c = 0; c < columns; c++)
            {
                int left = Math.Max(0, c - Radius);
                int right = Math.Min(columns, c + Radius + 1);
                means[(r * columns) + c] = sums.Of(top, left, bottom, right) / ((bottom - top) * (right - left));
            }
        }

        return means;
    }
}
