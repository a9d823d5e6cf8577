using System.Runtime.CompilerServices;
using CMUNeXt.Images;

namespace CMUNeXt;

/// <summary>
/// Segments one image after another, several at once, and keeps their order. A result is given as soon as it is there, whether or not
/// another image comes.
/// </summary>
internal static class SegmentationStream
{
    /// <inheritdoc cref="ISegmenter.SegmentAsync(IAsyncEnumerable{Image}, CancellationToken)"/>
    public static async IAsyncEnumerable<Segmentation> Of(
        ISegmenter segmenter, IAsyncEnumerable<Image> images, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using CancellationTokenSource left = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        IAsyncEnumerator<Image> source = images.GetAsyncEnumerator(left.Token);
        Queue<Task<Segmentation>> underWay = [];
        Task<Task<bool>> asked = Ask(source);
        try
        {
            Task<bool>? coming = asked.Unwrap();
            while (coming is not null || underWay.Count > 0)
            {
                bool isFull = underWay.Count == Environment.ProcessorCount;
                if (underWay.TryPeek(out Task<Segmentation>? first)
                    && (isFull || coming is null || await IsFirst(first, coming).ConfigureAwait(false)
                        || (HasFailed(coming) && !cancellation.IsCancellationRequested)))
                {
                    yield return await AsOwn(underWay.Dequeue(), cancellation).ConfigureAwait(false);
                }
                else if (await AsOwn(coming!.WaitAsync(cancellation), cancellation).ConfigureAwait(false))
                {
                    underWay.Enqueue(segmenter.SegmentAsync(source.Current, left.Token));
                    asked = Ask(source);
                    coming = asked.Unwrap();
                }
                else
                {
                    coming = null;
                }
            }
        }
        finally
        {
            await left.CancelAsync().ConfigureAwait(false);
            await Leave(source, asked).ConfigureAwait(false);

            // Whoever leaves early leaves no image under way; the token ends them.
            foreach (Task task in underWay)
            {
                await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    // By the pool: many a source decodes before it waits for anything, which a window's own thread would do.
    private static Task<Task<bool>> Ask(IAsyncEnumerator<Image> source) => Task.Factory.StartNew(
        () => source.MoveNextAsync().AsTask(), CancellationToken.None, TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);

    private static async Task<bool> IsFirst(Task task, Task other) => await Task.WhenAny(task, other).ConfigureAwait(false) == task;

    // A source that fails does so after the results of the images that it gave.
    private static bool HasFailed(Task coming) => coming is { IsCompleted: true, IsCompletedSuccessfully: false };

    // What is waited for has a token of the stream's; whoever waits knows the one that was handed in.
    private static async Task<T> AsOwn<T>(Task<T> task, CancellationToken cancellation)
    {
        try
        {
            return await task.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellation);
        }
    }

    // A source that waits for its next image, and does not look at its token, must not hold whoever leaves; one that decodes is done soon.
    private static async ValueTask Leave(IAsyncEnumerator<Image> source, Task<Task<bool>> asked)
    {
        await ((Task)asked).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (asked.IsCompletedSuccessfully && await asked.ConfigureAwait(false) is { IsCompleted: false } coming)
        {
            _ = coming.ContinueWith(_ => source.DisposeAsync().AsTask(), TaskScheduler.Default);
        }
        else
        {
            await source.DisposeAsync().ConfigureAwait(false);
        }
    }
}
