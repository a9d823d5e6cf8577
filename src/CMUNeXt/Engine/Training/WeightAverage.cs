using System.Diagnostics.CodeAnalysis;
using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Threads;
using CMUNeXt.Engine.Training.Memory;
using CMUNeXt.Tensors;

namespace CMUNeXt.Engine.Training;

/// <summary>
/// An average of the weights over the iterations (EMA), running means and variances included, in which the last iterations count most. A
/// task is a tensor.
/// </summary>
internal sealed unsafe class WeightAverage : Step, IDisposable
{
    private readonly TrainedTensors tensors;
    private readonly Func<long, double> decay;
    private readonly TrainedValues[] values;
    private readonly Dictionary<string, NativeBuffer> averages;
    private float pull;

    /// <summary>Begins with the weights as they are.</summary>
    /// <param name="tensors">The weights.</param>
    /// <param name="decay">The share of the average that an iteration keeps, by the number of iterations made, that one included.</param>
    [SetsRequiredMembers]
    public WeightAverage(TrainedTensors tensors, Func<long, double> decay)
    {
        Name = "average";
        this.tensors = tensors;
        this.decay = decay;
        values = [.. tensors.Values];
        averages = values.ToDictionary(tensor => tensor.Name, tensor => new NativeBuffer(tensor.Count));
        Set(tensors.Copy());
    }

    public override int Tasks => values.Length;

    public override nint Scratch => 0;

    /// <summary>Begins an iteration.</summary>
    /// <param name="iterations">The number of iterations made, this one included.</param>
    public void Begin(long iterations) => pull = (float)(1 - decay(iterations));

    public override void Run(int task, float* scratch)
    {
        TrainedValues tensor = values[task];
        float* average = averages[tensor.Name].Data;
        for (int i = 0; i < tensor.Count; i++)
        {
            average[i] += pull * (tensor.Data[i] - average[i]);
        }
    }

    /// <summary>A copy of the average, in the order of the state dict; numbers of batches are those of the weights.</summary>
    public StateDict Copy() => new(tensors.Copy().Select(tensor => averages.TryGetValue(tensor.Name, out NativeBuffer? average)
        ? Parameter.Copy(tensor.Name, tensor.Shape, average.Data, tensor.Count)
        : tensor));

    /// <summary>Goes on from a copy.</summary>
    /// <exception cref="ArgumentException">The tensors are not those of the network.</exception>
    public void Set(StateDict state)
    {
        tensors.Check(state);
        foreach (TrainedValues tensor in values)
        {
            state[tensor.Name].ToSingles().CopyTo(new Span<float>(averages[tensor.Name].Data, tensor.Count));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (NativeBuffer average in averages.Values)
        {
            average.Dispose();
        }
    }
}
