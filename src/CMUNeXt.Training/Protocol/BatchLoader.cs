using CMUNeXt.Backends;
using CMUNeXt.Images;
using CMUNeXt.Masks;
using CMUNeXt.Training.Augmentations;
using CMUNeXt.Training.Data;

namespace CMUNeXt.Training.Protocol;

/// <summary>Makes the batches of an epoch beside the training, so that no iteration waits for its data.</summary>
/// <param name="cache">Where cases come from.</param>
/// <param name="preprocessing">How an image becomes the network's input.</param>
/// <param name="protocol">Batch size, augmentation, share of healthy images and seed.</param>
internal sealed class BatchLoader(CaseCache cache, Preprocessing preprocessing, TrainingProtocol protocol)
{
    // One thread keeps pace with two cores that train, and eight with a GPU.
    private static readonly int Workers = Math.Max(Environment.ProcessorCount / 2, 1);
    private static readonly int Ahead = Workers + 3;

    // Of an image on its canvas.
    private readonly Preprocessing stretched = preprocessing with { Letterbox = false };

    private readonly UltrasoundAugmenter? ultrasound = protocol.Augmentation == AugmentationKind.Ultrasound
        ? new UltrasoundAugmenter(
            protocol.Ultrasound, (preprocessing.Width, preprocessing.Height), preprocessing.Order == ChannelOrder.Mean, protocol.Seed,
            protocol.Epochs)
        : null;

    private bool Pastes => ultrasound is not null && protocol.Ultrasound.PastedLesions > 0;

    /// <summary>The batches that an epoch of training has.</summary>
    /// <param name="cases">The cases of the training list.</param>
    /// <param name="shares">The shares of the lists that they were put together from; null draws all alike.</param>
    /// <exception cref="Files.BadFileException">A mask cannot be used.</exception>
    /// <exception cref="InvalidDataException">
    /// A share of healthy images is asked for, and the cases have none, or nothing else.
    /// </exception>
    public EpochOrder Order(IReadOnlyList<Case> cases, IReadOnlyList<ListShare>? shares = null)
    {
        if (Pastes || protocol.HealthyShare + protocol.Oversample > 0)
        {
            // The first time, all masks are decoded.
            _ = CasesAtOnce.Read(cases, cache.IsHealthy, Workers);
        }

        return new EpochOrder(
            protocol, cases, cache.IsHealthy, CaseRates.Of(cases, shares, protocol.Oversample, cache.ClassesOf));
    }

    /// <summary>
    /// The batches of an epoch of training, in an order and augmented in a way that are functions of seed, epoch and case alone.
    /// </summary>
    /// <param name="order">What <see cref="Order"/> made of the training list.</param>
    /// <param name="epoch">From 0.</param>
    /// <param name="firstIteration">The number of batches to leave out.</param>
    /// <param name="share">Takes of the cases of a batch those that are made here; null makes all.</param>
    public IEnumerable<Batch> Training(EpochOrder order, int epoch, int firstIteration = 0, Func<Case[], Case[]>? share = null)
    {
        PastedLesions? pasted = Pastes ? new(protocol.Ultrasound.PastedLesions, protocol.Seed, cache, order.Cases) : null;
        return Prefetch(order.Batches(epoch).Skip(firstIteration).Select(cases =>
            (Func<Batch>)(() => Make(share?.Invoke(cases) ?? cases, (name, loaded) => Augment(name, loaded, epoch, pasted)))));
    }

    /// <summary>The cases in their order, as they are.</summary>
    /// <param name="cases">The cases of the validation list.</param>
    /// <param name="count">The number of cases in a batch.</param>
    public IEnumerable<Batch> Validation(IReadOnlyList<Case> cases, int count = 1) =>
        Prefetch(cases.Chunk(count).Select(chunk => (Func<Batch>)(() => Make(chunk, static (_, loaded) => (loaded.Image, loaded.Mask)))));

    /// <summary>Whether a case's image is healthy.</summary>
    public bool IsHealthy(Case source) => cache.IsHealthy(source);

    /// <summary>A case's image at the network's size.</summary>
    public Image LoadResized(Case source) =>
        LoadedCase.Place(cache.Load(source).Image, preprocessing).Resize(preprocessing.Width, preprocessing.Height);

    private (Image Image, Mask Mask) Augment(string name, LoadedCase loaded, int epoch, PastedLesions? pasted)
    {
        if (ultrasound is not null)
        {
            (Image image, Mask mask) = pasted?.Apply(name, loaded.Image, loaded.Mask, epoch) ?? (loaded.Image, loaded.Mask);
            return ultrasound.Apply(name, LoadedCase.Place(image, preprocessing), LoadedCase.Place(mask, preprocessing), epoch);
        }

        Augmentation augmentation = Augmentation.Draw(protocol.Augmentation, protocol.Seed, epoch, name);
        return (augmentation.Apply(loaded.Image), augmentation.Apply(loaded.Mask));
    }

    private Batch Make(Case[] cases, Func<string, LoadedCase, (Image Image, Mask Mask)> augment)
    {
        int pixels = preprocessing.Width * preprocessing.Height;
        int inputs = preprocessing.Channels * pixels;
        float[] input = new float[cases.Length * inputs];
        byte[] labels = new byte[cases.Length * pixels];
        for (int i = 0; i < cases.Length; i++)
        {
            (Image image, Mask mask) = augment(cases[i].Name, cache.Load(cases[i]));
            stretched.Apply(LoadedCase.Place(image, preprocessing), input.AsSpan(i * inputs, inputs));
            LoadedCase.Place(mask, preprocessing).Resize(preprocessing.Width, preprocessing.Height).Pixels
                .CopyTo(labels.AsSpan(i * pixels));
        }

        (byte[] target, bool[]? ignored) = IgnoredPixels.Split(labels);
        return new Batch(cases.Length, preprocessing.Height, preprocessing.Width, input, target) { Ignored = ignored };
    }

    // A few threads work on the batches that come next; whoever stops reading stops them.
    private static IEnumerable<Batch> Prefetch(IEnumerable<Func<Batch>> batches)
    {
        using CancellationTokenSource stop = new();
        TaskFactory<Batch> factory = new(
            stop.Token, TaskCreationOptions.None, TaskContinuationOptions.None,
            new ConcurrentExclusiveSchedulerPair(TaskScheduler.Default, Workers).ConcurrentScheduler);
        Queue<Task<Batch>> ahead = new();
        try
        {
            foreach (Func<Batch> batch in batches)
            {
                ahead.Enqueue(factory.StartNew(batch));
                if (ahead.Count > Ahead)
                {
                    yield return ahead.Dequeue().GetAwaiter().GetResult();
                }
            }

            while (ahead.TryDequeue(out Task<Batch>? made))
            {
                yield return made.GetAwaiter().GetResult();
            }
        }
        finally
        {
            stop.Cancel();
            foreach (Task<Batch> left in ahead)
            {
                ((IAsyncResult)left).AsyncWaitHandle.WaitOne();
            }
        }
    }
}
