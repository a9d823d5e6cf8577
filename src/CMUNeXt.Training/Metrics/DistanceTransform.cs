namespace CMUNeXt.Training.Metrics;

/// <summary>
/// The exact squared Euclidean distance of every pixel to the nearest source pixel, in O(pixels) and in whole numbers: first along the
/// columns, then along each row by the lower envelope of parabolas (Meijster, Roerdink and Hesselink, "A general algorithm for
/// computing distance transforms in linear time", 2000). Rows are computed one at a time, as they are asked for.
/// </summary>
internal sealed class DistanceTransform
{
    private readonly int width;
    private readonly int[] vertical;
    private readonly int[] apex;
    private readonly int[] from;

    /// <summary>Takes the sources and measures along the columns.</summary>
    /// <param name="sources">height x width; true for a source. At least one is true.</param>
    /// <param name="width">Width in pixels.</param>
    public DistanceTransform(ReadOnlySpan<bool> sources, int width)
    {
        this.width = width;
        vertical = new int[sources.Length];
        apex = new int[width];
        from = new int[width];

        // Larger than any distance within the image, so that a column without a source never wins against one with.
        int none = width + sources.Length / width;
        for (int i = 0; i < sources.Length; i++)
        {
            int above = i < width ? none : vertical[i - width];
            vertical[i] = sources[i] ? 0 : Math.Min(none, above + 1);
        }

        for (int i = sources.Length - width - 1; i >= 0; i--)
        {
            vertical[i] = Math.Min(vertical[i], vertical[i + width] + 1);
        }
    }

    /// <summary>Computes one row.</summary>
    /// <param name="y">The row.</param>
    /// <param name="squared">Receives the squared distance of each of the row's pixels.</param>
    public void Row(int y, Span<long> squared)
    {
        ReadOnlySpan<int> g = vertical.AsSpan(y * width, width);
        int last = 0;
        apex[0] = 0;
        for (int x = 1; x < width; x++)
        {
            while (last >= 0 && Parabola(g, from[last], apex[last]) > Parabola(g, from[last], x))
            {
                last--;
            }

            if (last < 0)
            {
                last = 0;
                apex[0] = x;
                continue;
            }

            long start = 1 + Intersection(g, apex[last], x);
            if (start < width)
            {
                last++;
                apex[last] = x;
                from[last] = (int)start;
            }
        }

        for (int x = width - 1; x >= 0; x--)
        {
            squared[x] = Parabola(g, x, apex[last]);
            if (x == from[last])
            {
                last--;
            }
        }
    }

    private static long Parabola(ReadOnlySpan<int> g, int x, int apex) => (long)(x - apex) * (x - apex) + (long)g[apex] * g[apex];

    /// <summary>The last x at which the parabola of the left apex is not above that of the right one; there is one at or after 0.</summary>
    private static long Intersection(ReadOnlySpan<int> g, int left, int right) =>
        ((long)right * right - (long)left * left + (long)g[right] * g[right] - (long)g[left] * g[left]) / (2L * (right - left));
}
