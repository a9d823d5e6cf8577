using System.Numerics;
using System.Runtime.InteropServices;
using CMUNeXt.Images;
using CMUNeXt.Masks;

namespace CMUNeXt;

/// <summary>What a network finds in an image, at the image's own size.</summary>
public sealed class Segmentation
{
    private readonly Lazy<IReadOnlyList<Lesion>> lesions;

    private readonly LesionCalibration? calibration;

    private Segmentation(
        int width, int height, IReadOnlyList<float[]> probabilities, Mask mask, LesionCalibration? calibration, double presence,
        PresenceThreshold? threshold)
    {
        this.calibration = calibration;
        Presence = presence;
        PresenceThreshold = threshold;
        Width = width;
        Height = height;
        Probabilities = probabilities;
        Mask = mask;
        lesions = new Lazy<IReadOnlyList<Lesion>>(() => FindLesions(Mask));
    }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>For each class that is not background its probability, height x width values in [0, 1].</summary>
    public IReadOnlyList<float[]> Probabilities { get; }

    /// <summary>
    /// How much speaks for a lesion anywhere in the image, in logits: the log-mean-exp of the network's logits after a small mean filter.
    /// </summary>
    public double Presence { get; }

    /// <summary>The radius of the mean filter of <see cref="Presence"/>: with 4, it is of 9 x 9 pixels.</summary>
    /// <param name="width">The width of the logits in pixels.</param>
    /// <param name="height">Their height.</param>
    public static int PresenceRadius(int width, int height) => Masks.Presence.Radius(width, height);

    /// <summary>What <see cref="Presence"/> has to exceed for anything to be outlined; null where all is.</summary>
    public PresenceThreshold? PresenceThreshold { get; }

    /// <summary>Whether the image is taken for healthy, its presence being at or below the threshold, so that its mask is empty.</summary>
    public bool IsBelowPresence => PresenceThreshold is { } threshold && Presence <= threshold.Score;

    /// <summary>
    /// The class of each pixel; the background everywhere, where <see cref="IsBelowPresence"/>. With one class: 1 where its probability is
    /// above the threshold. With several: the most probable, 0 being the background.
    /// </summary>
    public Mask Mask { get; }

    /// <summary>The pixels that belong to a class, of whichever lesion.</summary>
    public int Area => Mask.Pixels.Length - Mask.Area(0);

    /// <summary>
    /// The lesions, the largest first: the mask's connected regions (of eight neighbors), each with its area in pixels, its box, its
    /// outer contour in pixels of the image, its mean probability, and its confidence where there is a calibration.
    /// </summary>
    public IReadOnlyList<Lesion> Lesions => lesions.Value;

    /// <summary>The lesions of a mask, each with its mean probability, and its confidence where there is a calibration.</summary>
    /// <param name="mask">This segmentation's <see cref="Mask"/>, or what a filter left of it.</param>
    /// <returns>The lesions, the largest first.</returns>
    /// <exception cref="ArgumentException">The mask has another size, or a class that this segmentation does not have.</exception>
    public IReadOnlyList<Lesion> FindLesions(Mask mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        if ((mask.Width, mask.Height) != (Width, Height))
        {
            throw new ArgumentException(
                $"The mask is {mask.Width} x {mask.Height}, and the segmentation {Width} x {Height}.", nameof(mask));
        }

        if (mask.Pixels.AsSpan().IndexOfAnyExceptInRange((byte)0, (byte)Probabilities.Count) is var place and >= 0)
        {
            throw new ArgumentException(
                $"The mask has the class {mask.Pixels[place]}, and the segmentation none above {Probabilities.Count}.", nameof(mask));
        }

        if (Probabilities.Count == 1)
        {
            return Lesion.Find(mask, Mask, Probabilities[0], calibration);
        }

        float[] probability = new float[mask.Pixels.Length];
        for (int i = 0; i < probability.Length; i++)
        {
            probability[i] = mask.Pixels[i] == 0 ? 0 : Probabilities[mask.Pixels[i] - 1][i];
        }

        return Lesion.Find(mask, Mask, probability, calibration);
    }

    /// <summary>The same findings in the image that this one was cut out of: all around it is background, with the probability 0.</summary>
    /// <param name="width">The width of that image.</param>
    /// <param name="height">The height of that image.</param>
    /// <param name="x">The column of that image that this one's first column is.</param>
    /// <param name="y">The row of that image that this one's first row is.</param>
    /// <exception cref="ArgumentOutOfRangeException">This image is not within that one.</exception>
    public Segmentation PlacedIn(int width, int height, int x, int y)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(x);
        ArgumentOutOfRangeException.ThrowIfNegative(y);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(x, width - Width);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(y, height - Height);
        T[] Place<T>(T[] part)
        {
            T[] whole = new T[width * height];
            for (int row = 0; row < Height; row++)
            {
                part.AsSpan(row * Width, Width).CopyTo(whole.AsSpan(((y + row) * width) + x));
            }

            return whole;
        }

        return new Segmentation(
            width, height, [.. Probabilities.Select(Place)], new Mask(width, height, Place(Mask.Pixels)), calibration, Presence,
            PresenceThreshold);
    }

    /// <summary>What a probability map of one class says: for a program's tests, and for networks that are computed elsewhere.</summary>
    /// <param name="width">The image's width in pixels, at least 1.</param>
    /// <param name="height">Its height, at least 1.</param>
    /// <param name="probability">height x width values in [0, 1]; the array is not copied.</param>
    /// <param name="threshold">A pixel belongs to the class where its probability is above this, in [0, 1].</param>
    /// <exception cref="ArgumentException">There is not one probability for each pixel, or a side is below 1.</exception>
    public static Segmentation FromProbability(int width, int height, float[] probability, double threshold = 0.5)
    {
        ArgumentNullException.ThrowIfNull(probability);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        if (probability.Length != (long)width * height)
        {
            throw new ArgumentException(
                $"{height} x {width} pixels need as many probabilities, not {probability.Length}.", nameof(probability));
        }

        byte[] mask = new byte[probability.Length];
        Decide(probability, (float)threshold, mask);
        float[] logits = Array.ConvertAll(probability, static p => Logit(Math.Clamp(p, 1e-7, 1 - 1e-7)));
        return new Segmentation(
            width, height, [probability], new Mask(width, height, mask), calibration: null, Masks.Presence.Score(logits, 1, width, height),
            threshold: null);

        static float Logit(double p) => (float)Math.Log(p / (1 - p));
    }

    /// <summary>Logits to probability, probability bilinearly to the image's size, then the decision.</summary>
    /// <param name="logits">outputs x height x width values.</param>
    /// <param name="outputs">1 (a sigmoid), or the number of classes and the background (a softmax).</param>
    /// <param name="width">The width of the logits.</param>
    /// <param name="height">The height of the logits.</param>
    /// <param name="imageWidth">The width of the image.</param>
    /// <param name="imageHeight">The height of the image.</param>
    /// <param name="threshold">Used with one class only.</param>
    /// <param name="calibration">
    /// What makes the confidence of lesions, fitted with these weights and this threshold; null leaves it out.
    /// </param>
    /// <param name="presenceThreshold">What the presence has to exceed for anything to be outlined; null outlines all.</param>
    /// <param name="canvas">
    /// The size of what the network saw, and where the image's first pixel stands in it; null where it saw the image alone.
    /// </param>
    /// <exception cref="ArgumentException">The logits have another length, or a side is below 1.</exception>
    internal static Segmentation FromLogits(
        ReadOnlySpan<float> logits, int outputs, int width, int height, int imageWidth, int imageHeight, float threshold,
        LesionCalibration? calibration = null, PresenceThreshold? presenceThreshold = null,
        (int Width, int Height, int X, int Y)? canvas = null)
    {
        if (logits.Length != (long)outputs * width * height)
        {
            throw new ArgumentException(
                $"{outputs} x {height} x {width} needs {(long)outputs * width * height} logits, not {logits.Length}.", nameof(logits));
        }

        float[] probabilities = Activation.Probabilities(logits, outputs);
        int plane = width * height;
        float[][] resized = new float[outputs][];
        for (int c = 0; c < outputs; c++)
        {
            resized[c] = ToImage(probabilities.AsSpan(c * plane, plane), width, height, imageWidth, imageHeight, canvas);
        }

        byte[] mask = new byte[imageWidth * imageHeight];
        double presence = Masks.Presence.Score(logits, outputs, width, height);
        Segmentation found = new(
            imageWidth, imageHeight, outputs == 1 ? resized : resized[1..], new Mask(imageWidth, imageHeight, mask), calibration, presence,
            presenceThreshold);
        if (found.IsBelowPresence)
        {
            return found;
        }

        if (outputs == 1)
        {
            Decide(resized[0], threshold, mask);
            return found;
        }

        for (int i = 0; i < mask.Length; i++)
        {
            int best = 0;
            for (int c = 1; c < outputs; c++)
            {
                best = resized[c][i] > resized[best][i] ? c : best;
            }

            mask[i] = (byte)best;
        }

        return found;
    }

    // Of what the network saw, the part that is the image.
    private static float[] ToImage(
        ReadOnlySpan<float> probability, int width, int height, int imageWidth, int imageHeight,
        (int Width, int Height, int X, int Y)? canvas)
    {
        if (canvas is not { } whole || (whole.Width, whole.Height) == (imageWidth, imageHeight))
        {
            return Resize.Bilinear(probability, width, height, imageWidth, imageHeight);
        }

        float[] resized = Resize.Bilinear(probability, width, height, whole.Width, whole.Height);
        float[] image = new float[imageWidth * imageHeight];
        for (int y = 0; y < imageHeight; y++)
        {
            resized.AsSpan(((whole.Y + y) * whole.Width) + whole.X, imageWidth).CopyTo(image.AsSpan(y * imageWidth));
        }

        return image;
    }

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
