namespace CMUNeXt.Imaging;

/// <summary>The cores that the images of a pipeline share: as many threads compute at once, and the others wait.</summary>
public sealed class Cores
{
    private readonly SemaphoreSlim free;

    internal Cores(SemaphoreSlim free) => this.free = free;

    /// <summary>Computes on one of them, as soon as one is free.</summary>
    /// <param name="work">What computes.</param>
    /// <param name="cancellation">Says that it is no longer wanted.</param>
    /// <exception cref="OperationCanceledException">It was no longer wanted before a core was free.</exception>
    public T Use<T>(Func<T> work, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(work);
        free.Wait(cancellation);
        try
        {
            return work();
        }
        finally
        {
            free.Release();
        }
    }
}
