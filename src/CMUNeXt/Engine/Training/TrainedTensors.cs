using CMUNeXt.Engine.Training.Memory;
using CMUNeXt.Engine.Training.Stages;
using CMUNeXt.Networks;
using CMUNeXt.Tensors;

namespace CMUNeXt.Engine.Training;

/// <summary>All tensors of a network that learns: what is trained, and what runs along.</summary>
internal sealed class TrainedTensors : IDisposable
{
    private readonly List<ExpectedTensor> expected;
    private readonly Dictionary<string, Parameter> parameters;
    private readonly Dictionary<string, RunningStatistics> running;

    /// <summary>Takes the values of a state dict.</summary>
    /// <exception cref="ArgumentException">The weights do not fit the network.</exception>
    public TrainedTensors(NetworkDescription network, StateDict state)
    {
        CMUNeXtConfiguration configuration = network.Configuration
            ?? throw new ArgumentException($"There is no network '{network.Name}' in the managed backend.", nameof(network));
        IReadOnlyList<Layer> layers = CMUNeXtLayers.Of(configuration, network.Channels, network.Outputs);
        expected = [.. ExpectedTensor.Of(layers)];
        Check(state);
        running = layers.Where(layer => layer.Kind == LayerKind.Normalization)
            .ToDictionary(layer => layer.Name, layer => new RunningStatistics(layer.Name, state));
        All = [.. expected.Where(tensor => IsTrained(tensor.Name)).Select(tensor => new Parameter(state[tensor.Name]))];
        parameters = All.ToDictionary(parameter => parameter.Name);
    }

    /// <summary>What is trained, in the order of the state dict.</summary>
    public IReadOnlyList<Parameter> All { get; }

    /// <summary>The values of all tensors, numbers of batches apart.</summary>
    public IEnumerable<TrainedValues> Values =>
        All.Select(parameter => parameter.Values).Concat(running.Values.SelectMany(statistics => statistics.Values));

    /// <summary>A tensor that is trained.</summary>
    public Parameter this[string name] => parameters[name];

    /// <summary>What a normalization remembers.</summary>
    public RunningStatistics Running(string normalization) => running[normalization];

    /// <summary>Takes the values of a state dict.</summary>
    /// <exception cref="ArgumentException">The weights do not fit the network.</exception>
    public void Set(StateDict state)
    {
        Check(state);
        foreach (Parameter parameter in All)
        {
            parameter.Set(state[parameter.Name]);
        }

        foreach (RunningStatistics statistics in running.Values)
        {
            statistics.Set(state);
        }
    }

    /// <summary>A copy of all values, in the order of the state dict.</summary>
    public StateDict Copy()
    {
        Dictionary<string, WeightTensor> copies = running.Values.SelectMany(statistics => statistics.Copy())
            .Concat(All.Select(parameter => parameter.Copy())).ToDictionary(tensor => tensor.Name);
        return new StateDict(expected.Select(tensor => copies[tensor.Name]));
    }

    /// <summary>Refuses a state dict of another network.</summary>
    /// <exception cref="ArgumentException">The weights do not fit the network.</exception>
    public void Check(StateDict state)
    {
        if (NetworkCatalog.FindMismatch(expected, state) is { } mismatch)
        {
            throw new ArgumentException($"The weights do not fit the network: {mismatch}.", nameof(state));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable item in All.Concat<IDisposable>(running.Values))
        {
            item.Dispose();
        }
    }

    private static bool IsTrained(string name) =>
        name.EndsWith(".weight", StringComparison.Ordinal) || name.EndsWith(".bias", StringComparison.Ordinal);
}
