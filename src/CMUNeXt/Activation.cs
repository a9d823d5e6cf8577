using System.Numerics;
using System.Runtime.InteropServices;

namespace CMUNeXt;

/// <summary>From logits to probabilities.</summary>
internal static class Activation
{
    /// <summary>The sigmoid of one output, or the softmax over several, for one image.</summary>
    /// <param name="logits">outputs x pixels values.</param>
    /// <param name="outputs">At least 1.</param>
    /// <returns>outputs x pixels values in [0, 1].</returns>
    /// <exception cref="ArgumentException">The logits are not equally many for each output.</exception>
    public static float[] Probabilities(ReadOnlySpan<float> logits, int outputs)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(outputs);
        if (logits.Length % outputs != 0)
        {
            throw new ArgumentException($"{logits.Length} logits are not equally many for each of {outputs} outputs.", nameof(logits));
        }

        float[] probabilities = new float[logits.Length];
        if (outputs == 1)
        {
            Sigmoid(logits, probabilities);
            return probabilities;
        }

        int pixels = logits.Length / outputs;
        for (int i = 0; i < pixels; i++)
        {
            float largest = logits[i];
            for (int c = 1; c < outputs; c++)
            {
                largest = MathF.Max(largest, logits[(c * pixels) + i]);
            }

            float sum = 0;
            for (int c = 0; c < outputs; c++)
            {
                sum += probabilities[(c * pixels) + i] = MathF.Exp(logits[(c * pixels) + i] - largest);
            }

            for (int c = 0; c < outputs; c++)
            {
                probabilities[(c * pixels) + i] /= sum;
            }
        }

        return probabilities;
    }

    private static void Sigmoid(ReadOnlySpan<float> logits, Span<float> probabilities)
    {
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(logits);
        Span<Vector<float>> results = MemoryMarshal.Cast<float, Vector<float>>(probabilities);
        for (int i = 0; i < vectors.Length; i++)
        {
            results[i] = Vector<float>.One / (Vector<float>.One + Vector.Exp(-vectors[i]));
        }

        for (int i = vectors.Length * Vector<float>.Count; i < logits.Length; i++)
        {
            probabilities[i] = 1 / (1 + MathF.Exp(-logits[i]));
        }
    }
}
