using CMUNeXt.Masks;

namespace CMUNeXt.Tests;

/// <summary>Masks for tests: noise of a density, discs that may reach over the edges, and drawings.</summary>
internal static class TestMasks
{
    public static Mask Noise(Random random, int width, int height, double density, int classes = 1)
    {
        byte[] pixels = new byte[width * height];
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = random.NextDouble() < density ? (byte)random.Next(1, classes + 1) : (byte)0;
        }

        return new Mask(width, height, pixels);
    }

    public static Mask Discs(Random random, int width, int height, int count, int classes = 1)
    {
        byte[] pixels = new byte[width * height];
        for (int disc = 0; disc < count; disc++)
        {
            byte label = (byte)random.Next(1, classes + 1);
            int centerX = random.Next(width);
            int centerY = random.Next(height);
            int radius = random.Next(1, 2 + Math.Min(width, height) / 4);
            for (int i = 0; i < pixels.Length; i++)
            {
                int dx = i % width - centerX;
                int dy = i / width - centerY;
                pixels[i] = dx * dx + dy * dy <= radius * radius ? label : pixels[i];
            }
        }

        return new Mask(width, height, pixels);
    }

    /// <summary>A mask drawn in text: a digit is a class, a dot the background.</summary>
    public static Mask Of(params string[] rows) =>
        new(rows[0].Length, rows.Length, [.. string.Concat(rows).Select(static c => c == '.' ? (byte)0 : (byte)(c - '0'))]);
}
