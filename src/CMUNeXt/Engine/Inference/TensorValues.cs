namespace CMUNeXt.Engine.Inference;

/// <summary>A tensor's values as float32, where they lie: they are held there by the <see cref="FoldedWeights"/> that gave them.</summary>
internal readonly unsafe struct TensorValues(float* values, int count)
{
    private readonly float* values = values;

    public int Count { get; } = count;

    public float this[int i] => (uint)i < (uint)Count ? values[i] : throw new ArgumentOutOfRangeException(nameof(i));
}
