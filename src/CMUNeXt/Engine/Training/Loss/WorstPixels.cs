namespace CMUNeXt.Engine.Training.Loss;

/// <summary>
/// The pixels of a healthy image with the largest cross-entropies, and their mean: a few confident false positives weigh as much as they
/// are wrong, whatever the size of the image. Pixels that are as bad as the last of them share its place.
/// </summary>
/// <param name="Threshold">The badness of the last of them: its logit with one output, otherwise its cross-entropy.</param>
/// <param name="Share">The weight of a pixel that is worse.</param>
/// <param name="TieShare">The weight of one that is as bad.</param>
/// <param name="CrossEntropy">The mean.</param>
internal readonly record struct WorstPixels(float Threshold, double Share, double TieShare, double CrossEntropy)
{
    /// <summary>Finds them.</summary>
    /// <param name="logits">Outputs x pixels.</param>
    /// <param name="outputs">Planes of logits.</param>
    /// <param name="plane">Pixels.</param>
    /// <param name="share">The share of the pixels, above 0, at most 1; at least one is taken.</param>
    public static unsafe WorstPixels Of(float* logits, int outputs, nint plane, double share)
    {
        float[] values = new float[plane];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Badness(logits + i, outputs, plane);
        }

        int count = CountOf(share, plane);
        float threshold = Largest(values, count);
        int worse = 0;
        int equal = 0;
        double entropy = 0;
        foreach (float value in values)
        {
            if (value > threshold)
            {
                worse++;
                entropy += CrossEntropyOf(value, outputs);
            }
            else if (value == threshold)
            {
                equal++;
            }
        }

        entropy += (count - worse) * CrossEntropyOf(threshold, outputs);
        return new WorstPixels(threshold, 1.0 / count, (double)(count - worse) / ((double)count * equal), entropy / count);
    }

    /// <summary>How many pixels a share is.</summary>
    public static int CountOf(double share, nint plane) => Math.Max((int)Math.Round(share * plane), 1);

    /// <summary>What a pixel's cross-entropy weighs in the mean.</summary>
    /// <param name="logits">The pixel's first logit.</param>
    /// <param name="outputs">Planes of logits.</param>
    /// <param name="plane">Pixels.</param>
    public unsafe double ShareOf(float* logits, int outputs, nint plane) =>
        Badness(logits, outputs, plane) is var value && value > Threshold ? Share : value == Threshold ? TieShare : 0;

    // Grows with the cross-entropy of a pixel that is background.
    private static unsafe float Badness(float* logits, int outputs, nint plane)
    {
        if (outputs == 1)
        {
            return *logits;
        }

        float largest = float.NegativeInfinity;
        for (int c = 0; c < outputs; c++)
        {
            largest = MathF.Max(largest, logits[c * plane]);
        }

        float total = 0;
        for (int c = 0; c < outputs; c++)
        {
            total += MathF.Exp(logits[c * plane] - largest);
        }

        return MathF.Log(total) + largest - *logits;
    }

    private static double CrossEntropyOf(float badness, int outputs) =>
        outputs == 1 ? Math.Max(badness, 0) + Math.Log(1 + Math.Exp(-Math.Abs((double)badness))) : badness;

    // The count-th largest value: the upper half of its bits from a histogram of upper halves, then the lower half.
    private static float Largest(ReadOnlySpan<float> values, int count)
    {
        int[] histogram = new int[1 << 16];
        foreach (float value in values)
        {
            histogram[Key(value) >> 16]++;
        }

        uint upper = Find(histogram, ref count);
        Array.Clear(histogram);
        foreach (float value in values)
        {
            if (Key(value) >> 16 == upper)
            {
                histogram[Key(value) & 0xFFFF]++;
            }
        }

        uint key = (upper << 16) | Find(histogram, ref count);
        return BitConverter.UInt32BitsToSingle((key & 0x80000000) != 0 ? key ^ 0x80000000 : ~key);
    }

    // The bin that holds the count-th largest; count becomes its place in there.
    private static uint Find(ReadOnlySpan<int> histogram, ref int count)
    {
        int bin = histogram.Length - 1;
        for (; histogram[bin] < count; bin--)
        {
            count -= histogram[bin];
        }

        return (uint)bin;
    }

    // In the order of the values.
    private static uint Key(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return (bits & 0x80000000) != 0 ? ~bits : bits | 0x80000000;
    }
}
