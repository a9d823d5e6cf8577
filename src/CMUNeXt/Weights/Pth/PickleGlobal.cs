using CMUNeXt.Tensors;

namespace CMUNeXt.Weights.Pth;

/// <summary>What a pickle may ask for by name. This list is all there is: nothing outside it is ever looked up.</summary>
/// <param name="Name">The full name in Python.</param>
/// <param name="Kind">What it does.</param>
/// <param name="Type">The type of the elements, of a storage type.</param>
internal sealed record PickleGlobal(string Name, PickleGlobalKind Kind, ElementType Type = default)
{
    /// <summary>The longest name on the list, and with it the longest that is read.</summary>
    public const int MaximumLength = 256;

    private static readonly Dictionary<string, PickleGlobal> Allowed = List().ToDictionary(static g => g.Name, StringComparer.Ordinal);

    /// <summary>The entry of a name, or null.</summary>
    public static PickleGlobal? Find(string name) => Allowed.GetValueOrDefault(name);

    private static IEnumerable<PickleGlobal> List()
    {
        yield return new PickleGlobal("collections.OrderedDict", PickleGlobalKind.OrderedDictionary);
        yield return new PickleGlobal("torch.Size", PickleGlobalKind.Size);
        yield return new PickleGlobal("torch._utils._rebuild_tensor", PickleGlobalKind.RebuildTensor);
        yield return new PickleGlobal("torch._utils._rebuild_tensor_v2", PickleGlobalKind.RebuildTensor);
        yield return new PickleGlobal("torch._utils._rebuild_parameter", PickleGlobalKind.RebuildParameter);
        (string Name, ElementType Type)[] storages =
        [
            ("FloatStorage", ElementType.Float32),
            ("DoubleStorage", ElementType.Float64),
            ("HalfStorage", ElementType.Float16),
            ("BFloat16Storage", ElementType.BFloat16),
            ("CharStorage", ElementType.Int8),
            ("ByteStorage", ElementType.UInt8),
            ("ShortStorage", ElementType.Int16),
            ("IntStorage", ElementType.Int32),
            ("LongStorage", ElementType.Int64),
            ("BoolStorage", ElementType.Bool),
        ];
        foreach ((string name, ElementType type) in storages)
        {
            yield return new PickleGlobal("torch." + name, PickleGlobalKind.Storage, type);

            // Old versions name the type by its device.
            yield return new PickleGlobal("torch.cuda." + name, PickleGlobalKind.Storage, type);
        }
    }
}

/// <summary>What an allowed name of a pickle does.</summary>
internal enum PickleGlobalKind
{
    /// <summary>Makes a dictionary.</summary>
    OrderedDictionary,

    /// <summary>Makes a tuple of sizes.</summary>
    Size,

    /// <summary>Makes a tensor of storage, offset, sizes and strides.</summary>
    RebuildTensor,

    /// <summary>Wraps a tensor; the tensor itself is kept.</summary>
    RebuildParameter,

    /// <summary>Names the type of a storage's elements; cannot be called.</summary>
    Storage,
}
