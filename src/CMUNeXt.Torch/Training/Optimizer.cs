using CMUNeXt.Backends;
using static TorchSharp.torch;

namespace CMUNeXt.Torch.Training;

/// <summary>
/// SGD with momentum and AdamW, as PyTorch's, with their memory in the open: TorchSharp's own do not give it away, and a run that is
/// continued to the last bit has to keep it.
/// </summary>
internal sealed class Optimizer : IDisposable
{
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.999;
    private const double Epsilon = 1e-8;

    private readonly TrainableSettings settings;
    private readonly IReadOnlyList<(string Name, Tensor Parameter)> parameters;
    private readonly string[] kinds;

    /// <summary>Starts with an empty memory.</summary>
    public Optimizer(TrainableSettings settings, IReadOnlyList<(string Name, Tensor Parameter)> parameters)
    {
        this.settings = settings;
        this.parameters = parameters;
        kinds = settings.Optimizer == OptimizerKind.Sgd ? ["momentum"] : ["mean", "square"];

        // All in zeros: PyTorch's first step of SGD takes the gradient as the momentum, which is the same.
        Memory = [.. kinds.SelectMany(kind => parameters.Select(p => ($"{kind}.{p.Name}", zeros_like(p.Parameter, requires_grad: false))))];
    }

    /// <summary>The tensors that are remembered, by name.</summary>
    public IReadOnlyList<(string Name, Tensor Value)> Memory { get; }

    /// <summary>The number of steps made.</summary>
    public long Steps { get; set; }

    /// <summary>Changes the parameters by their gradients, and clears the gradients.</summary>
    public void Step(double rate)
    {
        using IDisposable noGradients = no_grad();
        using IDisposable scope = NewDisposeScope();
        Steps++;
        for (int i = 0; i < parameters.Count; i++)
        {
            Tensor parameter = parameters[i].Parameter;

            // A bias before a normalization takes no part in the step: its gradient is 0.
            Tensor gradient = parameter.grad ?? zeros_like(parameter, requires_grad: false);
            if (settings.Optimizer == OptimizerKind.Sgd)
            {
                gradient.add_(parameter, settings.WeightDecay);
                Tensor momentum = Memory[i].Value;
                momentum.mul_(settings.Momentum).add_(gradient);
                parameter.add_(momentum, -rate);
            }
            else
            {
                Tensor mean = Memory[i].Value;
                Tensor square = Memory[parameters.Count + i].Value;
                parameter.mul_(1 - (rate * settings.WeightDecay));
                mean.mul_(Beta1).add_(gradient, 1 - Beta1);
                square.mul_(Beta2).addcmul_(gradient, gradient, 1 - Beta2);
                Tensor denominator = (square.sqrt() / Math.Sqrt(1 - Math.Pow(Beta2, Steps))).add_(Epsilon);
                parameter.addcdiv_(mean, denominator, -rate / (1 - Math.Pow(Beta1, Steps)));
            }

            parameter.grad = null;
        }
    }

    /// <summary>Forgets all steps.</summary>
    public void Reset()
    {
        using IDisposable noGradients = no_grad();
        Steps = 0;
        foreach ((_, Tensor value) in Memory)
        {
            value.zero_();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((_, Tensor value) in Memory)
        {
            value.Dispose();
        }
    }
}
