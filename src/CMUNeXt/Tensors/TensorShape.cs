namespace CMUNeXt.Tensors;

/// <summary>Checks the shapes that files claim, before anything of their size is allocated.</summary>
internal static class TensorShape
{
    /// <summary>The most dimensions of a tensor, PyTorch's own limit.</summary>
    public const int MaximumRank = 64;

    /// <summary>Checks a shape and counts its bytes.</summary>
    /// <param name="shape">The dimensions as the file states them.</param>
    /// <param name="type">The type of the elements.</param>
    /// <param name="bytes">The size of the contiguous tensor in bytes, at most <see cref="Array.MaxLength"/>.</param>
    /// <returns>False for too many dimensions, a negative one, or a tensor that no array could hold.</returns>
    public static bool TryMeasure(ReadOnlySpan<long> shape, ElementType type, out int bytes)
    {
        bytes = 0;
        if (shape.Length > MaximumRank)
        {
            return false;
        }

        int size = type.Size();
        long count = 1;
        foreach (long dimension in shape)
        {
            if (dimension is < 0 or > int.MaxValue)
            {
                return false;
            }

            // Both factors are below 2^31: the product cannot overflow.
            count *= dimension;
            if (count * size > Array.MaxLength)
            {
                return false;
            }
        }

        bytes = (int)(count * size);
        return true;
    }

    /// <summary>The dimensions of a shape that <see cref="TryMeasure"/> accepts.</summary>
    public static int[] ToDimensions(ReadOnlySpan<long> shape)
    {
        int[] dimensions = new int[shape.Length];
        for (int i = 0; i < shape.Length; i++)
        {
            dimensions[i] = (int)shape[i];
        }

        return dimensions;
    }

    /// <summary>A shape as text, such as "8 x 3 x 3 x 3", cut short after a few dimensions.</summary>
    public static string Describe(ReadOnlySpan<long> shape)
    {
        if (shape.IsEmpty)
        {
            return "a scalar";
        }

        const int shown = 8;
        string text = string.Join(" x ", shape[..Math.Min(shown, shape.Length)].ToArray());
        return shape.Length > shown ? text + " x ..." : text;
    }
}
