using CMUNeXt.Engine.Inference;
using CMUNeXt.Engine.Vectors;
using CMUNeXt.Networks;
using CMUNeXt.Tensors;

namespace CMUNeXt.Backends;

/// <summary>This library's own engine: CMUNeXts in their published form, on the CPU, without native code.</summary>
internal sealed class ManagedBackend : IBackend
{
    private readonly InstructionSet? instructions;

    private ManagedBackend(string name, InstructionSet? instructions)
    {
        Name = name;
        this.instructions = instructions;
    }

    public static ManagedBackend Instance { get; } = new("managed", null);

    public string Name { get; }

    public IReadOnlyList<IBackend> Variants =>
    [
        Instance,
        new ManagedBackend("managed-avx2", InstructionSet.Avx2),
        new ManagedBackend("managed-vector128", InstructionSet.Vector128),
    ];

    public bool Runs(NetworkDescription network) => ManagedNetwork.Supports(network);

    public bool Trains(NetworkDescription network) => ManagedNetwork.Supports(network);

    public Network Open(NetworkDescription network, StateDict weights, int? threads = null, string device = "cpu") =>
        new ManagedNetwork(network, weights, threads, instructions);

    public ITrainable OpenForTraining(NetworkDescription network, TrainableSettings settings, int? threads = null, string device = "cpu") =>
        new ManagedTrainable(network, settings, threads, instructions);
}
