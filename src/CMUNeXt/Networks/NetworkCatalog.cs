using CMUNeXt.Weights;

namespace CMUNeXt.Networks;

/// <summary>The networks by name, and what can be read off the shapes of their tensors.</summary>
public static class NetworkCatalog
{
    private static readonly Dictionary<string, CMUNeXtConfiguration> Variants = new(StringComparer.Ordinal)
    {
        ["cmunext-s"] = CMUNeXtConfiguration.Small,
        ["cmunext"] = CMUNeXtConfiguration.Base,
        ["cmunext-l"] = CMUNeXtConfiguration.Large,
    };

    /// <summary>The names that <see cref="Describe"/> knows.</summary>
    public static IReadOnlyCollection<string> Names { get; } = [.. Variants.Keys, .. ComparedNetwork.All.Select(network => network.Name)];

    /// <summary>Describes a network by its name.</summary>
    /// <exception cref="ArgumentException">There is no network of that name.</exception>
    public static NetworkDescription Describe(string name, int channels = 3, int outputs = 1) =>
        Names.Contains(name)
            ? new NetworkDescription { Name = name, Channels = channels, Outputs = outputs, Configuration = Variants.GetValueOrDefault(name) }
            : throw new ArgumentException($"There is no network '{name}'; there are {string.Join(", ", Names)}.", nameof(name));

    /// <summary>Finds the network that a state dict belongs to, by the names and shapes of its tensors.</summary>
    /// <param name="state">Any state dict.</param>
    /// <returns>The description, of a CMUNeXt with its configuration; null where the tensors are those of no network that is known.</returns>
    public static NetworkDescription? Recognise(StateDict state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return CMUNeXtShapes.Recognise(state) ?? ComparedNetwork.All.Select(network => network.Recognise(state)).FirstOrDefault(found => found is not null);
    }

    /// <summary>The sizes of input that a network takes.</summary>
    public static InputSize SizeOf(string name) => Compared(name)?.Size ?? new InputSize();

    /// <summary>The prefixes of the tensors whose shapes depend on the number of outputs, such as <c>Conv_1x1.</c></summary>
    public static IReadOnlyList<string> HeadsOf(string name) => [.. (Compared(name)?.Heads ?? [CMUNeXtShapes.Head]).Select(head => head + ".")];

    /// <summary>Holds a state dict against what a network needs.</summary>
    /// <returns>One sentence about the first tensor that is missing, of another shape or not known; null where all is well.</returns>
    public static string? FindMismatch(IEnumerable<ExpectedTensor> needed, StateDict state)
    {
        ArgumentNullException.ThrowIfNull(needed);
        ArgumentNullException.ThrowIfNull(state);
        HashSet<string> known = [];
        foreach (ExpectedTensor tensor in needed)
        {
            known.Add(tensor.Name);
            if (!state.TryGet(tensor.Name, out WeightTensor? found))
            {
                return $"the tensor {tensor.Name} is missing";
            }

            if (!found.Shape.SequenceEqual(tensor.Shape))
            {
                return $"the tensor {tensor.Name} has the shape [{string.Join(", ", found.Shape)}], and [{string.Join(", ", tensor.Shape)}] is needed";
            }
        }

        WeightTensor? unknown = state.FirstOrDefault(tensor => !known.Contains(tensor.Name));
        return unknown is null ? null : $"the tensor {unknown.Name} does not belong to the network";
    }

    /// <summary>The name of a CMUNeXt: of the variant whose dims and depths it has.</summary>
    internal static string NameOf(CMUNeXtConfiguration configuration) => Variants.FirstOrDefault(variant =>
        variant.Value.Dims.SequenceEqual(configuration.Dims) && variant.Value.Depths.SequenceEqual(configuration.Depths)).Key ?? "cmunext";

    private static ComparedNetwork? Compared(string name) => ComparedNetwork.All.FirstOrDefault(network => network.Name == name);
}
