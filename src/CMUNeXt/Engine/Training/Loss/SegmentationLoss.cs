using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Training.Memory;

namespace CMUNeXt.Engine.Training.Loss;

/// <summary>
/// The losses of the training protocol, and their gradients: cross-entropy, the mean over all pixels of the batch, of a sigmoid where there
/// is one output and of a softmax otherwise; and Dice loss, 1 - the mean over images and classes of
/// (2 sum(p t) + 1e-5) / (sum p + sum t + 1e-5), where the background of a softmax, class 0, is no class.
/// </summary>
/// <param name="CrossEntropy">The weight of the cross-entropy.</param>
/// <param name="Dice">The weight of the Dice loss.</param>
internal readonly record struct SegmentationLoss(double CrossEntropy, double Dice)
{
    /// <summary>Keeps the quotient of the Dice loss finite.</summary>
    public const double Smooth = 1e-5;

    /// <summary>The loss of a batch.</summary>
    /// <param name="logits">Images x outputs x pixels.</param>
    /// <param name="target">Images x pixels.</param>
    /// <param name="images">The number of images.</param>
    /// <param name="outputs">Planes of logits.</param>
    /// <exception cref="ArgumentException">Logits and classes are not those of so many images of one size, or there is no such class.</exception>
    public unsafe double Of(float[] logits, byte[] target, int images, int outputs)
    {
        if (images < 1 || target.Length % images != 0 || logits.Length != (long)target.Length * outputs)
        {
            throw new ArgumentException($"{logits.Length} logits and {target.Length} classes are not those of {images} images with {outputs} outputs.", nameof(target));
        }

        CheckClasses(target, outputs);
        using NativeBuffer probabilities = new(logits.Length);
        fixed (float* z = logits)
        {
            fixed (byte* classes = target)
            {
                LossForward forward = new(new BatchSize(images), outputs, target.Length / images, z, probabilities.Data) { Name = "loss", Target = classes };
                for (int task = 0; task < forward.Tasks; task++)
                {
                    forward.Run(task, null);
                }

                forward.Finish();
                return Of(forward);
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
    public double Of(LossForward sums) => (CrossEntropy * sums.CrossEntropy) + (Dice * (1 - sums.Dice));
}
