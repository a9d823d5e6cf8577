using CMUNeXt.Networks;
using CMUNeXt.Tensors;

namespace CMUNeXt.Backends;

/// <summary>A backend. An object of it is cheap: native libraries are loaded when a network is opened.</summary>
public interface IBackend
{
    /// <summary>The name, as on the command line and in a run's settings: lower-case letters and digits.</summary>
    string Name { get; }

    /// <summary>
    /// The kinds of devices that it knows: <c>cpu</c>, <c>cuda</c>, ...; a device is a kind, or a kind with a number: <c>cuda:1</c>.
    /// </summary>
    IReadOnlyList<string> Devices => ["cpu"];

    /// <summary>
    /// Its ways to run a network that a benchmark measures, each as fast as it can be: backends that bear its name, or that with a suffix:
    /// <c>name-suffix</c>.
    /// </summary>
    IReadOnlyList<IBackend> Variants { get; }

    /// <summary>Whether it runs a network for inference.</summary>
    bool Runs(NetworkDescription network);

    /// <summary>Whether it trains a network.</summary>
    bool Trains(NetworkDescription network) => false;

    /// <summary>Opens a network for inference.</summary>
    /// <param name="network">One that it runs.</param>
    /// <param name="weights">All tensors of the network.</param>
    /// <param name="threads">The number of threads, at least 1; null takes one for each core.</param>
    /// <param name="device">One of its devices.</param>
    /// <exception cref="ArgumentException">The weights do not fit the network, or this machine does not have the device.</exception>
    /// <exception cref="PlatformNotSupportedException">A native library does not load on this system.</exception>
    Network Open(NetworkDescription network, StateDict weights, int? threads = null, string device = "cpu");

    /// <summary>Opens a network for training, with the weights that the seed gives.</summary>
    /// <param name="network">One that it trains.</param>
    /// <param name="settings">Optimizer, loss and seed.</param>
    /// <param name="threads">The number of threads, at least 1; null takes one for each core.</param>
    /// <param name="device">One of its devices.</param>
    /// <exception cref="ArgumentException">This machine does not have the device.</exception>
    /// <exception cref="NotSupportedException">It does not train the network.</exception>
    /// <exception cref="PlatformNotSupportedException">A native library does not load on this system.</exception>
    ITrainable OpenForTraining(NetworkDescription network, TrainableSettings settings, int? threads = null, string device = "cpu") =>
        throw new NotSupportedException($"The {Name} backend does not train this {network.Name}.");

    /// <summary>What a network costs, for one whose layers only the backend knows.</summary>
    /// <param name="network">The network.</param>
    /// <param name="height">The image's height in pixels, one that the network takes.</param>
    /// <param name="width">Its width.</param>
    /// <returns>
    /// The number of trained values of the whole network, and what its layers cost for one image, in the order in which they are computed;
    /// null where the backend does not know it.
    /// </returns>
    (long Parameters, IReadOnlyList<LayerCost> Layers)? CostOf(NetworkDescription network, int height, int width) => null;
}
