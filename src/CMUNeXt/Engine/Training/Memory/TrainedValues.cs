namespace CMUNeXt.Engine.Training.Memory;

/// <summary>The values of a tensor that changes while training.</summary>
internal readonly unsafe struct TrainedValues(string name, float* data, int count)
{
    public string Name { get; } = name;

    public float* Data { get; } = data;

    public int Count { get; } = count;
}
