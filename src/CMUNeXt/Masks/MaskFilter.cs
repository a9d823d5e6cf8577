namespace CMUNeXt.Masks;

/// <summary>
/// Takes components, whose pixels touch at a side or a corner, out of a mask, each class on its own. The mask given is not changed.
/// </summary>
public static class MaskFilter
{
    /// <summary>Turns components below an area into background.</summary>
    /// <param name="mask">The mask.</param>
    /// <param name="minimumArea">The smallest area that stays, in pixels, at least 0.</param>
    /// <returns>A new mask of the same size.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The area is below 0.</exception>
    public static Mask WithMinimumArea(this Mask mask, int minimumArea)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(minimumArea);
        return Keep(mask, ConnectedComponents.Of(mask), component => component.Area >= minimumArea);
    }

    /// <summary>Keeps the largest component of each class; of equals, the one whose first pixel comes first.</summary>
    /// <param name="mask">The mask.</param>
    /// <returns>A new mask of the same size.</returns>
    public static Mask WithLargestOnly(this Mask mask)
    {
        ConnectedComponents found = ConnectedComponents.Of(mask);
        HashSet<int> largest = [.. found.Components.GroupBy(static c => c.Class).Select(static g => g.MaxBy(static c => c.Area).Label)];
        return Keep(mask, found, component => largest.Contains(component.Label));
    }

    private static Mask Keep(Mask mask, ConnectedComponents found, Func<Component, bool> keep)
    {
        bool[] kept = [false, .. found.Components.Select(keep)];
        byte[] pixels = new byte[mask.Pixels.Length];
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = kept[found.Labels[i]] ? mask.Pixels[i] : (byte)0;
        }

        return new Mask(mask.Width, mask.Height, pixels);
    }
}
