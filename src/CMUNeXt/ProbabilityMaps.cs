using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;
using CMUNeXt.Images;
using CMUNeXt.Masks;

namespace CMUNeXt;

/// <summary>
/// The probabilities of an image, kept at the network's size. At the image's own they are made by rows, which are much fewer numbers than
/// all of them at once.
/// </summary>
internal sealed class ProbabilityMaps
{
    private readonly float[] maps;
    private readonly int outputs;
    private readonly int width;
    private readonly int height;
    private readonly int imageWidth;
    private readonly int imageHeight;
    private readonly BoundingBox part;
    private readonly (int Width, int Height, int X, int Y)? canvas;

    /// <summary>Keeps the probabilities of a whole image.</summary>
    /// <param name="maps">outputs x height x width values.</param>
    /// <param name="outputs">1, or the number of classes and the background.</param>
    /// <param name="width">The maps' width.</param>
    /// <param name="height">The maps' height.</param>
    /// <param name="imageWidth">The width of the image, at least 1.</param>
    /// <param name="imageHeight">The height of the image, at least 1.</param>
    /// <param name="canvas">
    /// The size of what the network saw, and where in it the image's corner lies; null where that is the image.
    /// </param>
    public ProbabilityMaps(
        float[] maps, int outputs, int width, int height, int imageWidth, int imageHeight,
        (int Width, int Height, int X, int Y)? canvas = null)
        : this(maps, outputs, width, height, imageWidth, imageHeight, canvas, new BoundingBox(0, 0, imageWidth, imageHeight))
    {
    }

    private ProbabilityMaps(
        float[] maps, int outputs, int width, int height, int imageWidth, int imageHeight,
        (int Width, int Height, int X, int Y)? canvas, BoundingBox part)
    {
        this.canvas = canvas;
        this.maps = maps;
        this.outputs = outputs;
        this.width = width;
        this.height = height;
        this.imageWidth = imageWidth;
        this.imageHeight = imageHeight;
        this.part = part;
    }

    /// <summary>The number of classes that are not background.</summary>
    public int Classes => Math.Max(1, outputs - 1);

    /// <summary>The same probabilities in the image that this one was cut out of; around it they are 0.</summary>
    public ProbabilityMaps PlacedIn(int wholeWidth, int wholeHeight, int x, int y) => new(
        maps, outputs, width, height, wholeWidth, wholeHeight, canvas, part with { X = part.X + x, Y = part.Y + y });

    /// <summary>For each class that is not background imageHeight x imageWidth values.</summary>
    public IReadOnlyList<float[]> Expand()
    {
        float[][] expanded = [.. Enumerable.Range(0, Classes).Select(_ => new float[imageWidth * imageHeight])];
        for (int c = 0; c < Classes; c++)
        {
            BilinearRows rows = Rows();
            for (int y = 0; y < part.Height; y++)
            {
                rows.Write(MapOf(c + 1), y, expanded[c].AsSpan(((part.Y + y) * imageWidth) + part.X, part.Width));
            }
        }

        return expanded;
    }

    /// <summary>The class of each pixel: with one output by a threshold, with several the most probable class.</summary>
    /// <param name="threshold">With one output, a pixel belongs to the class where its probability is above this.</param>
    /// <param name="mask">Receives imageHeight x imageWidth class indices; of a whole image.</param>
    public void Decide(float threshold, Span<byte> mask)
    {
        BilinearRows[] rows = [.. Enumerable.Range(0, outputs).Select(_ => Rows())];
        float[] best = new float[part.Width];
        float[] line = new float[part.Width];
        for (int y = 0; y < part.Height; y++)
        {
            Span<byte> decided = mask.Slice(y * part.Width, part.Width);
            rows[0].Write(Map(0), y, best);
            if (outputs == 1)
            {
                Decide(best, threshold, decided);
                continue;
            }

            decided.Clear();
            for (int c = 1; c < outputs; c++)
            {
                rows[c].Write(Map(c), y, line);
                for (int x = 0; x < line.Length; x++)
                {
                    if (line[x] > best[x])
                    {
                        (best[x], decided[x]) = (line[x], (byte)c);
                    }
                }
            }
        }
    }

    /// <summary>
    /// The sum of the probabilities of each component's pixels, of the component's own class; that of label L stands at L.
    /// </summary>
    public double[] Sums(ConnectedComponents found)
    {
        double[] sums = new double[found.Components.Count + 1];
        float[] line = ArrayPool<float>.Shared.Rent(imageWidth);
        foreach (IGrouping<byte, Component> components in found.Components.GroupBy(static component => component.Class))
        {
            BilinearRows rows = Rows();
            int top = Math.Max(part.Y, components.Min(static component => component.Box.Y));
            int bottom = Math.Min(part.Y + part.Height, components.Max(static component => component.Box.Y + component.Box.Height));
            for (int y = top; y < bottom; y++)
            {
                rows.Write(MapOf(components.Key), y - part.Y, line.AsSpan(0, part.Width));
                ReadOnlySpan<int> labels = found.Labels.AsSpan((y * imageWidth) + part.X, part.Width);
                for (int x = 0, length; x < labels.Length; x += length)
                {
                    int label = labels[x];
                    length = labels[x..].IndexOfAnyExcept(label);
                    length = length < 0 ? labels.Length - x : length;
                    if (label != 0 && found.ClassOf(label) == components.Key)
                    {
                        sums[label] = Add(sums[label], line.AsSpan(x, length));
                    }
                }
            }
        }

        ArrayPool<float>.Shared.Return(line);
        return sums;
    }

    // One after another, so that the sum does not depend on how a row is divided.
    private static double Add(double sum, ReadOnlySpan<float> values)
    {
        foreach (float value in values)
        {
            sum += value;
        }

        return sum;
    }

    private BilinearRows Rows() => canvas is { } seen
        ? new(width, height, seen.Width, seen.Height, new BoundingBox(seen.X, seen.Y, part.Width, part.Height))
        : new(width, height, part.Width, part.Height);

    private ReadOnlySpan<float> MapOf(int label) => Map(outputs == 1 ? 0 : label);

    private ReadOnlySpan<float> Map(int output) => maps.AsSpan(output * width * height, width * height);

    private static void Decide(ReadOnlySpan<float> probability, float threshold, Span<byte> mask)
    {
        int i = 0;
        ReadOnlySpan<Vector<float>> values = MemoryMarshal.Cast<float, Vector<float>>(probability);
        Span<Vector<byte>> decided = MemoryMarshal.Cast<byte, Vector<byte>>(mask);
        Vector<float> thresholds = new(threshold);
        for (int v = 0; v < decided.Length; v++, i += Vector<byte>.Count)
        {
            Vector<short> left = Vector.Narrow(
                Vector.GreaterThan(values[4 * v], thresholds), Vector.GreaterThan(values[(4 * v) + 1], thresholds));
            Vector<short> right = Vector.Narrow(
                Vector.GreaterThan(values[(4 * v) + 2], thresholds), Vector.GreaterThan(values[(4 * v) + 3], thresholds));
            decided[v] = Vector.AsVectorByte(Vector.Narrow(left, right)) & Vector<byte>.One;
        }

        for (; i < mask.Length; i++)
        {
            mask[i] = probability[i] > threshold ? (byte)1 : (byte)0;
        }
    }
}
