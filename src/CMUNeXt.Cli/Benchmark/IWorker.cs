namespace CMUNeXt.Cli.Benchmark;

/// <summary>A backend that waits to compute a case.</summary>
internal interface IWorker : IDisposable
{
    /// <summary>Opens the backend, warms it up, and gives its name with its version, and its logits.</summary>
    /// <exception cref="BenchmarkFailedException">It cannot compute the case.</exception>
    (string Engine, float[] Logits) Prepare();

    /// <summary>Computes for some time, at least one call, and comes to rest.</summary>
    /// <exception cref="BenchmarkFailedException">It failed.</exception>
    WorkerAnswer Compute(double seconds);
}

/// <summary>A backend cannot be measured, or computes something else than the others; the message names it.</summary>
internal sealed class BenchmarkFailedException(string message) : Exception(message);
