using CMUNeXt.Numerics;

namespace CMUNeXt.Training.Augmentations;

/// <summary>Multiplicative noise, of single pixels or of grains three pixels wide; the same for all channels.</summary>
internal sealed class Speckle(double most) : IImageChange
{
    // Of the sum of four bytes.
    private const float NoiseMean = 2 * 255;
    private static readonly float NoiseStandardDeviation = MathF.Sqrt(4 * ((256 * 256) - 1) / 12f);

    public string Name => "speckle";

    public bool IsStrong => true;

    public void Apply(AugmentedImage image, ref RandomSequence random)
    {
        float strength = (float)new Interval(0, most).Draw(ref random);
        bool grains = random.NextDouble() < 0.5;
        float[] noise = Noise(image.Width * image.Height, ref random);
        if (grains)
        {
            // The mean of nine has a third of the standard deviation.
            SeparableFilter.Apply(noise, image.Width, image.Height, [1f / 3, 1f / 3, 1f / 3]);
            strength *= 3;
        }

        foreach (float[] plane in image.Planes)
        {
            for (int i = 0; i < plane.Length; i++)
            {
                plane[i] *= MathF.Max(1 + (strength * noise[i]), 0);
            }
        }
    }

    // Mean 0, standard deviation 1, nearly normal: eight bytes of random bits are two values.
    private static float[] Noise(int count, ref RandomSequence random)
    {
        float[] noise = new float[count];
        ulong bits = 0;
        for (int i = 0; i < count; i++)
        {
            bits = i % 2 == 0 ? random.Next() : bits >> 32;
            uint sum = (uint)((bits & 0xFF) + ((bits >> 8) & 0xFF) + ((bits >> 16) & 0xFF) + ((bits >> 24) & 0xFF));
            noise[i] = (sum - NoiseMean) / NoiseStandardDeviation;
        }

        return noise;
    }
}
