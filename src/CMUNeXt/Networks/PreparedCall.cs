namespace CMUNeXt.Networks;

/// <summary>
/// One call of a network, to be made again and again with the same images: what a backend can do once for all of them is done, so that
/// only the computation is left. One thread at a time.
/// </summary>
public abstract class PreparedCall : IDisposable
{
    /// <summary>Computes the logits, into the backend's own memory.</summary>
    /// <exception cref="ObjectDisposedException">The network was disposed of.</exception>
    public abstract void Run();

    /// <summary>A copy of the logits of the last <see cref="Run"/>: batch x outputs x height x width.</summary>
    public abstract float[] CopyLogits();

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Gives back what the call holds; the network is the caller's.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }
}
