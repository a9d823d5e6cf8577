namespace CMUNeXt.Masks;

/// <summary>
/// A segmentation of an image: for each pixel the index of its class, 0 being the background.
/// With one class the values are 0 and 1.
/// </summary>
public sealed class Mask
{
    /// <summary>Wraps class indices that are already in memory; the array is not copied.</summary>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <param name="pixels">height x width class indices, rows from the top.</param>
    /// <exception cref="ArgumentException">The array's length is not height x width.</exception>
    public Mask(int width, int height, byte[] pixels)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        if (pixels.Length != (long)width * height)
        {
            throw new ArgumentException($"{width} x {height} needs {(long)width * height} values, not {pixels.Length}.", nameof(pixels));
        }

        Width = width;
        Height = height;
        Pixels = pixels;
    }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>height x width class indices, not copied.</summary>
    public byte[] Pixels { get; }

    /// <summary>The number of pixels of one class.</summary>
    /// <param name="label">The class's index; 0 counts the background.</param>
    public int Area(byte label = 1) => Pixels.AsSpan().Count(label);
}
