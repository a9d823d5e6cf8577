using System.Runtime.InteropServices;
using CMUNeXt.Engine.Memory;
using CMUNeXt.Tensors;

namespace CMUNeXt.Engine.Training.Memory;

/// <summary>A tensor that is trained, in the order of the state dict, and its gradient.</summary>
internal sealed unsafe class Parameter : IDisposable
{
    private readonly NativeBuffer value;
    private readonly NativeBuffer gradient;

    public Parameter(WeightTensor tensor)
    {
        Name = tensor.Name;
        Shape = tensor.Shape;
        Count = tensor.Count;
        value = new NativeBuffer(Count);
        gradient = new NativeBuffer(Count);
        Set(tensor);
    }

    /// <summary>The name in the state dict.</summary>
    public string Name { get; }

    public IReadOnlyList<int> Shape { get; }

    /// <summary>The number of values.</summary>
    public int Count { get; }

    public float* Value => value.Data;

    /// <summary>The values with their name.</summary>
    public TrainedValues Values => new(Name, Value, Count);

    /// <summary>Of the iteration under way; zeros for what takes no part in it.</summary>
    public float* Gradient => gradient.Data;

    /// <summary>Takes the values of a tensor of the same shape.</summary>
    public void Set(WeightTensor tensor) => tensor.ToSingles().CopyTo(new Span<float>(Value, Count));

    /// <summary>A copy of the values.</summary>
    public WeightTensor Copy() => Copy(Name, Shape, Value, Count);

    /// <summary>A copy of values in native memory.</summary>
    public static WeightTensor Copy(string name, IReadOnlyList<int> shape, float* values, int count) =>
        new(name, ElementType.Float32, shape, MemoryMarshal.AsBytes(new ReadOnlySpan<float>(values, count)).ToArray());

    /// <inheritdoc/>
    public void Dispose()
    {
        value.Dispose();
        gradient.Dispose();
    }
}
