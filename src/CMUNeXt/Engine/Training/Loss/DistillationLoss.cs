using CMUNeXt.Engine.Training.Memory;

namespace CMUNeXt.Engine.Training.Loss;

/// <summary>
/// How far the softened probabilities, of logits / T, are from a teacher's (Hinton, Vinyals, Dean, 2015): the Kullback-Leibler divergence,
/// the mean over all pixels, times T squared. A unit is some pixels of an image.
/// </summary>
/// <param name="batch">The images.</param>
/// <param name="outputs">Planes of logits.</param>
/// <param name="plane">Pixels of an image.</param>
/// <param name="logits">Images x outputs x pixels.</param>
/// <param name="gradient">The same for the gradient, which is added to what is there.</param>
/// <param name="weight">What the divergence is multiplied by.</param>
/// <param name="temperature">T.</param>
internal sealed unsafe class DistillationLoss(
    BatchSize batch, int outputs, nint plane, float* logits, float* gradient, double weight, double temperature) : LossTerm
{
    private readonly double[] sums = new double[batch.Capacity * (int)((plane + LossForward.Chunk - 1) / LossForward.Chunk)];

    /// <summary>Whether there is a teacher.</summary>
    public bool IsTaught { get; set; }

    /// <summary>The teacher's logits: images x outputs x pixels.</summary>
    public float* Teacher { get; set; }

    public override bool IsNeeded => IsTaught;

    // Two probabilities an output.
    public override nint Scratch => 2 * Math.Max(outputs, 2);

    public override BatchSize Batch => batch;

    protected override int ImageUnits => Chunks;

    private int Chunks => (int)((plane + LossForward.Chunk - 1) / LossForward.Chunk);

    public override void Finish()
    {
        double[] images = new double[batch.Count];
        for (int unit = 0; unit < batch.Count * Chunks; unit++)
        {
            images[unit / Chunks] += sums[unit];
        }

        Value = weight * temperature * temperature * AddUp(images) / (batch.Total * plane);
    }

    protected override void Run(int slot, int from, int to, float* scratch)
    {
        // With one output the background's logit is 0.
        int classes = Math.Max(outputs, 2);
        float* student = scratch;
        float* teacher = scratch + classes;
        float scale = (float)(weight * temperature / (batch.Total * plane));
        for (int unit = from; unit < to; unit++)
        {
            nint first = (unit / Chunks * outputs * plane) + ((nint)(unit % Chunks) * LossForward.Chunk);
            int count = (int)Math.Min(LossForward.Chunk, plane - ((nint)(unit % Chunks) * LossForward.Chunk));
            double sum = 0;
            for (nint i = first; i < first + count; i++)
            {
                float logTotal = Soften(logits + i, student);
                float teacherLogTotal = Soften(Teacher + i, teacher);
                for (int c = 0; c < classes; c++)
                {
                    float difference = Softened(Teacher + i, c) - teacherLogTotal - Softened(logits + i, c) + logTotal;
                    sum += teacher[c] * difference;
                }

                for (int c = 0; c < outputs; c++)
                {
                    int place = c + classes - outputs;
                    gradient[i + (c * plane)] += scale * (student[place] - teacher[place]);
                }
            }

            sums[unit] = sum;
        }
    }

    private float Softened(float* z, int place) =>
        outputs == 1 ? (place == 0 ? 0 : *z / (float)temperature) : z[place * plane] / (float)temperature;

    // Probabilities, and the log of what they were divided by.
    private float Soften(float* z, float* probabilities)
    {
        int classes = Math.Max(outputs, 2);
        float largest = float.NegativeInfinity;
        for (int c = 0; c < classes; c++)
        {
            largest = MathF.Max(largest, Softened(z, c));
        }

        float total = 0;
        for (int c = 0; c < classes; c++)
        {
            total += probabilities[c] = MathF.Exp(Softened(z, c) - largest);
        }

        for (int c = 0; c < classes; c++)
        {
            probabilities[c] /= total;
        }

        return largest + MathF.Log(total);
    }
}
