using CMUNeXt.Backends;
using CMUNeXt.Networks;
using CMUNeXt.Tensors;
using CMUNeXt.Torch.Training;

namespace CMUNeXt.Torch;

/// <summary>The backend <c>torch</c>: libtorch runs and trains every network of the catalog, on the CPU or a GPU.</summary>
public sealed class TorchBackend : IBackend
{
    internal const string BackendName = "torch";

    private readonly bool channelsLast;

    /// <summary>The backend.</summary>
    public TorchBackend()
        : this(BackendName, channelsLast: true)
    {
    }

    private TorchBackend(string name, bool channelsLast)
    {
        Name = name;
        this.channelsLast = channelsLast;
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Devices => ["cpu", "cuda"];

    /// <inheritdoc/>
    public IReadOnlyList<IBackend> Variants =>
    [
        new TorchBackend(BackendName, channelsLast: false),
        new TorchBackend($"{BackendName}-channels-last", channelsLast: true),
    ];

    /// <inheritdoc/>
    public bool Runs(NetworkDescription network)
    {
        ArgumentNullException.ThrowIfNull(network);
        return NetworkCatalog.Names.Contains(network.Name);
    }

    /// <inheritdoc/>
    public bool Trains(NetworkDescription network) => Runs(network);

    /// <inheritdoc/>
    public Network Open(NetworkDescription network, StateDict weights, int? threads = null, string device = "cpu") =>
        new TorchNetwork(network, weights, threads, device, channelsLast);

    /// <inheritdoc/>
    public ITrainable OpenForTraining(NetworkDescription network, TrainableSettings settings, int? threads = null, string device = "cpu") =>
        new TorchTrainable(network, settings, threads, device);

    /// <inheritdoc/>
    public (long Parameters, IReadOnlyList<LayerCost> Layers)? CostOf(NetworkDescription network, int height, int width) =>
        LayerTrace.Of(network, height, width);
}
