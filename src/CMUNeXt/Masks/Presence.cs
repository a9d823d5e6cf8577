using System.Numerics;
using System.Runtime.InteropServices;

namespace CMUNeXt.Masks;

/// <summary>
/// How much in an image speaks for a lesion, from the network's own logits: their log-mean-exp after a mean filter of about a thirtieth of
/// the image's side, so between their mean and their maximum, where a single pixel counts for little and a small lesion for much.
/// </summary>
internal static class Presence
{
    /// <summary>The score of an image, in logits; the higher, the surer is a lesion.</summary>
    /// <param name="logits">outputs x height x width values.</param>
    /// <param name="outputs">1, or the number of classes and the background; then any class against the background counts.</param>
    /// <param name="width">The width of the logits.</param>
    /// <param name="height">The height of the logits.</param>
    /// <param name="part">The part of them that shows the image; null where all does.</param>
    public static double Score(ReadOnlySpan<float> logits, int outputs, int width, int height, BoundingBox? part = null)
    {
        int radius = Radius(width, height);
        return part is { } shown && (shown.Width, shown.Height) != (width, height)
            ? Score(Cut(logits, outputs, width, height, shown), outputs, shown.Width, shown.Height, radius)
            : Score(logits, outputs, width, height, radius);
    }

    private static double Score(ReadOnlySpan<float> logits, int outputs, int width, int height, int radius)
    {
        double[] columns = new double[width];
        double[] row = new double[width];
        double[] means = new double[width];
        double largest = double.NegativeInfinity;
        double sum = 0;
        int added = 0;
        for (int y = 0; y < height; y++)
        {
            // The sums of the columns over the rows from y - radius to y + radius, cut off at the borders.
            for (; added < Math.Min(height, y + radius + 1); added++)
            {
                Accumulate(logits, outputs, width, height, added, 1, columns, row);
            }

            if (y - radius - 1 >= 0)
            {
                Accumulate(logits, outputs, width, height, y - radius - 1, -1, columns, row);
            }

            int rows = added - Math.Max(0, y - radius);
            double window = 0;
            double most = largest;
            for (int x = 0; x < Math.Min(radius, width); x++)
            {
                window += columns[x];
            }

            for (int x = 0; x < width; x++)
            {
                window += x + radius < width ? columns[x + radius] : 0;
                window -= x - radius - 1 >= 0 ? columns[x - radius - 1] : 0;
                means[x] = window / (rows * (Math.Min(width, x + radius + 1) - Math.Max(0, x - radius)));
                most = means[x] > most ? means[x] : most;
            }

            sum = (sum * Math.Exp(largest - most)) + SumOfExponentials(means, most);
            largest = most;
        }

        return largest + Math.Log(sum / ((double)width * height));
    }

    /// <summary>The radius of the mean filter: 4 at 256 x 256, so 9 x 9 pixels.</summary>
    public static int Radius(int width, int height) => Math.Max(1, (int)Math.Round(Math.Min(width, height) / 64.0));

    private static float[] Cut(ReadOnlySpan<float> logits, int outputs, int width, int height, BoundingBox part)
    {
        float[] cut = new float[outputs * part.Height * part.Width];
        for (int i = 0; i < outputs * part.Height; i++)
        {
            (int output, int y) = Math.DivRem(i, part.Height);
            logits.Slice((((output * height) + part.Y + y) * width) + part.X, part.Width).CopyTo(cut.AsSpan(i * part.Width));
        }

        return cut;
    }

    private static double SumOfExponentials(ReadOnlySpan<double> values, double less)
    {
        ReadOnlySpan<Vector<double>> vectors = MemoryMarshal.Cast<double, Vector<double>>(values);
        Vector<double> sums = Vector<double>.Zero;
        foreach (Vector<double> vector in vectors)
        {
            sums += Vector.Exp(vector - new Vector<double>(less));
        }

        double sum = Vector.Sum(sums);
        foreach (double value in values[(vectors.Length * Vector<double>.Count)..])
        {
            sum += Math.Exp(value - less);
        }

        return sum;
    }

    private static void Accumulate(
        ReadOnlySpan<float> logits, int outputs, int width, int height, int y, int sign, Span<double> columns, Span<double> row)
    {
        Row(logits, outputs, width, height, y, row);
        for (int x = 0; x < width; x++)
        {
            columns[x] += sign * row[x];
        }
    }

    // With several classes the logit of "no background": log-sum-exp of the classes less the background's.
    private static void Row(ReadOnlySpan<float> logits, int outputs, int width, int height, int y, Span<double> row)
    {
        for (int x = 0; x < width; x++)
        {
            double first = logits[(y * width) + x];
            if (outputs == 1)
            {
                row[x] = first;
                continue;
            }

            double largest = double.NegativeInfinity;
            for (int c = 1; c < outputs; c++)
            {
                largest = Math.Max(largest, logits[(((c * height) + y) * width) + x]);
            }

            double sum = 0;
            for (int c = 1; c < outputs; c++)
            {
                sum += Math.Exp(logits[(((c * height) + y) * width) + x] - largest);
            }

            row[x] = largest + Math.Log(sum) - first;
        }
    }
}
