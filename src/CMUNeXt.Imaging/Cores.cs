namespace CMUNeXt.Imaging;

/// <summary>
/// The cores that the images of a pipeline share, each with a thread that computes. What computes keeps memory for the next image, and so
/// there is as much of it as there are cores, however many threads read and write.
/// </summary>
public sealed class Cores
{
    private readonly WorkerThreads threads;

    internal Cores(WorkerThreads threads) => this.threads = threads;

    /// <summary>Computes on one of them, as soon as one is free; the caller's thread waits.</summary>
    /// <param name="work">What computes.</param>
    /// <param name="cancellation">Says that it is no longer wanted.</param>
    /// <exception cref="OperationCanceledException">It was no longer wanted before a core was free.</exception>
    public T Use<T>(Func<T> work, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(work);
        Task<T> begun = threads.Begin(work, cancellation);
        WorkerThreads.Wait(begun);
        return begun.GetAwaiter().GetResult();
    }
}
