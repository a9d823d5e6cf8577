using System.Collections.Concurrent;
using CMUNeXt.Backends;
using CMUNeXt.Images;
using CMUNeXt.Masks;
using CMUNeXt.Numerics;
using CMUNeXt.Training.Data;

namespace CMUNeXt.Training.Protocol;

/// <summary>Makes the batches of an epoch beside the training, so that no step waits for its data.</summary>
/// <param name="cache">Where cases come from.</param>
/// <param name="preprocessing">How an image becomes the network's input.</param>
/// <param name="protocol">Batch size, augmentation and seed.</param>
internal sealed class BatchLoader(CaseCache cache, Preprocessing preprocessing, TrainingProtocol protocol)
{
    private const int Ahead = 4;

    /// <summary>The number of batches of an epoch.</summary>
    public int StepsOf(int cases) => (cases + protocol.Batch - 1) / protocol.Batch;

    /// <summary>The batches of an epoch of training, in an order and augmented in a way that are functions of seed, epoch and case alone.</summary>
    /// <param name="cases">The cases of the training list.</param>
    /// <param name="epoch">From 0.</param>
    /// <param name="firstStep">The number of batches to leave out.</param>
    public IEnumerable<Batch> Training(IReadOnlyList<Case> cases, int epoch, int firstStep = 0)
    {
        IEnumerable<Case[]> batches = Order(cases, epoch).Chunk(protocol.Batch).Skip(firstStep);
        return Prefetch(batches.Select(chunk => Make(chunk, name => Augmentation.Draw(protocol.Augmentation, protocol.Seed, epoch, name))));
    }

    /// <summary>The cases one by one, in their order, as they are.</summary>
    public IEnumerable<Batch> Validation(IReadOnlyList<Case> cases) => Prefetch(cases.Select(single => Make([single], _ => default)));

    /// <summary>The order of the cases in an epoch.</summary>
    internal IEnumerable<Case> Order(IReadOnlyList<Case> cases, int epoch) =>
        cases.OrderBy(single => new RandomSequence(protocol.Seed, $"place of {single.Name}", (ulong)epoch).Next())
            .ThenBy(single => single.Name, StringComparer.Ordinal);

    private Batch Make(Case[] cases, Func<string, Augmentation> augment)
    {
        int pixels = preprocessing.Width * preprocessing.Height;
        int inputs = preprocessing.Channels * pixels;
        float[] input = new float[cases.Length * inputs];
        byte[] target = new byte[cases.Length * pixels];
        for (int i = 0; i < cases.Length; i++)
        {
            LoadedCase loaded = cache.Load(cases[i]);
            Augmentation augmentation = augment(cases[i].Name);
            preprocessing.Apply(augmentation.Apply(loaded.Image), input.AsSpan(i * inputs, inputs));
            Mask mask = Resize.Nearest(augmentation.Apply(loaded.Mask), preprocessing.Width, preprocessing.Height);
            mask.Pixels.CopyTo(target.AsSpan(i * pixels));
        }

        return new Batch(cases.Length, preprocessing.Height, preprocessing.Width, input, target);
    }

    // A thread of its own fills a short queue; whoever stops reading stops it.
    private static IEnumerable<Batch> Prefetch(IEnumerable<Batch> batches)
    {
        using BlockingCollection<Batch> queue = new(Ahead);
        using CancellationTokenSource stop = new();
        Task producer = Task.Factory.StartNew(
            () =>
            {
                try
                {
                    foreach (Batch batch in batches)
                    {
                        queue.Add(batch, stop.Token);
                    }
                }
                catch (OperationCanceledException) when (stop.IsCancellationRequested)
                {
                }
                finally
                {
                    queue.CompleteAdding();
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        try
        {
            foreach (Batch batch in queue.GetConsumingEnumerable())
            {
                yield return batch;
            }

            producer.GetAwaiter().GetResult();
        }
        finally
        {
            stop.Cancel();
            ((IAsyncResult)producer).AsyncWaitHandle.WaitOne();
        }
    }
}
