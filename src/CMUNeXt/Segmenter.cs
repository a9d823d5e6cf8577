using System.Buffers;
using CMUNeXt.Backends;
using CMUNeXt.Engine.Inference;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Masks;
using CMUNeXt.Networks;
using CMUNeXt.Weights;

namespace CMUNeXt;

/// <summary>
/// From an image of any size to its mask at that size: preprocessing, network, probability, threshold. Any number of callers may segment at
/// once: with the managed backend as many as there are cores compute, and the others wait, to be computed in the order in which they came.
/// </summary>
public sealed class Segmenter : ISegmenter, IDisposable
{
    private readonly Network network;
    private readonly LesionCalibration? calibration;
    private readonly PresenceThreshold? presence;
    private readonly bool ignorePresence;
    private readonly LoadedWeights? weights;

    /// <summary>Puts a network and what its weights say of themselves together. The network stays the caller's to dispose.</summary>
    /// <param name="network">Any backend.</param>
    /// <param name="preprocessing">How an image becomes the input; its channels are the network's.</param>
    /// <param name="threshold">With one output, a pixel belongs to the class where its probability is above this, in [0, 1].</param>
    /// <param name="calibration">
    /// What makes the confidence of lesions, as the weights have it for this threshold (<see cref="WeightsMetadata.CalibrationAt"/>); null
    /// leaves it out.
    /// </param>
    /// <param name="presence">
    /// What the presence of a lesion has to exceed for anything to be outlined, as the weights have it
    /// (<see cref="WeightsMetadata.Presence"/>); null outlines all.
    /// </param>
    /// <param name="ignorePresence">
    /// Whether lesions are outlined at or below that threshold too, as <see cref="SegmenterOptions.IgnorePresence"/> says.
    /// </param>
    /// <exception cref="ArgumentException">
    /// The preprocessing gives another number of channels or another size than the network takes, a value of it is out of its range, or it
    /// gives more pixels than an array holds.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">The threshold is not from 0 to 1.</exception>
    public Segmenter(
        Network network, Preprocessing preprocessing, double threshold = 0.5, LesionCalibration? calibration = null,
        PresenceThreshold? presence = null, bool ignorePresence = false)
        : this(network, preprocessing, threshold, calibration, presence, ignorePresence, weights: null)
    {
    }

    private Segmenter(
        Network network, Preprocessing preprocessing, double threshold, LesionCalibration? calibration, PresenceThreshold? presence,
        bool ignorePresence, LoadedWeights? weights)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(preprocessing);
        if (preprocessing.Channels != network.Description.Channels)
        {
            throw new ArgumentException(
                $"The preprocessing gives {preprocessing.Channels} channels, and the network takes {network.Description.Channels}.",
                nameof(preprocessing));
        }

        if (preprocessing.FindFault() is { } fault)
        {
            throw new ArgumentException($"The preprocessing is not possible: {fault}.", nameof(preprocessing));
        }

        if ((network.Description.FindFault()
            ?? network.Description.FindFault(preprocessing.Width, preprocessing.Height)
            ?? FindSizeFault(network.Description.Name, preprocessing)) is { } networkFault)
        {
            throw new ArgumentException($"The network is not possible: {networkFault}.", nameof(network));
        }

        if (!(threshold is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(threshold), threshold, "The threshold is from 0 to 1.");
        }

        this.network = network;
        Preprocessing = preprocessing;
        Threshold = threshold;
        this.calibration = calibration;
        this.presence = presence;
        this.ignorePresence = ignorePresence;
        this.weights = weights;
    }

    /// <summary>The name of the network, such as <c>cmunext-s</c>.</summary>
    public string Model => network.Description.Name;

    /// <summary>
    /// The names of the classes that are not background, in the order of <see cref="Segmentation.Probabilities"/>; empty where the weights
    /// do not name them, and where the caller made the network.
    /// </summary>
    public IReadOnlyList<string> Classes => weights?.Metadata?.Classes ?? [];

    /// <summary>With one output, a pixel belongs to the class where its probability is above this, in [0, 1].</summary>
    public double Threshold { get; }

    /// <summary>How an image becomes the network's input, whose width and height it states.</summary>
    public Preprocessing Preprocessing { get; }

    /// <summary>
    /// What computes, with what its speed depends on: its instruction set, such as <c>CMUNeXt.NET 0.1.0 with Avx512</c>.
    /// </summary>
    public string Engine => network.Engine;

    /// <summary>
    /// The SHA-256 of the weight file, in hexadecimal digits, computed when it is first asked for; null where the caller made the network.
    /// </summary>
    public string? WeightsSha256 => weights?.Sha256;

    /// <summary>Loads a weight file, and computes with this library's own engine.</summary>
    /// <param name="path">A <c>.safetensors</c> or <c>.pth</c>; without metadata it is taken to follow the published protocol.</param>
    /// <param name="options">How it computes and decides; the weights' own threshold and all cores if not given.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of threads is below 1, or the threshold is not from 0 to 1.</exception>
    /// <exception cref="ArgumentException">A threshold is given, and the weights have several outputs.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="BadFileException">
    /// The file cannot be read, is no weight file, is damaged, or does not hold a CMUNeXt that the engine computes.
    /// </exception>
    public static Segmenter Load(string path, SegmenterOptions? options = null) => Load(WeightsFile.Load(path), options);

    /// <summary>Computes with this library's own engine.</summary>
    /// <param name="weights">Loaded weights; without metadata they are taken to follow the published protocol.</param>
    /// <param name="options">How it computes and decides; the weights' own threshold and all cores if not given.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of threads is below 1, or the threshold is not from 0 to 1.</exception>
    /// <exception cref="ArgumentException">A threshold is given, and the weights have several outputs.</exception>
    /// <exception cref="BadFileException">
    /// The weights are not those of a CMUNeXt, or of one that the engine does not compute, or hold a value that is not finite, or
    /// give logits that are not.
    /// </exception>
    public static Segmenter Load(LoadedWeights weights, SegmenterOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(weights);
        options ??= new SegmenterOptions();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Threads ?? 1, nameof(options.Threads));
        if (!((options.Threshold ?? 0) is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.Threshold, "The threshold is from 0 to 1.");
        }

        WeightsMetadata metadata = weights.Describe();
        if (options.Threshold is not null && metadata.Network.Outputs > 1)
        {
            throw new ArgumentException(
                $"A threshold is for weights of one output; with the {metadata.Network.Outputs} of these a pixel belongs to the most "
                    + "probable class.", nameof(options));
        }

        if (!ManagedNetwork.Supports(metadata.Network))
        {
            throw new BadFileException(
                weights.Path, $"holds a {metadata.Network.Name} that this engine does not compute; open it with a backend that does");
        }

        metadata = new Ensemble([weights], options.Flips).Metadata;
        double decided = options.Threshold ?? metadata.Threshold;
        Network network = Open(weights, metadata.Network, options.Threads);
        return new Segmenter(
            options.Flips ? new EnsembleNetwork([network], leftRight: true, metadata.VerticalFlips) : network,
            metadata.Preprocessing, decided, metadata.CalibrationAt(decided), metadata.Presence, options.IgnorePresence, weights);
    }

    /// <summary>Segments pixels in memory.</summary>
    /// <param name="pixels">Any size, gray or color.</param>
    /// <param name="cancellation">Says that the result is no longer wanted; the managed backend then stops between two layers.</param>
    /// <returns>What was found, at the pixels' own size.</returns>
    /// <exception cref="ArgumentException">
    /// The buffer views no pixels, or they are too narrow to be shown with bars, more than 2,147,483,647 pixels long.
    /// </exception>
    /// <exception cref="NotFiniteNumberException">
    /// A logit is not finite: there is no finding, which is not the same as no lesion.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The segmenter's network was disposed of.</exception>
    /// <exception cref="OperationCanceledException">The result was no longer wanted.</exception>
    public Segmentation Segment(PixelBuffer pixels, CancellationToken cancellation = default)
    {
        // A structure is there without its constructor, too.
        return pixels.Width > 0
            ? network.Call(pixels, pixels => SegmentInCall(pixels, cancellation), cancellation)
            : throw new ArgumentException("The buffer views no pixels.", nameof(pixels));
    }

    /// <summary>Segments an image.</summary>
    /// <param name="image">Any size, gray or color.</param>
    /// <param name="cancellation">Says that the result is no longer wanted; the managed backend then stops between two layers.</param>
    /// <returns>What was found, at the image's own size.</returns>
    /// <exception cref="ArgumentException">The image is too narrow to be shown with bars, more than 2,147,483,647 pixels long.</exception>
    /// <exception cref="NotFiniteNumberException">
    /// A logit is not finite: there is no finding, which is not the same as no lesion.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The segmenter's network was disposed of.</exception>
    /// <exception cref="OperationCanceledException">The result was no longer wanted.</exception>
    public Segmentation Segment(Image image, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        return Segment(new PixelBuffer(image), cancellation);
    }

    /// <summary>
    /// Segments an image on a thread of the pool. While other calls compute, which are as many as there are cores, no thread waits.
    /// </summary>
    /// <param name="image">Any size, gray or color.</param>
    /// <param name="cancellation">Says that the result is no longer wanted; the managed backend then stops between two layers.</param>
    /// <returns>What was found, at the image's own size.</returns>
    /// <exception cref="ArgumentException">The image is too narrow to be shown with bars, more than 2,147,483,647 pixels long.</exception>
    /// <exception cref="NotFiniteNumberException">
    /// A logit is not finite: there is no finding, which is not the same as no lesion.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The segmenter's network was disposed of.</exception>
    /// <exception cref="OperationCanceledException">The result was no longer wanted.</exception>
    public Task<Segmentation> SegmentAsync(Image image, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        return network.CallAsync(() => SegmentInCall(new PixelBuffer(image), cancellation), cancellation);
    }

    /// <summary>
    /// Segments one image after another, as many at once as there are cores. One more image is taken ahead.
    /// </summary>
    /// <param name="images">
    /// Images of any size, gray or color. The pixels of each stay as they are until its result is there: a source uses no buffer again. A
    /// thread of the pool asks for them, so that a source may decode.
    /// </param>
    /// <param name="cancellation">Says that no more results are wanted.</param>
    /// <returns>What was found in each, in the order of the images.</returns>
    /// <exception cref="NotFiniteNumberException">
    /// A logit is not finite: there is no finding, which is not the same as no lesion.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The segmenter's network was disposed of.</exception>
    /// <exception cref="OperationCanceledException">The results were no longer wanted.</exception>
    public IAsyncEnumerable<Segmentation> SegmentAsync(IAsyncEnumerable<Image> images, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        return SegmentationStream.Of(this, images, cancellation);
    }

    /// <summary>The logits of an image at the network's own size.</summary>
    /// <param name="image">Any size, gray or color.</param>
    /// <param name="cancellation">Says that they are no longer wanted.</param>
    /// <returns>outputs x Height x Width values, of the preprocessing's size.</returns>
    /// <exception cref="NotFiniteNumberException">
    /// A logit is not finite: there is no finding, which is not the same as no lesion.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The segmenter's network was disposed of.</exception>
    /// <exception cref="OperationCanceledException">They were no longer wanted.</exception>
    public float[] ComputeLogits(Image image, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        return network.Call(
            image,
            image =>
            {
                float[] logits = new float[LogitsLength];
                ComputeLogits(new PixelBuffer(image), logits, cancellation);
                CheckFinite(logits);
                return logits;
            },
            cancellation);
    }

    /// <summary>What logits say of an image: to probability, probability bilinearly to the image's size, then the decision.</summary>
    /// <param name="logits">Those of <see cref="ComputeLogits(Image, CancellationToken)"/>.</param>
    /// <param name="width">The image's width in pixels.</param>
    /// <param name="height">Its height.</param>
    /// <returns>What was found, at the image's own size.</returns>
    /// <exception cref="ArgumentException">
    /// The logits have another length, or a side is below 1, or no array holds the pixels of the image.
    /// </exception>
    /// <exception cref="NotFiniteNumberException">
    /// A logit is not finite: there is no finding, which is not the same as no lesion.
    /// </exception>
    public Segmentation Decide(ReadOnlySpan<float> logits, int width, int height)
    {
        CheckFinite(logits);
        return Segmentation.FromLogits(
            logits, network.Description.Outputs, Preprocessing.Width, Preprocessing.Height, width, height, (float)Threshold,
            calibration, presence, Preprocessing.CanvasOf(width, height), ignorePresence);
    }

    /// <summary>Gives back the network where <see cref="Load(string, SegmenterOptions?)"/> made it.</summary>
    public void Dispose()
    {
        if (weights is not null)
        {
            network.Dispose();
        }
    }

    private static ManagedNetwork Open(LoadedWeights weights, NetworkDescription network, int? threads)
    {
        ManagedNetwork? opened = null;
        try
        {
            opened = new ManagedNetwork(network, weights.State, threads);
            FiniteLogits.Check(opened, weights.Path);
            return opened;
        }
        catch (ArgumentException e)
        {
            // Nothing but the values of the tensors is left to be wrong.
            throw new BadFileException(weights.Path, e.Message, e);
        }
        catch (BadFileException)
        {
            opened?.Dispose();
            throw;
        }
    }

    private int LogitsLength => checked(network.Description.Outputs * Preprocessing.Height * Preprocessing.Width);

    private Segmentation SegmentInCall(PixelBuffer pixels, CancellationToken cancellation)
    {
        float[] logits = ArrayPool<float>.Shared.Rent(LogitsLength);
        Span<float> computed = logits.AsSpan(0, LogitsLength);
        ComputeLogits(pixels, computed, cancellation);
        Segmentation segmentation = Decide(computed, pixels.Width, pixels.Height);
        ArrayPool<float>.Shared.Return(logits);
        return segmentation;
    }

    private void ComputeLogits(PixelBuffer pixels, Span<float> logits, CancellationToken cancellation)
    {
        int length = checked(Preprocessing.Channels * Preprocessing.Height * Preprocessing.Width);
        float[] input = ArrayPool<float>.Shared.Rent(length);
        Preprocessing.Apply(pixels, input.AsSpan(0, length));
        network.ForwardInCall(input.AsSpan(0, length), 1, Preprocessing.Height, Preprocessing.Width, logits, cancellation);
        ArrayPool<float>.Shared.Return(input);
    }

    private static string? FindSizeFault(string network, Preprocessing preprocessing)
    {
        InputSize size = NetworkCatalog.SizeOf(network);
        return size.FindFault(size.RoundUp(preprocessing.Width), size.RoundUp(preprocessing.Height));
    }

    private static void CheckFinite(ReadOnlySpan<float> logits)
    {
        if (!FiniteLogits.Are(logits))
        {
            throw new NotFiniteNumberException("The network's logits of this image are not finite numbers, so nothing can be said of it.");
        }
    }
}
