namespace CMUNeXt.Imaging;

/// <summary>
/// Work on many images: each is read and written by one thread, and computed by another. There are more threads than cores, which the
/// computing shares, so that while some threads wait for the disk others have work; what is under way is bounded, and so is its memory.
/// </summary>
public static class ImagePipeline
{
    // Reading an image and flushing its results take about as long as computing it.
    private const int ThreadsPerCore = 3;

    /// <summary>
    /// Does the work. The images are taken on the caller's thread, in order, as results are. Whoever leaves early waits for the images that
    /// are begun, and no other is.
    /// </summary>
    /// <param name="images">The images, taken some ahead of the results.</param>
    /// <param name="cores">The images that are computed at once, at least 1.</param>
    /// <param name="work">Works on one image, on any thread; what it computes uses one of the cores.</param>
    /// <param name="cancellation">No image is begun after it; what is under way comes to its end, as it likes.</param>
    /// <returns>What became of each image, in the order of the images: a task that is completed, canceled where it was not begun.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There are no cores.</exception>
    public static IEnumerable<Task<TResult>> Run<TImage, TResult>(
        IEnumerable<TImage> images, int cores, Func<TImage, Cores, TResult> work, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(cores);
        ArgumentNullException.ThrowIfNull(work);
        return Each(images, cores, work, cancellation);
    }

    private static IEnumerable<Task<TResult>> Each<TImage, TResult>(
        IEnumerable<TImage> images, int cores, Func<TImage, Cores, TResult> work, CancellationToken cancellation)
    {
        int most = ThreadsPerCore * cores;
        using CancellationTokenSource left = new();
        using WorkerThreads computing = new(cores);
        using WorkerThreads reading = new(most);
        Cores shared = new(computing);
        Queue<Task<TResult>> underWay = [];
        try
        {
            foreach (TImage image in images.TakeWhile(_ => !cancellation.IsCancellationRequested))
            {
                underWay.Enqueue(reading.Begin(() => Work(image), cancellation));

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
            // The threads do all that waits before they end.
            left.Cancel();
        }

        TResult Work(TImage image)
        {
            left.Token.ThrowIfCancellationRequested();
            return work(image, shared);
        }
    }

    private static Task<TResult> Completed<TResult>(Task<TResult> task)
    {
        WorkerThreads.Wait(task);
        return task;
    }
}
