using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Training.Memory;
using CMUNeXt.Engine.Training.Passes;

namespace CMUNeXt.Engine.Training.Loss;

/// <summary>
/// The losses of the training protocol, and their gradients: cross-entropy, the mean over all pixels of the batch, of a sigmoid where there
/// is one output and of a softmax otherwise; and Dice loss, 1 - the mean over images and classes of
/// (2 sum(p t) + 1e-5) / (sum p + sum t + 1e-5), where the background of a softmax, class 0, is no class.
/// </summary>
/// <param name="CrossEntropy">The weight of the cross-entropy.</param>
/// <param name="Dice">The weight of the Dice loss.</param>
/// <param name="WholeBatch">Whether the sums of the Dice loss are those of all images together.</param>
/// <param name="HealthyPixels">The share of the pixels of a healthy image, the worst, that its cross-entropy is the mean of.</param>
/// <param name="Presence">The weight of <see cref="PresenceLoss"/>.</param>
/// <param name="Distillation">The weight of <see cref="DistillationLoss"/> where there is a teacher; the others then have the rest.</param>
/// <param name="Temperature">Of the distillation.</param>
/// <param name="Focal">
/// The exponent g of the focal loss (Lin et al., ICCV 2017), 0 or at least 1: a pixel's cross-entropy counts (1 - q)^g, q being the
/// probability of its class.
/// </param>
/// <param name="FalsePositives">
/// What false positives weigh in the Dice loss: with 0.5 for both it is Dice's, else that of Tversky (Salehi et al., 2017).
/// </param>
/// <param name="FalseNegatives">What false negatives weigh.</param>
/// <param name="ClassWeights">
/// What the cross-entropy of a pixel of each class counts, the background first; null counts all alike. The mean stays one over all pixels.
/// </param>
internal readonly record struct SegmentationLoss(
    double CrossEntropy, double Dice, bool WholeBatch = false, double HealthyPixels = 1, double Presence = 0, double Distillation = 0,
    double Temperature = 1, double Focal = 0, double FalsePositives = 0.5, double FalseNegatives = 0.5,
    IReadOnlyList<double>? ClassWeights = null)
{
    /// <summary>Keeps the quotient of the Dice loss finite.</summary>
    public const double Smooth = 1e-5;

    /// <summary>The loss of a batch, without a teacher.</summary>
    /// <param name="logits">Images x outputs x pixels.</param>
    /// <param name="target">Images x pixels.</param>
    /// <param name="images">The number of images.</param>
    /// <param name="outputs">Planes of logits.</param>
    /// <param name="width">The images' width in pixels.</param>
    /// <exception cref="ArgumentException">
    /// Logits and classes are not those of so many images of one size, or there is no such class.
    /// </exception>
    public unsafe double Of(float[] logits, byte[] target, int images, int outputs, int width)
    {
        if (images < 1 || target.Length % images != 0 || logits.Length != (long)target.Length * outputs)
        {
            throw new ArgumentException(
                $"{logits.Length} logits and {target.Length} classes are not those of {images} images with {outputs} outputs.",
                nameof(target));
        }

        CheckClasses(target, outputs);
        using NativeBuffer probabilities = new(logits.Length);
        fixed (float* z = logits)
        {
            fixed (byte* classes = target)
            {
                BatchSize batch = new(images);
                LossForward forward = new(batch, outputs, target.Length / images, z, probabilities.Data, this)
                {
                    Name = "loss",
                    Target = classes,
                };
                Run(forward, null);
                if (Presence == 0)
                {
                    return Of(forward);
                }

                int height = target.Length / images / width;
                int radius = Masks.Presence.Radius(width, height);
                PresenceLoss presence = new(batch, height, width, z, null, Presence, radius) { Name = "presence", Target = classes };
                using NativeBuffer scratch = new(presence.Scratch);
                Run(presence, scratch.Data);
                return Of(forward) + presence.Value;
            }
        }
    }

    /// <summary>Refuses a class that there is no output for: with one output there are 0 and 1.</summary>
    /// <exception cref="ArgumentException">There is no such class.</exception>
    public static void CheckClasses(ReadOnlySpan<byte> target, int outputs)
    {
        if (target.IndexOfAnyExceptInRange((byte)0, (byte)(Math.Max(outputs, 2) - 1)) is var place and >= 0)
        {
            throw new ArgumentException($"There is no class {target[place]}.", nameof(target));
        }
    }

    /// <summary>Whether the cross-entropy is that of the protocol: of all pixels alike.</summary>
    public bool IsPlainEntropy => Focal == 0 && ClassWeights is null;

    /// <summary>What the sum of p t counts in the denominator of the Dice coefficient: nothing in Dice's own.</summary>
    public double OverlapShare => 2 * (1 - FalsePositives - FalseNegatives);

    /// <summary>The denominator of the Dice coefficient.</summary>
    /// <param name="overlap">The sums of p t, p and t.</param>
    public double Denominator(ReadOnlySpan<double> overlap) =>
        (OverlapShare * overlap[0]) + (2 * FalsePositives * overlap[1]) + (2 * FalseNegatives * overlap[2]) + Smooth;

    /// <summary>What a pixel adds to the cross-entropy.</summary>
    /// <param name="entropy">Its cross-entropy.</param>
    /// <param name="label">Its class.</param>
    public double Weigh(double entropy, int label) => WeightOf(label) * Math.Pow(1 - Math.Exp(-entropy), Focal) * entropy;

    /// <summary>The derivative of <see cref="Weigh"/> for the pixel's cross-entropy.</summary>
    /// <inheritdoc cref="Weigh"/>
    public double WeighDerivative(double entropy, int label)
    {
        double probability = Math.Exp(-entropy);
        return Focal == 0 ? WeightOf(label)
            : WeightOf(label) * Math.Pow(1 - probability, Focal - 1) * (1 - probability + (Focal * probability * entropy));
    }

    /// <summary>The loss of what was summed up.</summary>
    public double Of(LossForward sums) => sums.Weight * ((CrossEntropy * sums.CrossEntropy) + (Dice * (1 - sums.Dice)));

    private double WeightOf(int label) => ClassWeights?[label] ?? 1;

    private static unsafe void Run(Pass pass, float* scratch)
    {
        for (int task = 0; task < pass.Tasks; task++)
        {
            pass.Run(task, scratch);
        }

        pass.Finish();
    }
}
