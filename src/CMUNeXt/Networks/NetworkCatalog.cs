using CMUNeXt.Files;
using CMUNeXt.Tensors;

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
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="channels">The channels of the input image, from 1 to 4096.</param>
    /// <param name="outputs">The channels of the logits, from 1 to 256: 1 for one class, K + 1 for K classes.</param>
    /// <returns>The description, of a CMUNeXt with its configuration.</returns>
    /// <exception cref="ArgumentException">There is no network of that name, or a number is out of its range.</exception>
    public static NetworkDescription Describe(string name, int channels = 3, int outputs = 1)
    {
        if (!Names.Contains(name))
        {
            throw new ArgumentException($"There is no network '{name}'; there are {string.Join(", ", Names)}.", nameof(name));
        }

        NetworkDescription description = new()
        {
            Name = name,
            Channels = channels,
            Outputs = outputs,
            Configuration = Variants.GetValueOrDefault(name),
        };
        return description.FindFault() is { } fault ? throw new ArgumentException($"There is no such {name}: {fault}.") : description;
    }

    /// <summary>Finds the network that a state dict belongs to, by the names and shapes of its tensors.</summary>
    /// <param name="state">Any state dict.</param>
    /// <returns>
    /// The description, of a CMUNeXt with its configuration; null where the tensors are those of no network that is known.
    /// </returns>
    public static NetworkDescription? Recognize(StateDict state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return CMUNeXtShapes.Recognize(state)
            ?? ComparedNetwork.All.Select(network => network.Recognize(state)).FirstOrDefault(found => found is not null);
    }

    /// <summary>Says why a state dict is that of no known network: about the network that it comes nearest to.</summary>
    /// <param name="state">A state dict that <see cref="Recognize"/> does not know.</param>
    internal static string ExplainUnknown(StateDict state)
    {
        if (CMUNeXtShapes.Recognize(state, out string? fault) is null && fault is not null)
        {
            return $"looks like a CMUNeXt, but {fault}";
        }

        if (ComparedNetwork.All.Where(network => network.HasEndsOf(state))
            .MinBy(network => Math.Abs(network.Tensors - state.Count)) is { } near)
        {
            return $"looks like a {near.Name}, but has {state.Count} tensors instead of {near.Tensors}";
        }

        return state.Count == 0 ? "holds no tensors"
            : state.Any(static tensor => tensor.Name.StartsWith("optimiser/", StringComparison.Ordinal))
            ? "is the checkpoint of a run; give best.safetensors or last.safetensors beside it"
            : $"holds the tensors of no network that is known here, such as {PrintableName.Of(state[0].Name)}; "
                + $"{string.Join(", ", Names)} are known";
    }

    /// <summary>The sizes of input that a network takes.</summary>
    public static InputSize SizeOf(string name) => Compared(name)?.Size ?? new InputSize();

    /// <summary>The prefixes of the tensors whose shapes depend on the number of outputs, such as <c>Conv_1x1.</c></summary>
    public static IReadOnlyList<string> HeadsOf(string name) =>
        [.. (Compared(name)?.Heads ?? [CMUNeXtShapes.Head]).Select(head => head + ".")];

    /// <summary>
    /// Holds a state dict against what a network needs. Values that are not finite are refused too: an activation may swallow them, and a
    /// mask that was computed with them looks like any other.
    /// </summary>
    /// <param name="needed">The tensors of the network.</param>
    /// <param name="state">The state dict.</param>
    /// <returns>
    /// One sentence about the first tensor that is missing, of another shape or not known, or that holds whole numbers for weights, a value
    /// which is not finite or a variance below 0; null where all is well.
    /// </returns>
    public static string? FindMismatch(IEnumerable<ExpectedTensor> needed, StateDict state)
    {
        ArgumentNullException.ThrowIfNull(needed);
        ArgumentNullException.ThrowIfNull(state);
        return FindShapeMismatch(needed, state)
            ?? needed.Select(tensor => FindWrongType(tensor, state)).FirstOrDefault(static fault => fault is not null)
            ?? state.Select(FindBadValue).FirstOrDefault(static fault => fault is not null);
    }

    /// <summary>Holds the names and shapes of a state dict against what a network needs.</summary>
    /// <returns>One sentence about the first tensor that is missing, of another shape or not known; null where all is well.</returns>
    internal static string? FindShapeMismatch(IEnumerable<ExpectedTensor> needed, StateDict state)
    {
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
                return $"the tensor {tensor.Name} has the shape [{string.Join(", ", found.Shape)}], "
                    + $"and [{string.Join(", ", tensor.Shape)}] is needed";
            }
        }

        WeightTensor? unknown = state.FirstOrDefault(tensor => !known.Contains(tensor.Name));
        return unknown is null ? null : $"the tensor {unknown.Name} does not belong to the network";
    }

    // Whole numbers are what a quantization leaves of weights, without the scales that belong to them.
    private static string? FindWrongType(ExpectedTensor needed, StateDict state)
    {
        ElementType type = state[needed.Name].Type;
        return needed.Type != ElementType.Float32
            || type is ElementType.Float32 or ElementType.Float64 or ElementType.Float16 or ElementType.BFloat16
                ? null
                : $"the tensor {needed.Name} holds {type}, and floating-point numbers are needed: dequantize the weights first";
    }

    /// <summary>The name of a CMUNeXt: of the variant whose dims and depths it has.</summary>
    internal static string NameOf(CMUNeXtConfiguration configuration) => Variants.FirstOrDefault(variant =>
        variant.Value.Dims.SequenceEqual(configuration.Dims) && variant.Value.Depths.SequenceEqual(configuration.Depths)).Key ?? "cmunext";

    private static string? FindBadValue(WeightTensor tensor) =>
        !tensor.IsFinite() ? $"the tensor {tensor.Name} holds a value that is not a finite number"
        : tensor.Name.EndsWith(".running_var", StringComparison.Ordinal) && tensor.ToSingles().Any(static variance => variance < 0)
            ? $"the tensor {tensor.Name} holds a variance below 0"
            : null;

    private static ComparedNetwork? Compared(string name) => ComparedNetwork.All.FirstOrDefault(network => network.Name == name);
}
