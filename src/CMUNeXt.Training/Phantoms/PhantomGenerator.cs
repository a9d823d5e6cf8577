using CMUNeXt.Images;
using CMUNeXt.Masks;

namespace CMUNeXt.Training.Phantoms;

/// <summary>
/// Synthetic breast ultrasound with exact masks: layered tissue, lesions of several kinds with shadow or enhancement behind them,
/// attenuation with depth, speckle, and log compression. For trying things out and for tests; it is no stand-in for real data.
/// </summary>
internal static class PhantomGenerator
{
    private const double DynamicRange = 52;

    // 20 log10(x) = 6.02... log2(x)
    private const double DecibelsPerOctave = 6.0205999132796239;

    /// <summary>Creates one case: the same on every machine for the same seed and index.</summary>
    /// <param name="seed">The data set.</param>
    /// <param name="index">The case in it, from 0.</param>
    /// <returns>
    /// A gray image, 320 to 800 pixels wide and 290 to 760 high, and its mask of 0 and 1; about one case in eight has no lesion.
    /// </returns>
    public static (Image Image, Mask Mask) Create(ulong seed, int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        PhantomRandom random = new(seed, index);
        int width = random.Between(320, 801);
        int height = (int)(width * random.Between(0.7, 0.95));
        if (height < 290)
        {
            height = 290;
        }

        float[] decibels = new float[width * height];
        Tissue tissue = new(random, width, height);
        for (int y = 0; y < height; y++)
        {
            tissue.Row(y, decibels.AsSpan(y * width, width));
        }

        byte[] mask = new byte[width * height];
        int lesions = NumberOfLesions(random);
        for (int i = 0; i < lesions; i++)
        {
            Insert(Lesion.Create(random, width, height), new ValueNoise(random.NextBits()), decibels, mask, width);
        }

        byte[] pixels = Image(decibels, width, height, random);
        return (new Image(width, height, 1, pixels), new Mask(width, height, mask));
    }

    /// <summary>None in one case of eight, two in one of eleven, else one.</summary>
    internal static int NumberOfLesions(PhantomRandom random) => random.Chance(0.125) ? 0 : random.Chance(0.1) ? 2 : 1;

    private static void Insert(Lesion lesion, ValueNoise texture, float[] decibels, byte[] mask, int width)
    {
        int height = decibels.Length / width;
        float[] noise = new float[width];
        int[] thickness = new int[width];
        byte[] own = new byte[mask.Length];
        (int left, int from, int right, int to) = lesion.Reach(width, height);
        for (int y = from; y < to; y++)
        {
            texture.Row(y / (width * 0.018), 1 / (width * 0.03), noise);
            for (int x = left; x < right; x++)
            {
                double radius = lesion.RelativeRadius(x + 0.5, y + 0.5);
                int i = (y * width) + x;
                if (radius < 1)
                {
                    own[i] = 1;
                    thickness[x]++;
                }

                double inside = Math.Clamp(((1 - radius) / (2 * lesion.Margin)) + 0.5, 0, 1);
                double toRim = (radius - 1 - lesion.Margin) / 0.05;
                double rim = lesion.Rim * Math.Max(0, 1 - (toRim * toRim));

                // Inside a lesion the tissue is its own: of the layers around only a trace is left.
                double level = (0.25 * decibels[i]) + (0.75 * -20) + lesion.Level + (lesion.Texture * noise[x]);
                decibels[i] += (float)((inside * (level - decibels[i])) + rim);
            }
        }

        Attenuate(lesion, thickness, own, decibels, width);
        for (int i = 0; i < mask.Length; i++)
        {
            mask[i] |= own[i];
        }
    }

    // What a lesion absorbs more, or less, than the tissue around it shows below it, in proportion to the path through it.
    private static void Attenuate(Lesion lesion, int[] thickness, byte[] own, float[] decibels, int width)
    {
        int thickest = thickness.Max();
        if (thickest == 0 || lesion.Posterior == 0)
        {
            return;
        }

        float perPixel = (float)(lesion.Posterior / thickest);
        float[] path = new float[width];
        for (int start = 0; start < decibels.Length; start += width)
        {
            for (int x = 0; x < width; x++)
            {
                path[x] += own[start + x];
                if (own[start + x] == 0)
                {
                    decibels[start + x] += perPixel * path[x];
                }
            }
        }
    }

    private static byte[] Image(float[] decibels, int width, int height, PhantomRandom random)
    {
        double loss = random.Between(4.0, 12.0);
        double gain = random.Between(-7.0, 0.0);
        double scale = width / 560.0;
        float[] echo = decibels;
        for (int y = 0; y < height; y++)
        {
            double depth = (double)y / height;
            double offset = gain - (loss * depth * depth);
            for (int x = 0; x < width; x++)
            {
                echo[(y * width) + x] = (float)PortableMath.Exp2((decibels[(y * width) + x] + offset) / DecibelsPerOctave);
            }
        }

        Speckle.Apply(echo, width, random, lateral: scale * random.Between(1.5, 2.4), axial: scale * random.Between(0.8, 1.1));
        for (int i = 0; i < echo.Length; i++)
        {
            echo[i] = (float)(DecibelsPerOctave * PortableMath.Log2(Math.Max(echo[i], 1e-6)));
        }

        Smooth(echo, width);
        byte[] pixels = new byte[echo.Length];
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = (byte)Math.Clamp((255 * (1 + (echo[i] / DynamicRange))) + 0.5, 0, 255);
        }

        return pixels;
    }

    // What a scanner's own filter does to the compressed image: 1 2 1 in both directions.
    private static void Smooth(float[] levels, int width)
    {
        float[] above = levels[..width];
        float[] current = new float[width];
        int height = levels.Length / width;
        for (int y = 0; y < height; y++)
        {
            Span<float> row = levels.AsSpan(y * width, width);
            row.CopyTo(current);
            ReadOnlySpan<float> below = y + 1 < height ? levels.AsSpan((y + 1) * width, width) : current;
            for (int x = 0; x < width; x++)
            {
                row[x] = (above[x] + (2 * current[x]) + below[x]) / 4;
            }

            (above, current) = (current, above);
            float left = row[0];
            for (int x = 0; x < width; x++)
            {
                float middle = row[x];
                row[x] = (left + (2 * middle) + row[Math.Min(x + 1, width - 1)]) / 4;
                left = middle;
            }
        }
    }
}
