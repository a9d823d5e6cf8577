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
    public static IReadOnlyCollection<string> Names => Variants.Keys;

    /// <summary>Describes a network by its name.</summary>
    /// <exception cref="ArgumentException">There is no network of that name.</exception>
    public static NetworkDescription Describe(string name, int channels = 3, int outputs = 1) =>
        Variants.TryGetValue(name, out CMUNeXtConfiguration? configuration)
            ? new NetworkDescription { Name = name, Channels = channels, Outputs = outputs, Configuration = configuration }
            : throw new ArgumentException($"There is no network '{name}'; there are {string.Join(", ", Names)}.", nameof(name));

    /// <summary>Reads dims, depths, kernels, channels and outputs of a CMUNeXt off its tensors.</summary>
    /// <param name="state">Any state dict.</param>
    /// <returns>The description, or null where the tensors are not those of a CMUNeXt.</returns>
    public static NetworkDescription? Recognise(StateDict state)
    {
        ArgumentNullException.ThrowIfNull(state);
        IReadOnlyList<int>? stem = ShapeOf(state, "stem.conv.0.weight", 4);
        IReadOnlyList<int>? head = ShapeOf(state, "Conv_1x1.weight", 4);
        if (stem is null || head is null)
        {
            return null;
        }

        int[] dims = new int[CMUNeXtConfiguration.Levels];
        int[] depths = new int[CMUNeXtConfiguration.Levels];
        int[] kernels = new int[CMUNeXtConfiguration.Levels];
        for (int i = 0; i < dims.Length; i++)
        {
            IReadOnlyList<int>? up = ShapeOf(state, $"encoder{i + 1}.up.conv.0.weight", 4);
            IReadOnlyList<int>? depthwise = ShapeOf(state, $"encoder{i + 1}.block.0.0.fn.0.weight", 4);
            if (up is null || depthwise is null)
            {
                return null;
            }

            dims[i] = up[0];
            kernels[i] = depthwise[2];
            while (state.TryGet($"encoder{i + 1}.block.{depths[i]}.0.fn.0.weight", out _))
            {
                depths[i]++;
            }
        }

        CMUNeXtConfiguration configuration = new(dims, depths, kernels);
        string name = Variants.FirstOrDefault(variant => variant.Value.Equals(configuration)).Key ?? "cmunext";
        NetworkDescription description = new() { Name = name, Channels = stem[1], Outputs = head[0], Configuration = configuration };
        try
        {
            configuration.Validate();
            return FindMismatch(ExpectedTensor.Of(CMUNeXtLayers.Of(configuration, stem[1], head[0])), state) is null ? description : null;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

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

    private static IReadOnlyList<int>? ShapeOf(StateDict state, string name, int dimensions) =>
        state.TryGet(name, out WeightTensor? tensor) && tensor.Shape.Count == dimensions ? tensor.Shape : null;
}
