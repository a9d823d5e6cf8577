using System.Diagnostics.CodeAnalysis;

namespace CMUNeXt.Engine.Training.Optimizers;

/// <summary>Adam with decoupled weight decay (Loshchilov, Hutter, 2019), beta 0.9 and 0.999, epsilon 1e-8.</summary>
[method: SetsRequiredMembers]
internal sealed unsafe class AdamWOptimizer(double decay) : Optimizer
{
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.999;
    private const float Epsilon = 1e-8f;

    protected override IReadOnlyList<string> Kinds { get; } = ["mean", "square"];

    protected override void Update(float* values, float* gradients, float* first, float* second, int count, bool decays)
    {
        float keep = (float)(1 - (LearningRate * (decays ? decay : 0)));
        float corrected = (float)(LearningRate / (1 - Math.Pow(Beta1, Iterations)));
        float root = (float)Math.Sqrt(1 - Math.Pow(Beta2, Iterations));
        for (int i = 0; i < count; i++)
        {
            float g = GradientScale * gradients[i];
            first[i] = ((float)Beta1 * first[i]) + ((float)(1 - Beta1) * g);
            second[i] = ((float)Beta2 * second[i]) + ((float)(1 - Beta2) * g * g);
            values[i] = (keep * values[i]) - (corrected * first[i] / ((MathF.Sqrt(second[i]) / root) + Epsilon));
        }
    }
}
