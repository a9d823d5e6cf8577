using CMUNeXt.Backends;
using CMUNeXt.Networks;
using CMUNeXt.Onnx;
using CMUNeXt.Tensors;

namespace CMUNeXt.OnnxRuntime;

/// <summary>The backend <c>onnxruntime</c>: ONNX Runtime runs the networks that are written as ONNX, on the CPU.</summary>
public sealed class OnnxRuntimeBackend : IBackend
{
    internal const string BackendName = "onnxruntime";

    // ONNX Runtime joins a GELU that is spelled out into an operator of its own, which is as fast as the standard's, or a little faster.
    private const int OpsetWithoutGelu = 19;

    /// <inheritdoc/>
    public string Name => BackendName;

    /// <inheritdoc/>
    public IReadOnlyList<BenchmarkVariant> Variants =>
    [
        new(Name, Runs, (network, weights, threads) => OpenSpinning(network, weights, threads, fold: false)),
        new(
            $"{Name}-folded",
            network => Runs(network) && network.Configuration is not null,
            (network, weights, threads) => OpenSpinning(network, weights, threads, fold: true)),
    ];

    /// <inheritdoc/>
    public bool Runs(NetworkDescription network) => OnnxRuntimeNetwork.Supports(network);

    /// <inheritdoc/>
    public Network Open(NetworkDescription network, StateDict weights, int? threads = null, string device = "cpu") =>
        new OnnxRuntimeNetwork(network, weights, threads);

    private static OnnxRuntimeNetwork OpenSpinning(NetworkDescription network, StateDict weights, int threads, bool fold) =>
        new(network, weights, threads, new OnnxExportOptions { Opset = OpsetWithoutGelu, FoldNormalization = fold }, spin: true);
}
