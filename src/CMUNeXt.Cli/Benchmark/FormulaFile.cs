using CMUNeXt.Networks;
using CMUNeXt.Weights;

namespace CMUNeXt.Cli.Benchmark;

/// <summary>
/// Weights by formula in a file, for networks whose tensors libtorch alone knows: a worker of another backend that loaded it for their
/// names would have its memory too. Gone when it is disposed of.
/// </summary>
internal sealed class FormulaFile : IDisposable
{
    private readonly string? path;

    private FormulaFile(BenchmarkCase measured, string? path)
    {
        Case = path is null ? measured : measured with { Weights = path };
        this.path = path;
    }

    /// <summary>The case as the workers are to have it.</summary>
    public BenchmarkCase Case { get; }

    /// <summary>Writes the file where the case needs one.</summary>
    public static FormulaFile For(BenchmarkCase measured)
    {
        if (measured.Weights is not null || NetworkCatalog.Describe(measured.Model) is not { Configuration: null } network)
        {
            return new FormulaFile(measured, null);
        }

        string path = Path.Combine(Path.GetTempPath(), $"cmunext-benchmark-{Guid.NewGuid():N}.safetensors");
        WeightsFile.Save(path, FormulaWeights.Create(network));
        return new FormulaFile(measured, path);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (path is not null)
        {
            File.Delete(path);
        }
    }
}
