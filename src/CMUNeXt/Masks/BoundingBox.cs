using System.Text.Json.Serialization;

namespace CMUNeXt.Masks;

/// <summary>The smallest upright box around something, in pixels. In JSON it is [x, y, width, height].</summary>
/// <param name="X">The leftmost column.</param>
/// <param name="Y">The topmost row.</param>
/// <param name="Width">The number of columns, at least 1.</param>
/// <param name="Height">The number of rows, at least 1.</param>
[JsonConverter(typeof(BoundingBoxConverter))]
public readonly record struct BoundingBox(int X, int Y, int Width, int Height)
{
    /// <summary>The box around all pixels of a class; null where there is none.</summary>
    /// <param name="mask">The mask.</param>
    /// <param name="label">The class's index.</param>
    public static BoundingBox? Of(Mask mask, byte label = 1)
    {
        ArgumentNullException.ThrowIfNull(mask);
        int left = mask.Width;
        int right = -1;
        int top = -1;
        int bottom = -1;
        for (int y = 0; y < mask.Height; y++)
        {
            ReadOnlySpan<byte> row = mask.Pixels.AsSpan(y * mask.Width, mask.Width);
            int first = row.IndexOf(label);
            if (first >= 0)
            {
                left = Math.Min(left, first);
                right = Math.Max(right, row.LastIndexOf(label));
                top = top < 0 ? y : top;
                bottom = y;
            }
        }

        return right < 0 ? null : new BoundingBox(left, top, right - left + 1, bottom - top + 1);
    }

    /// <summary>The smallest box around this one and another.</summary>
    /// <param name="other">The other box.</param>
    public BoundingBox Union(BoundingBox other)
    {
        int x = Math.Min(X, other.X);
        int y = Math.Min(Y, other.Y);
        return new BoundingBox(
            x, y, Math.Max(X + Width, other.X + other.Width) - x, Math.Max(Y + Height, other.Y + other.Height) - y);
    }
}
