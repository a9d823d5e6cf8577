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

    /// <summary>Turns components, whose pixels touch at a side or a corner, below an area into background; each class on its own.</summary>
    /// <param name="minimumArea">The smallest area that stays, in pixels, at least 0.</param>
    /// <returns>A new mask of the same size.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The area is below 0.</exception>
    public Mask WithMinimumArea(int minimumArea)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(minimumArea);
        return Keep(ConnectedComponents.Of(this), component => component.Area >= minimumArea);
    }

    /// <summary>Keeps the largest component of each class; of equals, the one whose first pixel comes first.</summary>
    /// <returns>A new mask of the same size.</returns>
    public Mask WithLargestOnly()
    {
        ConnectedComponents found = ConnectedComponents.Of(this);
        HashSet<int> largest = [.. found.Components.GroupBy(static c => c.Class).Select(static g => g.MaxBy(static c => c.Area).Label)];
        return Keep(found, component => largest.Contains(component.Label));
    }

    private Mask Keep(ConnectedComponents found, Func<Component, bool> keep)
    {
        bool[] kept = [false, .. found.Components.Select(keep)];
        byte[] pixels = new byte[Pixels.Length];
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = kept[found.Labels[i]] ? Pixels[i] : (byte)0;
        }

        return new Mask(Width, Height, pixels);
    }
}
