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

    private readonly OnnxExportOptions? measured;

    /// <summary>The backend.</summary>
    public OnnxRuntimeBackend()
        : this(BackendName, null)
    {
    }

    private OnnxRuntimeBackend(string name, OnnxExportOptions? measured)
    {
        Name = name;
        this.measured = measured;
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public IReadOnlyList<IBackend> Variants =>
    [
        new OnnxRuntimeBackend(BackendName, new OnnxExportOptions { Opset = OpsetWithoutGelu }),
        new OnnxRuntimeBackend($"{BackendName}-folded", new OnnxExportOptions { Opset = OpsetWithoutGelu, FoldNormalization = true }),
    ];

    /// <inheritdoc/>
    public bool Runs(NetworkDescription network) =>
        OnnxRuntimeNetwork.Supports(network) && (measured is not { FoldNormalization: true } || network.Configuration is not null);

    /// <inheritdoc/>
    public Network Open(NetworkDescription network, StateDict weights, int? threads = null, string device = "cpu") =>
        new OnnxRuntimeNetwork(network, weights, threads, measured, spin: measured is not null);
}
