namespace CMUNeXt.Engine.Training.Memory;

/// <summary>The number of images of the step that is under way, for all maps of a network.</summary>
internal sealed class BatchSize(int capacity)
{
    /// <summary>The most.</summary>
    public int Capacity { get; } = capacity;

    /// <summary>Now, from 1 to <see cref="Capacity"/>.</summary>
    public int Count { get; set; } = capacity;
}
