using CMUNeXt.Tensors;

namespace CMUNeXt.Networks;

/// <summary>A tensor that a state dict has to hold: its name, shape and type.</summary>
public sealed record ExpectedTensor(string Name, IReadOnlyList<int> Shape, ElementType Type)
{
    /// <summary>The tensors of layers, in the order of the original state dict.</summary>
    public static IEnumerable<ExpectedTensor> Of(IEnumerable<Layer> layers)
    {
        ArgumentNullException.ThrowIfNull(layers);
        foreach (Layer layer in layers)
        {
            if (layer.Kind == LayerKind.Convolution)
            {
                yield return new(
                    $"{layer.Name}.weight", [layer.Output, layer.Input / layer.Groups, layer.Kernel, layer.Kernel], ElementType.Float32);
                yield return new($"{layer.Name}.bias", [layer.Output], ElementType.Float32);
            }
            else if (layer.Kind == LayerKind.Normalization)
            {
                yield return new($"{layer.Name}.weight", [layer.Output], ElementType.Float32);
                yield return new($"{layer.Name}.bias", [layer.Output], ElementType.Float32);
                yield return new($"{layer.Name}.running_mean", [layer.Output], ElementType.Float32);
                yield return new($"{layer.Name}.running_var", [layer.Output], ElementType.Float32);
                yield return new($"{layer.Name}.num_batches_tracked", [], ElementType.Int64);
            }
        }
    }
}
