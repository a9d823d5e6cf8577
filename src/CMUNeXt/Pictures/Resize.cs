using CMUNeXt.Masks;

namespace CMUNeXt.Pictures;

/// <summary>
/// Changes of size as the published protocol makes them (OpenCV's INTER_LINEAR and INTER_NEAREST, without antialiasing), and the
/// way of a probability map back to the picture's own size.
/// </summary>
public static class Resize
{
    // OpenCV's 8-bit bilinear interpolation keeps its weights in 11 bits.
    private const int WeightBits = 11;

    /// <summary>Resizes a picture bilinearly with half-pixel centres, in OpenCV's fixed-point arithmetic for 8-bit pictures.</summary>
    /// <param name="picture">Any size, 1 or 3 channels.</param>
    /// <param name="width">The new width, at least 1.</param>
    /// <param name="height">The new height, at least 1.</param>
    /// <returns>A new picture of the same channels; the given one where the size is the same.</returns>
    public static Picture Bilinear(Picture picture, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(picture);
        if (picture.Width == width && picture.Height == height)
        {
            return picture;
        }

        int channels = picture.Channels;
        Taps[] columns = FixedTaps(picture.Width, width);
        Taps[] rows = FixedTaps(picture.Height, height);
        int stride = picture.Width * channels;
        byte[] result = new byte[width * height * channels];
        int[] upper = new int[width * channels];
        int[] lower = new int[width * channels];
        int upperRow = -1;
        int lowerRow = -1;
        for (int y = 0; y < height; y++)
        {
            Taps row = rows[y];
            if (lowerRow == row.First)
            {
                (upper, lower, upperRow, lowerRow) = (lower, upper, lowerRow, upperRow);
            }

            if (upperRow != row.First)
            {
                InterpolateRow(picture.Pixels.AsSpan(row.First * stride, stride), columns, channels, upper);
                upperRow = row.First;
            }

            if (lowerRow != row.Second)
            {
                InterpolateRow(picture.Pixels.AsSpan(row.Second * stride, stride), columns, channels, lower);
                lowerRow = row.Second;
            }

            Span<byte> line = result.AsSpan(y * width * channels, width * channels);
            for (int i = 0; i < line.Length; i++)
            {
                line[i] = (byte)((((row.FirstWeight * (upper[i] >> 4)) >> 16) + ((row.SecondWeight * (lower[i] >> 4)) >> 16) + 2) >> 2);
            }
        }

        return new Picture(width, height, channels, result);
    }

    /// <summary>Resizes a mask by the nearest pixel, source index floor(i x n / size), as OpenCV's INTER_NEAREST does.</summary>
    /// <param name="mask">Any size.</param>
    /// <param name="width">The new width, at least 1.</param>
    /// <param name="height">The new height, at least 1.</param>
    /// <returns>A new mask; the given one where the size is the same.</returns>
    public static Mask Nearest(Mask mask, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(mask);
        if (mask.Width == width && mask.Height == height)
        {
            return mask;
        }

        int[] columns = [.. Enumerable.Range(0, width).Select(x => (int)((long)x * mask.Width / width))];
        byte[] result = new byte[width * height];
        for (int y = 0; y < height; y++)
        {
            ReadOnlySpan<byte> source = mask.Pixels.AsSpan((int)((long)y * mask.Height / height) * mask.Width, mask.Width);
            Span<byte> line = result.AsSpan(y * width, width);
            for (int x = 0; x < width; x++)
            {
                line[x] = source[columns[x]];
            }
        }

        return new Mask(width, height, result);
    }

    /// <summary>Resizes a map of numbers, such as a probability, bilinearly with half-pixel centres.</summary>
    /// <param name="map">fromHeight x fromWidth values.</param>
    /// <param name="fromWidth">The map's width.</param>
    /// <param name="fromHeight">The map's height.</param>
    /// <param name="width">The new width, at least 1.</param>
    /// <param name="height">The new height, at least 1.</param>
    /// <returns>height x width values.</returns>
    public static float[] Bilinear(ReadOnlySpan<float> map, int fromWidth, int fromHeight, int width, int height)
    {
        if (map.Length != (long)fromWidth * fromHeight)
        {
            throw new ArgumentException($"{fromWidth} x {fromHeight} needs {(long)fromWidth * fromHeight} values, not {map.Length}.", nameof(map));
        }

        (int First, int Second, float Weight)[] columns = Taps32(fromWidth, width);
        (int First, int Second, float Weight)[] rows = Taps32(fromHeight, height);
        float[] result = new float[width * height];
        for (int y = 0; y < height; y++)
        {
            (int first, int second, float weight) = rows[y];
            ReadOnlySpan<float> upper = map.Slice(first * fromWidth, fromWidth);
            ReadOnlySpan<float> lower = map.Slice(second * fromWidth, fromWidth);
            Span<float> line = result.AsSpan(y * width, width);
            for (int x = 0; x < width; x++)
            {
                (int left, int right, float across) = columns[x];
                float top = upper[left] + ((upper[right] - upper[left]) * across);
                float bottom = lower[left] + ((lower[right] - lower[left]) * across);
                line[x] = top + ((bottom - top) * weight);
            }
        }

        return result;
    }

    private readonly record struct Taps(int First, int Second, int FirstWeight, int SecondWeight);

    private static void InterpolateRow(ReadOnlySpan<byte> source, Taps[] columns, int channels, int[] target)
    {
        for (int x = 0, i = 0; x < columns.Length; x++)
        {
            Taps column = columns[x];
            for (int c = 0; c < channels; c++, i++)
            {
                target[i] = (source[(column.First * channels) + c] * column.FirstWeight)
                    + (source[(column.Second * channels) + c] * column.SecondWeight);
            }
        }
    }

    private static Taps[] FixedTaps(int from, int to) => [.. Taps32(from, to).Select(tap => new Taps(
        tap.First,
        tap.Second,
        (int)MathF.Round((1 - tap.Weight) * (1 << WeightBits), MidpointRounding.ToEven),
        (int)MathF.Round(tap.Weight * (1 << WeightBits), MidpointRounding.ToEven)))];

    // For each new pixel its two neighbours in the source and the weight of the second. Beyond a border both are the border's pixel and
    // the weights stay, as OpenCV has it: its fixed-point sum of two equal rows may be one less than the row itself.
    private static (int First, int Second, float Weight)[] Taps32(int from, int to)
    {
        double scale = (double)from / to;
        (int, int, float)[] taps = new (int, int, float)[to];
        for (int i = 0; i < to; i++)
        {
            float position = (float)(((i + 0.5) * scale) - 0.5);
            int first = (int)MathF.Floor(position);
            taps[i] = (Math.Clamp(first, 0, from - 1), Math.Clamp(first + 1, 0, from - 1), position - first);
        }

        return taps;
    }
}
