using CMUNeXt.Engine;
using CMUNeXt.Networks;
using CMUNeXt.Onnx;
using CMUNeXt.Torch;
using CMUNeXt.Weights;

namespace CMUNeXt.Cli.Benchmark;

/// <summary>The backends that a benchmark sets side by side, each set up to be as fast as it can be (docs/benchmark.md has the reasons).</summary>
internal static class Contenders
{
    // ONNX Runtime joins a GELU that is spelled out into an operator of its own, which is as fast as the standard's, or a little faster.
    private const int OpsetWithoutGelu = 19;

    /// <summary>Those that are compared unless others are asked for.</summary>
    public static IReadOnlyList<string> Defaults { get; } = ["managed", "onnxruntime", "onnxruntime-folded", "torch", "torch-channels-last"];

    /// <summary>All there are.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Defaults, "managed-avx2", "managed-vector128"];

    /// <summary>Whether one of them computes a network.</summary>
    public static bool Supports(string name, NetworkDescription network) => name switch
    {
        "onnxruntime" => OnnxNetwork.Supports(network),
        "onnxruntime-folded" => network.Configuration is not null,
        "torch" or "torch-channels-last" => true,
        _ => ManagedNetwork.Supports(network),
    };

    /// <summary>Those of the defaults that compute a network.</summary>
    public static string[] DefaultsFor(NetworkDescription network) => [.. Defaults.Where(name => Supports(name, network))];

    /// <summary>Opens a network.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="network">Which network.</param>
    /// <param name="weights">Its tensors.</param>
    /// <param name="measured">The number of threads, and the size that is computed.</param>
    public static Network Open(string name, NetworkDescription network, StateDict weights, BenchmarkCase measured) => name switch
    {
        "managed" => new ManagedNetwork(network, weights, measured.Threads),
        "managed-avx2" => new ManagedNetwork(network, weights, measured.Threads, InstructionSet.Avx2),
        "managed-vector128" => new ManagedNetwork(network, weights, measured.Threads, InstructionSet.Vector128),
        "onnxruntime" or "onnxruntime-folded" => new OnnxNetwork(
            network,
            weights,
            measured.Threads,
            new OnnxExportOptions { Opset = OpsetWithoutGelu, FoldNormalisation = name == "onnxruntime-folded" },
            spin: true),
        "torch" => new TorchNetwork(network, weights, measured.Threads, channelsLast: false),
        "torch-channels-last" => new TorchNetwork(network, weights, measured.Threads),
        _ => throw new ArgumentException($"There is no backend '{name}'.", nameof(name)),
    };
}
