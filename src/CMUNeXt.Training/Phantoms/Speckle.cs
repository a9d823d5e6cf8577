namespace CMUNeXt.Training.Phantoms;

/// <summary>
/// Fully developed speckle: random scatterers seen through a blur. The sum of many of them is a complex Gaussian at every point, so
/// its magnitude is Rayleigh-distributed and correlated over the blur's width (Wagner et al., 1983).
/// </summary>
internal static class Speckle
{
    /// <summary>Turns amplitudes into the envelope of the echo.</summary>
    /// <param name="amplitudes">
    /// height x width amplitudes; overwritten by the envelope, whose mean square is that of the amplitudes.
    /// </param>
    /// <param name="width">Width in pixels.</param>
    /// <param name="random">Where the scatterers come from.</param>
    /// <param name="lateral">The blur's standard deviation across, in pixels.</param>
    /// <param name="axial">The blur's standard deviation in depth, in pixels.</param>
    public static void Apply(float[] amplitudes, int width, PhantomRandom random, double lateral, double axial)
    {
        float[] real = new float[amplitudes.Length];
        float[] imaginary = new float[amplitudes.Length];
        for (int i = 0; i < amplitudes.Length; i++)
        {
            // Uniform in [-1, 1): the blur makes Gaussians of them. Variance 1/3 for each part.
            ulong bits = random.NextBits();
            real[i] = amplitudes[i] * (((int)(bits & 0xFFFFFF) * (2f / (1 << 24))) - 1);
            imaginary[i] = amplitudes[i] * (((int)(bits >> 40) * (2f / (1 << 24))) - 1);
        }

        float[] across = Kernel(lateral);
        float[] down = Kernel(axial);
        float[] scratch = new float[amplitudes.Length];
        foreach (float[] part in new[] { real, imaginary })
        {
            BlurAcross(part, scratch, width, across);
            BlurDown(scratch, part, width, down);
        }

        for (int i = 0; i < amplitudes.Length; i++)
        {
            amplitudes[i] = MathF.Sqrt(1.5f * ((real[i] * real[i]) + (imaginary[i] * imaginary[i])));
        }
    }

    // A Gaussian with unit energy, so that the blur keeps the variance of independent scatterers.
    private static float[] Kernel(double sigma)
    {
        int reach = (int)Math.Ceiling(2.6 * sigma);
        double[] weights = new double[(2 * reach) + 1];
        double energy = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            double z = (i - reach) / sigma;
            weights[i] = PortableMath.Exp2(-0.72134752044448 * z * z);
            energy += weights[i] * weights[i];
        }

        double scale = 1 / Math.Sqrt(energy);
        return [.. weights.Select(weight => (float)(weight * scale))];
    }

    private static void BlurAcross(float[] source, float[] target, int width, float[] kernel)
    {
        int reach = kernel.Length / 2;
        float[] padded = new float[width + (2 * reach)];
        for (int start = 0; start < source.Length; start += width)
        {
            source.AsSpan(start, width).CopyTo(padded.AsSpan(reach));
            Span<float> row = target.AsSpan(start, width);
            row.Clear();
            for (int k = 0; k < kernel.Length; k++)
            {
                AddScaled(row, padded.AsSpan(k, width), kernel[k]);
            }
        }
    }

    private static void BlurDown(float[] source, float[] target, int width, float[] kernel)
    {
        int reach = kernel.Length / 2;
        int height = source.Length / width;
        for (int y = 0; y < height; y++)
        {
            Span<float> row = target.AsSpan(y * width, width);
            row.Clear();
            for (int k = 0; k < kernel.Length; k++)
            {
                int from = y + k - reach;
                if (from >= 0 && from < height)
                {
                    AddScaled(row, source.AsSpan(from * width, width), kernel[k]);
                }
            }
        }
    }

    // Vectors multiply and add each value on its own and never fused, so their width does not change the result.
    private static void AddScaled(Span<float> row, ReadOnlySpan<float> values, float weight)
    {
        int i = 0;
        System.Numerics.Vector<float> scale = new(weight);
        for (; i <= row.Length - System.Numerics.Vector<float>.Count; i += System.Numerics.Vector<float>.Count)
        {
            System.Numerics.Vector<float> sum = new System.Numerics.Vector<float>(row[i..])
                + (new System.Numerics.Vector<float>(values[i..]) * scale);
            sum.CopyTo(row[i..]);
        }

        for (; i < row.Length; i++)
        {
            row[i] += values[i] * weight;
        }
    }
}
