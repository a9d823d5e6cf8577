using CMUNeXt.Images;

namespace CMUNeXt.Imaging.Tests;

/// <summary>Images with known content.</summary>
internal static class SomeImage
{
    /// <summary>Every value equally likely, the same on every run.</summary>
    public static Image Noise(int width, int height, int channels, int seed = 1)
    {
        byte[] pixels = new byte[width * height * channels];
        new Random(seed).NextBytes(pixels);
        return new Image(width, height, channels, pixels);
    }

    /// <summary>Slopes without edges, which JPEG keeps to within a few gray values; no two corners are alike.</summary>
    public static Image Smooth(int width, int height, int channels)
    {
        byte[] pixels = new byte[width * height * channels];
        for (int i = 0; i < pixels.Length; i++)
        {
            int c = i % channels;
            double x = (double)(i / channels % width) / width;
            double y = (double)(i / channels / width) / height;
            pixels[i] = (byte)(c switch { 0 => 30 + (120 * x) + (80 * y), 1 => 200 - (100 * x), _ => 60 + (130 * y) });
        }

        return new Image(width, height, channels, pixels);
    }
}
