using System.Collections.Concurrent;

namespace CMUNeXt.Imaging;

/// <summary>
/// Work on many images, each done by one thread from reading to writing. There are more threads than cores, which the computing shares, so
/// that while some threads wait for the disk others have work; what is under way is bounded, and so is its memory.
/// </summary>
public static class ImagePipeline
{
    // Reading an image and flushing its results take about as long as computing it.
    private const int ThreadsPerCore = 3;

    /// <summary>Does the work. The images are taken on the caller's thread, in order, as results are.</summary>
    /// <param name="images">The images, taken some ahead of the results.</param>
    /// <param name="cores">The images that are computed at once, at least 1.</param>
    /// <param name="work">Works on one image, on any thread; what it computes uses one of the cores.</param>
    /// <param name="cancellation">No image is begun after it; what is under way comes to its end, as it likes.</param>
    /// <returns>What became of each image, in the order of the images: a task that is completed, canceled where it was not begun.</returns>
    public static IEnumerable<Task<TResult>> Run<TImage, TResult>(
        IEnumerable<TImage> images, int cores, Func<TImage, Cores, TResult> work, CancellationToken cancellation)
    {
        int most = ThreadsPerCore * cores;
        using SemaphoreSlim free = new(cores);
        Cores computing = new(free);
        using BlockingCollection<Action> waiting = [];
        Queue<Task<TResult>> underWay = [];
        List<Thread> threads = [];
        try
        {
            foreach (TImage image in images.TakeWhile(_ => !cancellation.IsCancellationRequested))
            {
                TaskCompletionSource<TResult> result = new();
                underWay.Enqueue(result.Task);
                waiting.Add(() => Complete(result, () => work(image, computing), cancellation), CancellationToken.None);
                if (threads.Count < most)
                {
                    threads.Add(Start(waiting));
                }

                // As many wait as are worked on, so that a thread that is done finds the next.
                if (underWay.Count == 2 * most)
                {
                    yield return Completed(underWay.Dequeue());
                }
            }

            while (underWay.TryDequeue(out Task<TResult>? task))
            {
                yield return Completed(task);
            }
        }
        finally
        {
            waiting.CompleteAdding();
            threads.ForEach(static thread => thread.Join());
        }
    }

    private static Thread Start(BlockingCollection<Action> waiting)
    {
        Thread thread = new(() =>
        {
            foreach (Action work in waiting.GetConsumingEnumerable())
            {
                work();
            }
        })
        { IsBackground = true, Name = "CMUNeXt images" };
        thread.Start();
        return thread;
    }

    private static void Complete<TResult>(TaskCompletionSource<TResult> result, Func<TResult> work, CancellationToken cancellation)
    {
        try
        {
            cancellation.ThrowIfCancellationRequested();
            result.SetResult(work());
        }
        catch (OperationCanceledException e)
        {
            result.SetCanceled(e.CancellationToken);
        }
        catch (Exception e)
        {
            result.SetException(e);
        }
    }

    private static Task<TResult> Completed<TResult>(Task<TResult> task)
    {
        ((Task)task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
        return task;
    }
}
