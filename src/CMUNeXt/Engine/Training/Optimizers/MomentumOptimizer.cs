using System.Diagnostics.CodeAnalysis;

namespace CMUNeXt.Engine.Training.Optimizers;

/// <summary>Stochastic gradient descent with momentum; the weight decay is part of the gradient, as in PyTorch.</summary>
[method: SetsRequiredMembers]
internal sealed unsafe class MomentumOptimizer(double momentum, double decay) : Optimizer
{
    protected override IReadOnlyList<string> Kinds { get; } = ["momentum"];

    protected override void Update(float* values, float* gradients, float* first, float* second, int count, bool decays)
    {
        float keep = (float)momentum;
        float pull = decays ? (float)decay : 0;
        float learningRate = (float)LearningRate;
        for (int i = 0; i < count; i++)
        {
            first[i] = (keep * first[i]) + ((GradientScale * gradients[i]) + (pull * values[i]));
            values[i] -= learningRate * first[i];
        }
    }
}
