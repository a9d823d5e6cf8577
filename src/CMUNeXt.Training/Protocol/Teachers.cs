using System.Numerics.Tensors;
using CMUNeXt.Backends;
using CMUNeXt.Networks;

namespace CMUNeXt.Training.Protocol;

/// <summary>Networks that another learns from: the mean of their logits of the same images, augmented as they are.</summary>
/// <param name="networks">At least one. They stay the caller's to dispose.</param>
public sealed class Teachers(IReadOnlyList<Network> networks)
{
    /// <summary>The mean of the teachers' logits.</summary>
    /// <param name="batch">The cases of an iteration.</param>
    /// <returns>Count x outputs x height x width values.</returns>
    public float[] Teach(Batch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (batch.Count == 0)
        {
            return [];
        }

        float[] sum = networks[0].Forward(batch.Input, batch.Count, batch.Height, batch.Width);
        foreach (Network network in networks.Skip(1))
        {
            TensorPrimitives.Add(sum, network.Forward(batch.Input, batch.Count, batch.Height, batch.Width), sum);
        }

        TensorPrimitives.Divide(sum, networks.Count, sum);
        batch.Settle(sum, networks[0].Description.Outputs);
        return sum;
    }
}
