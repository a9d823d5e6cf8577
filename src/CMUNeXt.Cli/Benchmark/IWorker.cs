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
