using CMUNeXt.Masks;
using CMUNeXt.Training.Resampling;

namespace CMUNeXt.Training.Metrics;

/// <summary>
/// How far the borders of reference and prediction lie apart, in pixels, from pixel center to pixel center. The border of an object is
/// every pixel of it with one of its four neighbors outside the object; beyond the image's edge is outside. Both are
/// <see cref="double.NaN"/> where either mask is empty.
/// </summary>
/// <param name="Hd95">
/// The larger of the two directed 95th percentiles of the distances from one border to the other, interpolated linearly.
/// </param>
/// <param name="Assd">
/// The average symmetric surface distance: the mean of all distances from either border to the other, pooled over both borders.
/// </param>
public readonly record struct SurfaceDistances(double Hd95, double Assd)
{
    private const double Part = 0.95;

    /// <summary>Measures one class. The work is confined to the box around both objects.</summary>
    /// <param name="reference">The reference mask.</param>
    /// <param name="prediction">The mask to judge, of the same size.</param>
    /// <param name="label">The class's index; every other index is background to it.</param>
    /// <exception cref="ArgumentException">The masks differ in size.</exception>
    public static SurfaceDistances Of(Mask reference, Mask prediction, byte label = 1)
    {
        Confusion.RequireEqualSizes(reference, prediction);
        BoundingBox? referenceBox = BoundingBox.Of(reference, label);
        BoundingBox? predictedBox = BoundingBox.Of(prediction, label);
        if (referenceBox is null || predictedBox is null)
        {
            return new SurfaceDistances(double.NaN, double.NaN);
        }

        BoundingBox box = referenceBox.Value.Union(predictedBox.Value);
        bool[] referenceBorder = Border(reference, label, box);
        bool[] predictedBorder = Border(prediction, label, box);
        double[] toPrediction = Distances(referenceBorder, predictedBorder, box);
        double[] toReference = Distances(predictedBorder, referenceBorder, box);
        return new SurfaceDistances(
            Math.Max(Percentile.Of(toPrediction, Part), Percentile.Of(toReference, Part)),
            (toPrediction.Sum() + toReference.Sum()) / (toPrediction.Length + toReference.Length));
    }

    private static bool[] Border(Mask mask, byte label, BoundingBox box)
    {
        int width = mask.Width;
        byte[] pixels = mask.Pixels;
        bool[] border = new bool[box.Width * box.Height];
        for (int y = box.Y; y < box.Y + box.Height; y++)
        {
            for (int x = box.X; x < box.X + box.Width; x++)
            {
                int i = y * width + x;
                border[(y - box.Y) * box.Width + x - box.X] = pixels[i] == label
                    && (x == 0 || y == 0 || x == width - 1 || y == mask.Height - 1
                        || pixels[i - 1] != label || pixels[i + 1] != label || pixels[i - width] != label || pixels[i + width] != label);
            }
        }

        return border;
    }

    /// <summary>The distances from the pixels of one border to the nearest pixel of the other, ascending.</summary>
    private static double[] Distances(bool[] from, bool[] to, BoundingBox box)
    {
        DistanceTransform transform = new(to, box.Width);
        double[] distances = new double[from.AsSpan().Count(true)];
        long[] row = new long[box.Width];
        int count = 0;
        for (int y = 0; y < box.Height; y++)
        {
            ReadOnlySpan<bool> line = from.AsSpan(y * box.Width, box.Width);
            if (!line.Contains(true))
            {
                continue;
            }

            transform.Row(y, row);
            for (int x = 0; x < line.Length; x++)
            {
                if (line[x])
                {
                    distances[count++] = Math.Sqrt(row[x]);
                }
            }
        }

        Array.Sort(distances);
        return distances;
    }
}
