using System.Numerics;
using System.Runtime.InteropServices;
using CMUNeXt.Masks;

namespace CMUNeXt.Images;

/// <summary>
/// Changes of size as the published protocol makes them (OpenCV's INTER_LINEAR, without antialiasing), and the way of a probability map
/// back to the image's own size.
/// </summary>
internal static class Resize
{
    // OpenCV's 8-bit bilinear interpolation keeps its weights in 11 bits.
    private const int WeightBits = 11;

    /// <summary>Resizes an image bilinearly with half-pixel centers, in OpenCV's fixed-point arithmetic for 8-bit images.</summary>
    /// <param name="image">Any size, 1 or 3 channels.</param>
    /// <param name="width">The new width, at least 1.</param>
    /// <param name="height">The new height, at least 1.</param>
    /// <returns>A new image of the same channels; the given one where the size is the same.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A side is below 1.</exception>
    /// <exception cref="ArgumentException">No array holds so many pixels.</exception>
    public static Image Bilinear(Image image, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(image);
        CheckSize(width, height);
        if (image.Width == width && image.Height == height)
        {
            return image;
        }

        byte[] result = new byte[PixelCount.Of(width, height, image.Channels)];
        Bilinear(new PixelBuffer(image), width, height, result, (image.Width, image.Height, 0, 0));
        return new Image(width, height, image.Channels, result);
    }

    /// <summary>Resizes a map of numbers, such as a probability, bilinearly with half-pixel centers.</summary>
    /// <param name="map">fromHeight x fromWidth values.</param>
    /// <param name="fromWidth">The map's width.</param>
    /// <param name="fromHeight">The map's height.</param>
    /// <param name="width">The new width, at least 1.</param>
    /// <param name="height">The new height, at least 1.</param>
    /// <returns>height x width values.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A side is below 1.</exception>
    /// <exception cref="ArgumentException">The map has another length, or no array holds so many values.</exception>
    public static float[] Bilinear(ReadOnlySpan<float> map, int fromWidth, int fromHeight, int width, int height)
    {
        CheckSize(fromWidth, fromHeight);
        CheckSize(width, height);
        if (map.Length != (long)fromWidth * fromHeight)
        {
            throw new ArgumentException(
                $"{fromWidth} x {fromHeight} needs {(long)fromWidth * fromHeight} values, not {map.Length}.", nameof(map));
        }

        float[] result = GC.AllocateUninitializedArray<float>(PixelCount.Of(width, height));
        BilinearRows rows = new(fromWidth, fromHeight, width, height);
        for (int y = 0; y < height; y++)
        {
            rows.Write(map, y, result.AsSpan(y * width, width));
        }

        return result;
    }

    /// <summary>Resizes pixels of any format bilinearly, in OpenCV's fixed-point arithmetic for 8-bit images.</summary>
    /// <param name="source">Any size.</param>
    /// <param name="width">The new width, at least 1.</param>
    /// <param name="height">The new height, at least 1.</param>
    /// <param name="result">Receives height x width x (1 or 3) values; of colors red, green, blue.</param>
    /// <param name="canvas">What is resized: its size, black but where the pixels lie, and where the first of them does.</param>
    internal static void Bilinear(
        PixelBuffer source, int width, int height, Span<byte> result, (int Width, int Height, int X, int Y) canvas)
    {
        Neighbors[] columns = NeighborsOnCanvas(canvas.Width, width, canvas.X, source.Width);
        Neighbors[] rows = NeighborsOnCanvas(canvas.Height, height, canvas.Y, source.Height);
        int length = width * source.Channels;
        int[] upper = new int[length];
        int[] lower = new int[length];
        int upperRow = -1;
        int lowerRow = -1;
        for (int y = 0; y < height; y++)
        {
            Neighbors row = rows[y];
            if (lowerRow == row.First)
            {
                (upper, lower, upperRow, lowerRow) = (lower, upper, lowerRow, upperRow);
            }

            if (upperRow != row.First)
            {
                InterpolateRow(source, row.First, columns, upper);
                upperRow = row.First;
            }

            if (lowerRow != row.Second)
            {
                InterpolateRow(source, row.Second, columns, lower);
                lowerRow = row.Second;
            }

            Blend(upper, lower, row.FirstFixed, row.SecondFixed, result.Slice(y * length, length));
        }
    }

    private static void CheckSize(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
    }

    /// <summary>The two neighbors of a new pixel in the source, and the weight of the second.</summary>
    internal readonly record struct Neighbors(int First, int Second, float Weight)
    {
        public int FirstFixed { get; init; } = (int)MathF.Round((1 - Weight) * (1 << WeightBits), MidpointRounding.ToEven);

        public int SecondFixed { get; init; } = (int)MathF.Round(Weight * (1 << WeightBits), MidpointRounding.ToEven);
    }

    private static void InterpolateRow(PixelBuffer source, int y, Neighbors[] columns, int[] target)
    {
        ReadOnlySpan<byte> row = source.Row(y);
        int step = source.BytesPerPixel;
        if (source.Channels == 1)
        {
            for (int x = 0; x < columns.Length; x++)
            {
                Neighbors column = columns[x];
                target[x] = (row[(column.First * step) + source.Red] * column.FirstFixed)
                    + (row[(column.Second * step) + source.Red] * column.SecondFixed);
            }

            return;
        }

        for (int x = 0, i = 0; x < columns.Length; x++, i += 3)
        {
            Neighbors column = columns[x];
            ReadOnlySpan<byte> first = row.Slice(column.First * step, step);
            ReadOnlySpan<byte> second = row.Slice(column.Second * step, step);
            target[i] = (first[source.Red] * column.FirstFixed) + (second[source.Red] * column.SecondFixed);
            target[i + 1] = (first[source.Green] * column.FirstFixed) + (second[source.Green] * column.SecondFixed);
            target[i + 2] = (first[source.Blue] * column.FirstFixed) + (second[source.Blue] * column.SecondFixed);
        }
    }

    private static void Blend(ReadOnlySpan<int> upper, ReadOnlySpan<int> lower, int upperWeight, int lowerWeight, Span<byte> line)
    {
        int x = 0;
        ReadOnlySpan<Vector<int>> uppers = MemoryMarshal.Cast<int, Vector<int>>(upper);
        ReadOnlySpan<Vector<int>> lowers = MemoryMarshal.Cast<int, Vector<int>>(lower);
        Span<Vector<byte>> lines = MemoryMarshal.Cast<byte, Vector<byte>>(line);
        for (int i = 0; i < lines.Length; i++, x += Vector<byte>.Count)
        {
            Vector<short> left = Vector.Narrow(At(uppers, lowers, 4 * i), At(uppers, lowers, (4 * i) + 1));
            Vector<short> right = Vector.Narrow(At(uppers, lowers, (4 * i) + 2), At(uppers, lowers, (4 * i) + 3));
            lines[i] = Vector.AsVectorByte(Vector.Narrow(left, right));
        }

        for (; x < line.Length; x++)
        {
            line[x] = (byte)((((upperWeight * (upper[x] >> 4)) >> 16) + ((lowerWeight * (lower[x] >> 4)) >> 16) + 2) >> 2);
        }

        Vector<int> At(ReadOnlySpan<Vector<int>> upper, ReadOnlySpan<Vector<int>> lower, int i) =>
            (((upper[i] >> 4) * upperWeight >> 16) + ((lower[i] >> 4) * lowerWeight >> 16) + new Vector<int>(2)) >> 2;
    }

    // Beyond a border both neighbors are the border's pixel and the weights stay, as OpenCV has it: its fixed-point sum of two equal
    // rows may be one less than the row itself.
    internal static Neighbors[] NeighborsOf(int from, int to, Range? part = null)
    {
        double scale = (double)from / to;
        (int start, int count) = (part ?? Range.All).GetOffsetAndLength(to);
        Neighbors[] neighbors = new Neighbors[count];
        for (int i = 0; i < count; i++)
        {
            float position = (float)(((start + i + 0.5) * scale) - 0.5);
            int first = (int)MathF.Floor(position);
            neighbors[i] = new Neighbors(Math.Clamp(first, 0, from - 1), Math.Clamp(first + 1, 0, from - 1), position - first);
        }

        return neighbors;
    }

    // Of a black canvas that is never made: what lies beside the pixels has no weight.
    private static Neighbors[] NeighborsOnCanvas(int canvas, int to, int start, int length)
    {
        return Array.ConvertAll(NeighborsOf(canvas, to), neighbors => new Neighbors(
            Math.Clamp(neighbors.First - start, 0, length - 1), Math.Clamp(neighbors.Second - start, 0, length - 1), neighbors.Weight)
        {
            FirstFixed = IsInside(neighbors.First) ? neighbors.FirstFixed : 0,
            SecondFixed = IsInside(neighbors.Second) ? neighbors.SecondFixed : 0,
        });

        bool IsInside(int position) => position >= start && position < start + length;
    }
}
