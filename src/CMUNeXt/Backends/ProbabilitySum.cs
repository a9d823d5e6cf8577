using CMUNeXt.Networks;

namespace CMUNeXt.Backends;

/// <summary>
/// The sum of the probabilities that several networks give the pixels of a batch, and the logits of their mean. In double precision: a
/// probability near 1 keeps its distance from it.
/// </summary>
/// <param name="outputs">1 (a sigmoid), or the number of classes and the background (a softmax).</param>
/// <param name="batch">The number of images.</param>
/// <param name="plane">The pixels of an image.</param>
internal sealed class ProbabilitySum(int outputs, int batch, int plane)
{
    // Beside the one output of a sigmoid stands what it leaves to the background.
    private readonly int classes = Math.Max(outputs, 2);
    private readonly double[] sums = new double[checked(batch * Math.Max(outputs, 2) * plane)];

    /// <summary>Adds what a network gives.</summary>
    /// <param name="logits">
    /// batch x outputs x plane values. Where an image has one that is not finite, the mean is not a number in all of the image: a
    /// probability of infinity would look like any other.
    /// </param>
    public void Add(ReadOnlySpan<float> logits)
    {
        for (int image = 0; image < batch; image++)
        {
            ReadOnlySpan<float> from = logits.Slice(image * outputs * plane, outputs * plane);
            Span<double> to = sums.AsSpan(image * classes * plane, classes * plane);
            if (!FiniteLogits.Are(from))
            {
                // Whatever is added to it later, it stays so.
                to.Fill(double.NaN);
            }
            else if (outputs == 1)
            {
                AddSigmoid(from, to);
            }
            else
            {
                AddSoftmax(from, to);
            }
        }
    }

    /// <summary>Writes the logits of the mean.</summary>
    /// <param name="logits">Receives batch x outputs x plane values, finite where those of all networks are.</param>
    public void WriteLogits(Span<float> logits)
    {
        for (int image = 0; image < batch; image++)
        {
            ReadOnlySpan<double> from = sums.AsSpan(image * classes * plane, classes * plane);
            Span<float> to = logits.Slice(image * outputs * plane, outputs * plane);
            for (int i = 0; i < to.Length; i++)
            {
                // The number of the networks is the same in both parts of a difference of logarithms, and shifts all outputs of a softmax
                // alike.
                to[i] = (float)(outputs == 1 ? Logarithm(from[i]) - Logarithm(from[plane + i]) : Logarithm(from[i]));
            }
        }
    }

    // Below the smallest double there is none.
    private static double Logarithm(double sum) => Math.Log(Math.Max(sum, double.Epsilon));

    private void AddSigmoid(ReadOnlySpan<float> logits, Span<double> to)
    {
        for (int i = 0; i < plane; i++)
        {
            double rest = Math.Exp(-Math.Abs((double)logits[i]));
            double likelier = 1 / (1 + rest);
            double less = rest / (1 + rest);
            to[i] += logits[i] >= 0 ? likelier : less;
            to[plane + i] += logits[i] >= 0 ? less : likelier;
        }
    }

    private void AddSoftmax(ReadOnlySpan<float> logits, Span<double> to)
    {
        Span<double> exponentials = stackalloc double[outputs];
        for (int i = 0; i < plane; i++)
        {
            double largest = double.NegativeInfinity;
            for (int c = 0; c < outputs; c++)
            {
                largest = Math.Max(largest, logits[(c * plane) + i]);
            }

            double sum = 0;
            for (int c = 0; c < outputs; c++)
            {
                sum += exponentials[c] = Math.Exp(logits[(c * plane) + i] - largest);
            }

            for (int c = 0; c < outputs; c++)
            {
                to[(c * plane) + i] += exponentials[c] / sum;
            }
        }
    }
}
