using CMUNeXt.Networks;

namespace CMUNeXt.Onnx;

/// <summary>How a network is written as ONNX.</summary>
public sealed record OnnxExportOptions
{
    /// <summary>The oldest operator set that can be written: Softmax and Resize have their present form since it.</summary>
    public const int MinimumOpset = 13;

    /// <summary>The newest operator set that can be written, and the default: the first that has Gelu.</summary>
    public const int MaximumOpset = 20;

    /// <summary>The operator set, from 13 to 20. Before 20 a GELU is spelled out with Erf.</summary>
    public int Opset { get; init; } = MaximumOpset;

    /// <summary>The number of images, at least 1; null leaves it free.</summary>
    public int? Batch { get; init; }

    /// <summary>
    /// The height of the input in pixels, one that the network takes (<see cref="NetworkCatalog.SizeOf"/>); null leaves it free.
    /// </summary>
    public int? Height { get; init; }

    /// <summary>
    /// The width of the input in pixels, one that the network takes (<see cref="NetworkCatalog.SizeOf"/>); null leaves it free.
    /// </summary>
    public int? Width { get; init; }

    /// <summary>
    /// Whether normalization and activation are part of the graph: from <c>pixels</c> (batch x height x width x 3, uint8, red, green,
    /// blue) to <c>probability</c> and <c>presence</c> (one score an image, <see cref="Segmentation.Presence"/>), instead of from
    /// <c>image</c> (batch x channels x height x width, float32, normalized) to <c>logits</c>.
    /// </summary>
    public bool Preprocessing { get; init; }

    /// <summary>
    /// Whether normalizations are folded into the convolutions beside them wherever that changes nothing but roundings: a smaller, faster
    /// graph, from which the weights cannot be read back.
    /// </summary>
    public bool FoldNormalization { get; init; }

    /// <summary>
    /// Says what is wrong with the options for any network; which sizes a network takes its <see cref="InputSize"/> says.
    /// </summary>
    /// <returns>One sentence, or null where nothing is.</returns>
    public string? FindFault()
    {
        if (Opset is < MinimumOpset or > MaximumOpset)
        {
            return $"the opset is from {MinimumOpset} to {MaximumOpset}, not {Opset}";
        }

        if (Batch is < 1)
        {
            return $"the batch is at least 1, not {Batch}";
        }

        return FindFault("height", Height) ?? FindFault("width", Width);
    }

    private static string? FindFault(string name, int? size) => size is < 1 or > 65536
        ? $"the {name} is from 1 to 65536, not {size}"
        : null;
}
