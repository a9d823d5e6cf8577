using CMUNeXt.Backends;
using static TorchSharp.torch;

namespace CMUNeXt.Torch.Training;

/// <summary>
/// SGD with momentum and AdamW, as PyTorch's, with clipped gradients and an average of the weights. Its memory lies in the open:
/// TorchSharp's own optimizers do not give it away, and a run that is continued to the last bit has to keep it. Nothing waits for the
/// device.
/// </summary>
internal sealed class Optimizer : IDisposable
{
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.999;
    private const double Epsilon = 1e-8;

    private readonly TrainableSettings settings;
    private readonly FlatTensors tensors;
    private readonly Tensor[] memory;

    /// <summary>Starts with an empty memory, and with the weights as their average.</summary>
    public Optimizer(TrainableSettings settings, FlatTensors tensors)
    {
        this.settings = settings;
        this.tensors = tensors;
        string[] kinds = settings.Optimizer == OptimizerKind.Sgd ? ["momentum"] : ["mean", "square"];

        // All in zeros: PyTorch's first update by SGD takes the gradient as the momentum, which is the same.
        memory = [.. kinds.Select(_ => zeros_like(tensors.Gradients))];
        Memory = [.. kinds.SelectMany((kind, i) => tensors.Views(memory[i]).Select(view => ($"{kind}.{view.Name}", view.Value)))];
        Average = settings.AverageDecay > 0 ? tensors.Values.clone() : null;
    }

    /// <summary>The tensors that are remembered, by name.</summary>
    public IReadOnlyList<(string Name, Tensor Value)> Memory { get; }

    /// <summary>The average of the weights, laid out as they are; null where none is kept.</summary>
    public Tensor? Average { get; }

    /// <summary>The number of iterations made.</summary>
    public long Iterations { get; set; }

    /// <summary>Changes the parameters by their gradients, and clears the gradients.</summary>
    public void Update(double learningRate)
    {
        using IDisposable noGradients = no_grad();
        using IDisposable scope = NewDisposeScope();
        Iterations++;
        Tensor gradients = tensors.Gradients;
        Tensor values = tensors.Trained(tensors.Values);
        if (settings.ClipNorm > 0)
        {
            gradients.mul_((settings.ClipNorm / (gradients.norm() + 1e-6)).clamp_max(1));
        }

        Tensor decayed = tensors.Decayed(tensors.Values);
        if (settings.Optimizer == OptimizerKind.Sgd)
        {
            tensors.Decayed(gradients).add_(decayed, settings.WeightDecay);
            memory[0].mul_(settings.Momentum).add_(gradients);
            values.add_(memory[0], -learningRate);
        }
        else
        {
            decayed.mul_(1 - (learningRate * settings.WeightDecay));
            memory[0].mul_(Beta1).add_(gradients, 1 - Beta1);
            memory[1].mul_(Beta2).addcmul_(gradients, gradients, 1 - Beta2);
            Tensor denominator = (memory[1].sqrt() / Math.Sqrt(1 - Math.Pow(Beta2, Iterations))).add_(Epsilon);
            values.addcdiv_(memory[0], denominator, -learningRate / (1 - Math.Pow(Beta1, Iterations)));
        }

        gradients.zero_();
        Average?.add_(tensors.Values - Average, 1 - settings.AverageDecayAt(Iterations));
    }

    /// <summary>Forgets all iterations.</summary>
    public void Reset()
    {
        using IDisposable noGradients = no_grad();
        Iterations = 0;
        foreach (Tensor tensor in memory)
        {
            tensor.zero_();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((_, Tensor value) in Memory)
        {
            value.Dispose();
        }

        foreach (Tensor tensor in memory)
        {
            tensor.Dispose();
        }

        Average?.Dispose();
    }
}
