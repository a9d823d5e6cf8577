namespace CMUNeXt.Images;

/// <summary>An 8-bit image in memory: rows from the top, pixels from the left, channels interleaved.</summary>
public sealed class Image
{
    /// <summary>Wraps pixels that are already in memory; the array is not copied.</summary>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <param name="channels">1 (gray) or 3 (red, green, blue).</param>
    /// <param name="pixels">height x width x channels values.</param>
    /// <exception cref="ArgumentException">The array's length is not height x width x channels, or channels is neither 1 nor 3.</exception>
    public Image(int width, int height, int channels, byte[] pixels)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        if (channels is not (1 or 3))
        {
            throw new ArgumentException($"An image has 1 or 3 channels, not {channels}.", nameof(channels));
        }

        if (pixels.Length != (long)width * height * channels)
        {
            throw new ArgumentException(
                $"{width} x {height} x {channels} needs {(long)width * height * channels} values, not {pixels.Length}.", nameof(pixels));
        }

        Width = width;
        Height = height;
        Channels = channels;
        Pixels = pixels;
    }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>1 for gray, 3 for red, green, blue.</summary>
    public int Channels { get; }

    /// <summary>height x width x channels values, not copied.</summary>
    public byte[] Pixels { get; }

    /// <summary>
    /// Resizes the image as the published protocol does: bilinearly with half-pixel centers and without antialiasing, in OpenCV's
    /// fixed-point arithmetic for 8-bit images.
    /// </summary>
    /// <param name="width">The new width, at least 1.</param>
    /// <param name="height">The new height, at least 1.</param>
    /// <returns>A new image of the same channels; this one where the size is the same.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A side is below 1.</exception>
    /// <exception cref="ArgumentException">No array holds so many pixels.</exception>
    public Image Resize(int width, int height) => Images.Resize.Bilinear(this, width, height);

    /// <summary>Resizes a map of numbers, such as a probability, bilinearly with half-pixel centers.</summary>
    /// <param name="map">fromHeight x fromWidth values.</param>
    /// <param name="fromWidth">The map's width.</param>
    /// <param name="fromHeight">The map's height.</param>
    /// <param name="width">The new width, at least 1.</param>
    /// <param name="height">The new height, at least 1.</param>
    /// <returns>height x width values.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A side is below 1.</exception>
    /// <exception cref="ArgumentException">The map has another length, or no array holds so many values.</exception>
    public static float[] ResizeMap(ReadOnlySpan<float> map, int fromWidth, int fromHeight, int width, int height) =>
        Images.Resize.Bilinear(map, fromWidth, fromHeight, width, height);

    /// <summary>Copies a part of the image.</summary>
    /// <param name="x">Its leftmost column, from 0.</param>
    /// <param name="y">Its topmost row, from 0.</param>
    /// <param name="width">The number of its columns, at least 1.</param>
    /// <param name="height">The number of its rows, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The part is empty, or not within the image.</exception>
    public Image Crop(int x, int y, int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(x);
        ArgumentOutOfRangeException.ThrowIfNegative(y);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, Width - x);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(height, Height - y);
        byte[] part = new byte[width * height * Channels];
        int row = width * Channels;
        for (int i = 0; i < height; i++)
        {
            Pixels.AsSpan((((y + i) * Width) + x) * Channels, row).CopyTo(part.AsSpan(i * row));
        }

        return new Image(width, height, Channels, part);
    }
}
