namespace CMUNeXt.Tests;

/// <summary>
/// Reproduces the inputs and the network weights of the reference values: they are not stored, both sides compute them from a hash
/// of the element's index (the reference folder's golden/README.md states it).
/// </summary>
internal static class Formula
{
    /// <summary>The input of a key: 2u - 1 in [-1, 1), row-major.</summary>
    public static float[] Input(int key, long count)
    {
        float[] values = new float[count];
        for (long i = 0; i < count; i++)
        {
            values[i] = (float)(2 * Uniform(i, key) - 1);
        }

        return values;
    }

    /// <summary>
    /// The values of a tensor of a state dict. Integer tensors other than <c>num_batches_tracked</c>, and Swin-Unet's
    /// <c>attn_mask</c>, are not filled by formula but keep what they are built with: do not ask for them.
    /// </summary>
    /// <param name="name">The tensor's name in the original state dict.</param>
    /// <param name="shape">Its dimensions; empty for a scalar.</param>
    /// <param name="place">Its place in the original state dict, from 0, integer tensors counted.</param>
    public static float[] Fill(string name, IReadOnlyList<int> shape, int place)
    {
        long count = 1;
        foreach (int size in shape)
        {
            count *= size;
        }

        float[] values = new float[count];
        if (name.EndsWith("num_batches_tracked", StringComparison.Ordinal))
        {
            return values;
        }

        Func<double, double> value = name switch
        {
            _ when name.EndsWith("running_var", StringComparison.Ordinal) => static u => 0.5 + u,
            _ when name.EndsWith("running_mean", StringComparison.Ordinal) => static u => (2 * u - 1) * 0.1,
            _ when shape.Count >= 2 => Scaled(Math.Sqrt(4.5 / ((double)count / shape[0]))),
            _ when name.EndsWith("weight", StringComparison.Ordinal) => static u => 0.5 + u,
            _ => static u => (2 * u - 1) * 0.1,
        };
        for (long i = 0; i < count; i++)
        {
            values[i] = (float)value(Uniform(i, place));
        }

        return values;
    }

    private static Func<double, double> Scaled(double bound) => u => (2 * u - 1) * bound;

    private static double Uniform(long index, int key)
    {
        uint h = unchecked((uint)index * 2654435761u + (uint)key * 40503u + 12345u);
        h = unchecked((h ^ (h >> 16)) * 0x85ebca6bu);
        h = unchecked((h ^ (h >> 13)) * 0xc2b2ae35u);
        h ^= h >> 16;
        return (h >> 8) / 16777216.0;
    }
}
