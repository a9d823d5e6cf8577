using CMUNeXt.Backends;
using CMUNeXt.Numerics;
using CMUNeXt.Tensors;

namespace CMUNeXt.Training.Tests.Runs;

/// <summary>
/// Learns two numbers, a slope and a shift, from the brightness of the images, with a momentum and a random disturbance in each step.
/// Every iteration depends on the batch, on the order, on what the optimizer remembers and on the seed.
/// </summary>
internal sealed class FakeTrainable : ITrainable
{
    private float[] weights = [0.5f, -0.25f];
    private float[] momentum = [0, 0];
    private RandomSequence random;

    /// <summary>Given the number of an iteration of this object, from 0, and its loss, the loss that is reported.</summary>
    public Func<int, double, double> TrainingLoss { get; init; } = (_, loss) => loss;

    /// <summary>Given the number of a validation case of this object, from 0, and its loss, the loss that is reported.</summary>
    public Func<int, double, double> ValidationLoss { get; init; } = (_, loss) => loss;

    /// <summary>
    /// Given the number of a validation case of this object, from 0, the share of its pixels that are found; null finds what is learnt.
    /// </summary>
    public Func<int, double>? Found { get; init; }

    public int EvaluationBatch { get; init; } = 1;

    public int Iterations { get; private set; }

    public int Evaluations { get; private set; }

    /// <summary>The rates of the iterations.</summary>
    public List<double> Rates { get; } = [];

    public (double Loss, float[] Logits) Iterate(Batch batch, double rate)
    {
        Rates.Add(rate);
        (float loss, float[] logits) = Forward(batch);
        float[] gradient = [loss * (1 + batch.Input[0]), logits.Average() + (0.1f * (float)random.NextDouble())];
        for (int i = 0; i < weights.Length; i++)
        {
            momentum[i] = (0.9f * momentum[i]) + gradient[i];
            weights[i] -= (float)rate * momentum[i];
        }

        return (TrainingLoss(Iterations++, loss), logits);
    }

    public (double Loss, float[] Logits) Evaluate(Batch batch)
    {
        (float loss, float[] logits) = Forward(batch);
        if (Found is not null)
        {
            int pixels = (int)Math.Round(Found(Evaluations) * logits.Length);
            logits = [.. logits.Select((_, i) => i < pixels ? 1f : -1f)];
        }

        batch.Settle(logits, 1);
        return (ValidationLoss(Evaluations++, loss), logits);
    }

    public void Seed(ulong seed, long iteration) => random = new RandomSequence(seed, "disturbance", (ulong)iteration);

    public StateDict CopyWeights() => new([new WeightTensor("weights", [2], weights)]);

    public StateDict CopyOptimizer() => new([new WeightTensor("momentum", [2], momentum)]);

    public void Restore(StateDict weights, StateDict? optimizer, StateDict? average = null)
    {
        this.weights = weights["weights"].ToSingles();
        momentum = optimizer?["momentum"].ToSingles() ?? [0, 0];
    }

    public void Dispose()
    {
    }

    private (float Loss, float[] Logits) Forward(Batch batch)
    {
        float[] logits = [.. batch.Input.Select(value => (weights[0] * value) + weights[1])];
        return (logits.Zip(batch.Target, (logit, label) => (logit - label) * (logit - label)).Average(), logits);
    }
}
