using CMUNeXt.Engine.Inference;
using CMUNeXt.Engine.Vectors;
using CMUNeXt.Networks;
using CMUNeXt.Tensors;

namespace CMUNeXt.Backends;

/// <summary>This library's own engine: CMUNeXts in their published form, on the CPU, without native code.</summary>
internal sealed class ManagedBackend : IBackend
{
    private ManagedBackend()
    {
    }

    public static ManagedBackend Instance { get; } = new();

    public string Name => "managed";

    public IReadOnlyList<BenchmarkVariant> Variants =>
    [
        Variant("", null, byDefault: true),
        Variant("-avx2", InstructionSet.Avx2, byDefault: false),
        Variant("-vector128", InstructionSet.Vector128, byDefault: false),
    ];

    public bool Runs(NetworkDescription network) => ManagedNetwork.Supports(network);

    public bool Trains(NetworkDescription network) => ManagedNetwork.Supports(network);

    public Network Open(NetworkDescription network, StateDict weights, int? threads = null, string device = "cpu") =>
        new ManagedNetwork(network, weights, threads);

    public ITrainable OpenForTraining(NetworkDescription network, TrainableSettings settings, int? threads = null, string device = "cpu") =>
        new ManagedTrainable(network, settings, threads);

    private BenchmarkVariant Variant(string suffix, InstructionSet? instructions, bool byDefault) =>
        new(Name + suffix, Runs, (network, weights, threads) => new ManagedNetwork(network, weights, threads, instructions), byDefault);
}
