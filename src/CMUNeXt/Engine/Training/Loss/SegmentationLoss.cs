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
internal readonly record struct SegmentationLoss(
    double CrossEntropy, double Dice, bool WholeBatch = false, double HealthyPixels = 1, double Presence = 0, double Distillation = 0,
    double Temperature = 1)
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

    /// <summary>The loss of what was summed up.</summary>
    public double Of(LossForward sums) => sums.Weight * ((CrossEntropy * sums.CrossEntropy) + (Dice * (1 - sums.Dice)));

    private static unsafe void Run(Pass pass, float* scratch)
    {
        for (int task = 0; task < pass.Tasks; task++)
        {
            pass.Run(task, scratch);
        }

        pass.Finish();
    }
}
