using CMUNeXt.Engine.Training.Memory;
using CMUNeXt.Engine.Training.Passes;

namespace CMUNeXt.Engine.Training.Loss;

/// <summary>Turns probabilities into the gradient of the loss by the logits, in place. A unit is some pixels of an image.</summary>
/// <remarks>
/// With D = (2 I + s) / M, M = o I + a P + b T + s, for an image and a class, dD/dp = 2 t / M - D (o t + a) / M (for Dice's own, o is 0 and
/// a and b are 1); and back through the sigmoid, p (1 - p), or the softmax, p (g - the sum over classes of g p). Cross-entropy's is p - t
/// for both.
/// </remarks>
internal sealed unsafe class LossBackward(
    BatchSize batch, int outputs, nint plane, float* gradient, LossForward forward, SegmentationLoss loss) : Pass
{
    public override nint Scratch => 2 * forward.Classes;

    public override BatchSize Batch => batch;

    protected override int ImageUnits => Chunks;

    private int Chunks => (int)((plane + LossForward.Chunk - 1) / LossForward.Chunk);

    protected override void Run(int slot, int from, int to, float* scratch)
    {
        int classes = forward.Classes;
        int background = outputs - classes;
        float entropyOfAll = (float)(forward.Weight * loss.CrossEntropy / (batch.Total * plane));

        // Of all images together there is one coefficient, of which each image has its own part.
        double dice = forward.Weight * loss.Dice / ((loss.WholeBatch ? 1 : batch.Total) * classes);
        bool plainEntropy = loss.IsPlainEntropy;
        Span<float> inside = new(scratch, classes);
        Span<float> everywhere = new(scratch + classes, classes);
        for (int unit = from; unit < to; unit++)
        {
            int image = unit / Chunks;
            nint first = (nint)(unit % Chunks) * LossForward.Chunk;
            int count = (int)Math.Min(LossForward.Chunk, plane - first);
            float* p = gradient + ((nint)image * outputs * plane) + first;
            byte* target = forward.Target + (image * plane) + first;
            for (int c = 0; c < classes; c++)
            {
                ReadOnlySpan<double> overlap = forward.Overlaps.AsSpan(((image * classes) + c) * 3, 3);
                double denominator = loss.Denominator(overlap);
                double falling = dice * ((2 * overlap[0]) + SegmentationLoss.Smooth) / (denominator * denominator);
                everywhere[c] = (float)(2 * loss.FalsePositives * falling);
                inside[c] = everywhere[c] - (float)((dice * 2 / denominator) - (loss.OverlapShare * falling));
            }

            WorstPixels? worst = forward.Worst[image];
            float* z = forward.Logits + ((nint)image * outputs * plane) + first;
            for (int i = 0; i < count; i++)
            {
                float entropy = worst is { } pixels
                    ? (float)(forward.Weight * loss.CrossEntropy / batch.Total * pixels.ShareOf(z + i, outputs, plane))
                    : entropyOfAll;
                if (!plainEntropy)
                {
                    entropy *= (float)loss.WeighDerivative(PixelEntropy.Of(z + i, outputs, plane, target[i]), target[i]);
                }

                if (outputs == 1)
                {
                    bool t = target[i] == 1;
                    p[i] = (entropy * (p[i] - (t ? 1 : 0))) + ((t ? inside[0] : everywhere[0]) * p[i] * (1 - p[i]));
                    continue;
                }

                float mean = 0;
                for (int c = background; c < outputs; c++)
                {
                    mean += p[(c * plane) + i] * (target[i] == c ? inside[c - background] : everywhere[c - background]);
                }

                for (int c = 0; c < outputs; c++)
                {
                    bool t = target[i] == c;
                    float g = c < background ? 0 : t ? inside[c - background] : everywhere[c - background];
                    float q = p[(c * plane) + i];
                    p[(c * plane) + i] = (entropy * (q - (t ? 1 : 0))) + (q * (g - mean));
                }
            }
        }
    }
}
