namespace CMUNeXt.Masks;

/// <summary>How many values the pixels of an image have.</summary>
internal static class PixelCount
{
    /// <summary>The length of the array that holds them.</summary>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <param name="channels">The values of a pixel, at least 1.</param>
    /// <exception cref="ArgumentException">No array holds so many.</exception>
    public static int Of(int width, int height, int channels = 1)
    {
        long pixels = (long)width * height;
        return pixels <= Array.MaxLength / channels
            ? (int)pixels * channels
            : throw new ArgumentException($"{width} x {height} pixels are more than an array holds.", nameof(width));
    }
}
