using System.Buffers;
using System.Text.Json.Serialization;
using CMUNeXt.Masks;

namespace CMUNeXt;

/// <summary>
/// What a network finds in an image, at the image's own size. As JSON it has the keys of <see cref="SegmentationReport"/>, whatever the
/// serializer's policy of names, and no pixels.
/// </summary>
public sealed class Segmentation
{
    private readonly Lazy<IReadOnlyList<Lesion>> lesions;
    private readonly Lazy<IReadOnlyList<float[]>> probabilities;
    private readonly ProbabilityMaps maps;
    private readonly LesionCalibration? calibration;

    private Segmentation(
        int width, int height, ProbabilityMaps maps, Mask mask, LesionCalibration? calibration, double presence,
        PresenceThreshold? threshold)
    {
        this.maps = maps;
        this.calibration = calibration;
        Presence = presence;
        PresenceThreshold = threshold;
        Width = width;
        Height = height;
        Mask = mask;
        probabilities = new Lazy<IReadOnlyList<float[]>>(maps.Expand);
        lesions = new Lazy<IReadOnlyList<Lesion>>(() => FindLesions(Mask));
    }

    /// <summary>Width in pixels.</summary>
    [JsonPropertyName("width")]
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    [JsonPropertyName("height")]
    public int Height { get; }

    /// <summary>The number of classes that are not background, at least 1.</summary>
    [JsonIgnore]
    public int Classes => maps.Classes;

    /// <summary>
    /// For each class that is not background its probability, height x width values in [0, 1]; made when they are asked for the first time.
    /// </summary>
    [JsonIgnore]
    public IReadOnlyList<float[]> Probabilities => probabilities.Value;

    /// <summary>
    /// How much speaks for a lesion anywhere in the image, in logits: the log-mean-exp of the network's logits after a small mean filter.
    /// </summary>
    [JsonPropertyName("presence")]
    public double Presence { get; }

    /// <summary>The radius of the mean filter of <see cref="Presence"/>: with 4, it is of 9 x 9 pixels.</summary>
    /// <param name="width">The width of the logits in pixels.</param>
    /// <param name="height">Their height.</param>
    public static int PresenceRadius(int width, int height) => Masks.Presence.Radius(width, height);

    /// <summary>What <see cref="Presence"/> has to exceed for the image not to be taken for healthy; null where there is none.</summary>
    [JsonIgnore]
    public PresenceThreshold? PresenceThreshold { get; }

    /// <summary>
    /// Whether the image is taken for healthy, its presence being at or below the threshold. Its mask is then empty; with
    /// <see cref="SegmenterOptions.IgnorePresence"/> it may not be, and the confidences of its lesions may be too high.
    /// </summary>
    [JsonIgnore]
    public bool IsBelowPresence => PresenceThreshold is { } threshold && Presence <= threshold.Score;

    /// <summary>
    /// The class of each pixel. With one output: 1 where its probability is above the threshold. With several: the most probable, 0 being
    /// the background. Where <see cref="IsBelowPresence"/> the background everywhere, unless that is ignored. To correct it, copy its
    /// pixels: <see cref="Lesions"/> and <see cref="Area"/> are made of them when they are asked for, as what the network found.
    /// </summary>
    [JsonIgnore]
    public Mask Mask { get; }

    /// <summary>The pixels that belong to a class, of whichever lesion.</summary>
    [JsonPropertyName("area")]
    public int Area => Mask.Pixels.Length - Mask.Area(0);

    /// <summary>
    /// The lesions, the largest first: the mask's connected components (of eight neighbors), each with its area in pixels, its box, its
    /// outer contour in pixels of the image, its mean probability, and its confidence where there is a calibration. They are found in
    /// <see cref="Mask"/> when they are asked for the first time, on the thread that asks; a mask that is changed before has other ones.
    /// </summary>
    [JsonPropertyName("lesions")]
    public IReadOnlyList<Lesion> Lesions => lesions.Value;

    /// <summary>The lesions of a mask, each with its mean probability, and its confidence where there is a calibration.</summary>
    /// <param name="mask">This segmentation's <see cref="Mask"/>, or what a filter or a person made of it.</param>
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

        if (mask.Pixels.AsSpan().IndexOfAnyExceptInRange((byte)0, (byte)maps.Classes) is var place and >= 0)
        {
            throw new ArgumentException(
                $"The mask has the class {mask.Pixels[place]}, and the segmentation none above {maps.Classes}.", nameof(mask));
        }

        // The labels are as large as the image, and no longer needed when the lesions are measured.
        int[] labels = ArrayPool<int>.Shared.Rent(mask.Pixels.Length);
        ConnectedComponents found = ConnectedComponents.Of(mask, labels);
        IReadOnlyList<Lesion> measured = Lesion.Find(found, maps.Sums(found), Mask, calibration);
        ArrayPool<int>.Shared.Return(labels);
        return measured;
    }

    /// <summary>The same findings in the image that this one was cut out of: all around it is background, with the probability 0.</summary>
    /// <param name="width">The width of that image.</param>
    /// <param name="height">The height of that image.</param>
    /// <param name="x">The column of that image that this one's first column is.</param>
    /// <param name="y">The row of that image that this one's first row is.</param>
    /// <exception cref="ArgumentOutOfRangeException">This image is not within that one.</exception>
    /// <exception cref="ArgumentException">No array holds the pixels of that image.</exception>
    public Segmentation PlacedIn(int width, int height, int x, int y)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(x);
        ArgumentOutOfRangeException.ThrowIfNegative(y);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(x, width - Width);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(y, height - Height);
        byte[] whole = new byte[PixelCount.Of(width, height)];
        for (int row = 0; row < Height; row++)
        {
            Mask.Pixels.AsSpan(row * Width, Width).CopyTo(whole.AsSpan(((y + row) * width) + x));
        }

        return new Segmentation(
            width, height, maps.PlacedIn(width, height, x, y), new Mask(width, height, whole), calibration, Presence, PresenceThreshold);
    }

    /// <summary>What a probability map of one class says: for a program's tests, and for networks that are computed elsewhere.</summary>
    /// <param name="width">The image's width in pixels, at least 1.</param>
    /// <param name="height">Its height, at least 1.</param>
    /// <param name="probability">height x width values in [0, 1]; the array is not copied.</param>
    /// <param name="threshold">A pixel belongs to the class where its probability is above this, in [0, 1].</param>
    /// <exception cref="ArgumentException">There is not one probability for each pixel, or one is not from 0 to 1.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A side is below 1, or the threshold is not from 0 to 1.</exception>
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

        if (probability.AsSpan().IndexOfAnyExceptInRange(0f, 1f) is var place and >= 0)
        {
            throw new ArgumentException($"A probability is from 0 to 1, and number {place} is {probability[place]}.", nameof(probability));
        }

        if (!(threshold is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(threshold), threshold, "The threshold is from 0 to 1.");
        }

        ProbabilityMaps maps = new(probability, 1, width, height, width, height);
        byte[] mask = new byte[probability.Length];
        maps.Decide((float)threshold, mask);
        float[] logits = Array.ConvertAll(probability, static p => Logit(Math.Clamp(p, 1e-7, 1 - 1e-7)));
        return new Segmentation(
            width, height, maps, new Mask(width, height, mask), calibration: null, Masks.Presence.Score(logits, 1, width, height),
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
    /// <param name="threshold">Used with one output only.</param>
    /// <param name="calibration">
    /// What makes the confidence of lesions, fitted with these weights and this threshold; null leaves it out.
    /// </param>
    /// <param name="presenceThreshold">What the presence has to exceed for anything to be outlined; null outlines all.</param>
    /// <param name="canvas">
    /// The size of what the network saw, and where the image's first pixel stands in it; null where it saw the image alone.
    /// </param>
    /// <param name="ignorePresence">Whether all is outlined at or below that threshold too.</param>
    /// <exception cref="ArgumentException">
    /// The logits have another length, or a side is below 1, or no array holds the pixels of the image.
    /// </exception>
    internal static Segmentation FromLogits(
        ReadOnlySpan<float> logits, int outputs, int width, int height, int imageWidth, int imageHeight, float threshold,
        LesionCalibration? calibration = null, PresenceThreshold? presenceThreshold = null,
        (int Width, int Height, int X, int Y)? canvas = null, bool ignorePresence = false)
    {
        if (logits.Length != (long)outputs * width * height)
        {
            throw new ArgumentException(
                $"{outputs} x {height} x {width} needs {(long)outputs * width * height} logits, not {logits.Length}.", nameof(logits));
        }

        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(imageWidth);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(imageHeight);
        Mask mask = new(imageWidth, imageHeight, new byte[PixelCount.Of(imageWidth, imageHeight)]);
        ProbabilityMaps maps = new(Activation.Probabilities(logits, outputs), outputs, width, height, imageWidth, imageHeight, canvas);
        double presence = Masks.Presence.Score(logits, outputs, width, height, canvas is { } seen ? PartOf(seen) : null);
        Segmentation found = new(imageWidth, imageHeight, maps, mask, calibration, presence, presenceThreshold);
        if (ignorePresence || !found.IsBelowPresence)
        {
            maps.Decide(threshold, mask.Pixels);
        }

        return found;

        // Bars are no image: no training says what the logits are there.
        BoundingBox PartOf((int Width, int Height, int X, int Y) seen)
        {
            (int left, int right) = Range(seen.X, imageWidth, (double)width / seen.Width, width);
            (int top, int bottom) = Range(seen.Y, imageHeight, (double)height / seen.Height, height);
            return new BoundingBox(left, top, right - left, bottom - top);
        }

        // The pixels whose middle lies in it, one at least.
        static (int First, int End) Range(int start, int length, double scale, int all)
        {
            int first = Math.Min((int)Math.Ceiling((start * scale) - 0.5), all - 1);
            return (first, Math.Max((int)Math.Ceiling(((start + length) * scale) - 0.5), first + 1));
        }
    }
}
