using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Training.Memory;
using CMUNeXt.Tensors;

namespace CMUNeXt.Engine.Training.Stages;

/// <summary>What a normalization remembers of all batches for evaluation.</summary>
internal sealed unsafe class RunningStatistics : IDisposable
{
    private readonly string name;
    private readonly int count;
    private readonly NativeBuffer values;

    /// <summary>Takes the values of a state dict.</summary>
    /// <param name="name">The name of the normalization.</param>
    /// <param name="state">The state dict.</param>
    public RunningStatistics(string name, StateDict state)
    {
        this.name = name;
        count = state[$"{name}.running_mean"].Count;
        values = new NativeBuffer(2 * count);
        Set(state);
    }

    public float* Mean => values.Data;

    /// <summary>Unbiased.</summary>
    public float* Variance => values.Data + count;

    /// <summary>Mean and variance with their names.</summary>
    public TrainedValues[] Values => [new($"{name}.running_mean", Mean, count), new($"{name}.running_var", Variance, count)];

    /// <summary>The number of batches.</summary>
    public long Batches { get; set; }

    /// <summary>Takes the values of a state dict.</summary>
    public void Set(StateDict state)
    {
        state[$"{name}.running_mean"].ToSingles().CopyTo(new Span<float>(Mean, count));
        state[$"{name}.running_var"].ToSingles().CopyTo(new Span<float>(Variance, count));
        Batches = state[$"{name}.num_batches_tracked"].ToInt64();
    }

    /// <summary>Copies of the three tensors, in the order of the state dict.</summary>
    public IEnumerable<WeightTensor> Copy() =>
    [
        Parameter.Copy($"{name}.running_mean", [count], Mean, count),
        Parameter.Copy($"{name}.running_var", [count], Variance, count),
        new WeightTensor($"{name}.num_batches_tracked", ElementType.Int64, [], BitConverter.GetBytes(Batches)),
    ];

    /// <inheritdoc/>
    public void Dispose() => values.Dispose();
}
