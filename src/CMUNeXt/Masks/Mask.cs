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

    /// <summary>
    /// Finds the connected components of all classes but the background, by eight neighbors: pixels of different classes never belong
    /// together.
    /// </summary>
    /// <returns>
    /// height x width component numbers, 0 for the background; and each component's class and number of pixels, that of number N at N - 1,
    /// in the order of their first pixels, rows from the top.
    /// </returns>
    public (int[] Labels, IReadOnlyList<(int Class, int Area)> Components) FindComponents()
    {
        ConnectedComponents found = ConnectedComponents.Of(this);
        return (found.Labels, [.. found.Components.Select(static one => ((int)one.Class, one.Area))]);
    }

    /// <summary>
    /// Resizes the mask as the published protocol does: by the nearest pixel, source index floor(i x n / size), as OpenCV's INTER_NEAREST.
    /// </summary>
    /// <param name="width">The new width, at least 1.</param>
    /// <param name="height">The new height, at least 1.</param>
    /// <returns>A new mask; this one where the size is the same.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A side is below 1.</exception>
    /// <exception cref="ArgumentException">No array holds so many pixels.</exception>
    public Mask Resize(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        if ((width, height) == (Width, Height))
        {
            return this;
        }

        byte[] result = new byte[PixelCount.Of(width, height)];
        int[] columns = [.. Enumerable.Range(0, width).Select(x => (int)((long)x * Width / width))];
        for (int y = 0; y < height; y++)
        {
            ReadOnlySpan<byte> source = Pixels.AsSpan((int)((long)y * Height / height) * Width, Width);
            Span<byte> line = result.AsSpan(y * width, width);
            for (int x = 0; x < width; x++)
            {
                line[x] = source[columns[x]];
            }
        }

        return new Mask(width, height, result);
    }

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
