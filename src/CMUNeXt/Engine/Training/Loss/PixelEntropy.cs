namespace CMUNeXt.Engine.Training.Loss;

/// <summary>The cross-entropy of one pixel, in double precision.</summary>
internal static unsafe class PixelEntropy
{
    /// <summary>The cross-entropy.</summary>
    /// <param name="z">The pixel's first logit.</param>
    /// <param name="outputs">Planes of logits: 1 (a sigmoid), or the number of classes and the background (a softmax).</param>
    /// <param name="plane">From a logit of the pixel to the next.</param>
    /// <param name="label">The pixel's class.</param>
    public static double Of(float* z, int outputs, nint plane, int label)
    {
        if (outputs == 1)
        {
            double against = label == 1 ? -(double)z[0] : z[0];
            return Math.Max(against, 0) + Math.Log(1 + Math.Exp(-Math.Abs(against)));
        }

        double largest = z[0];
        for (int c = 1; c < outputs; c++)
        {
            largest = Math.Max(largest, z[c * plane]);
        }

        double total = 0;
        for (int c = 0; c < outputs; c++)
        {
            total += Math.Exp(z[c * plane] - largest);
        }

        return Math.Log(total) + largest - z[label * plane];
    }
}
