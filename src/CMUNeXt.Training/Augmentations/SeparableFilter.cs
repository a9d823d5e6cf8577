using System.Numerics.Tensors;

namespace CMUNeXt.Training.Augmentations;

/// <summary>Weighs each value with its neighbors along rows, then along columns; beyond the borders lies the border's own value.</summary>
internal static class SeparableFilter
{
    /// <summary>Filters a plane in place.</summary>
    /// <param name="plane">height x width values.</param>
    /// <param name="width">The plane's width.</param>
    /// <param name="height">The plane's height.</param>
    /// <param name="weights">An odd number of weights, the middle one the value's own.</param>
    public static void Apply(float[] plane, int width, int height, ReadOnlySpan<float> weights)
    {
        int radius = weights.Length / 2;
        float[] padded = new float[width + (2 * radius)];
        float[] rows = new float[plane.Length];
        for (int y = 0; y < height; y++)
        {
            Span<float> row = plane.AsSpan(y * width, width);
            padded.AsSpan(0, radius).Fill(row[0]);
            row.CopyTo(padded.AsSpan(radius));
            padded.AsSpan(radius + width).Fill(row[^1]);
            Span<float> sum = rows.AsSpan(y * width, width);
            for (int k = 0; k < weights.Length; k++)
            {
                TensorPrimitives.MultiplyAdd(padded.AsSpan(k, width), weights[k], sum, sum);
            }
        }

        Array.Clear(plane);
        for (int y = 0; y < height; y++)
        {
            Span<float> sum = plane.AsSpan(y * width, width);
            for (int k = 0; k < weights.Length; k++)
            {
                int from = Math.Clamp(y + k - radius, 0, height - 1);
                TensorPrimitives.MultiplyAdd(rows.AsSpan(from * width, width), weights[k], sum, sum);
            }
        }
    }
}
