using CMUNeXt.Cli.Terminal;
using CMUNeXt.Files;
using CMUNeXt.Networks;
using CMUNeXt.Tensors;
using CMUNeXt.Weights;

namespace CMUNeXt.Cli.Benchmark;

/// <summary>What all backends compute side by side.</summary>
/// <param name="Model">The network's name.</param>
/// <param name="Weights">The weight file; null for weights by formula.</param>
/// <param name="Threads">The number of threads.</param>
/// <param name="Size">Height and width of the images in pixels.</param>
/// <param name="Batch">Images in a call.</param>
internal sealed record BenchmarkCase(string Model, string? Weights, int Threads, int Size, int Batch)
{
    /// <summary>The network, and its tensors.</summary>
    /// <exception cref="BadFileException">The weight file cannot be read.</exception>
    public (NetworkDescription Network, StateDict State) Load()
    {
        if (Weights is null)
        {
            NetworkDescription known = NetworkCatalog.Describe(Model);
            return (known, FormulaWeights.Create(known));
        }

        LoadedWeights loaded = NetworkWeights.Load(Weights);
        return (NetworkWeights.Describe(loaded, null), loaded.State);
    }

    public override string ToString() => $"{Model}, {Quantity.Of(Threads, "thread")}, {Size} x {Size}, batch {Batch}";
}
