namespace CMUNeXt.Training.Calibration;

/// <summary>
/// How many pixels of lesion and of background have a logit of about each value: what pixel-wise calibration needs of an image.
/// </summary>
internal sealed class LogitHistogram
{
    private const double Limit = 40;
    private const double Width = 0.02;
    private const int Bins = 15;

    private readonly long[] lesion = new long[(int)(2 * Limit / Width)];
    private readonly long[] background = new long[(int)(2 * Limit / Width)];

    /// <summary>Counts the pixels of an image.</summary>
    /// <param name="logits">One for each pixel.</param>
    /// <param name="reference">For each pixel 0 or 1.</param>
    public static LogitHistogram Of(ReadOnlySpan<float> logits, ReadOnlySpan<byte> reference)
    {
        LogitHistogram counted = new();
        for (int i = 0; i < logits.Length; i++)
        {
            int bin = Math.Clamp((int)((logits[i] + Limit) / Width), 0, counted.lesion.Length - 1);
            (reference[i] == 0 ? counted.background : counted.lesion)[bin]++;
        }

        return counted;
    }

    /// <summary>The pixels of several images.</summary>
    public static LogitHistogram Sum(IEnumerable<LogitHistogram> histograms)
    {
        LogitHistogram sum = new();
        foreach (LogitHistogram histogram in histograms)
        {
            for (int i = 0; i < sum.lesion.Length; i++)
            {
                sum.lesion[i] += histogram.lesion[i];
                sum.background[i] += histogram.background[i];
            }
        }

        return sum;
    }

    /// <summary>
    /// The temperature T that makes sigmoid(logit / T) most likely (Guo, Pleiss, Sun, Weinberger, "On calibration of modern neural
    /// networks", ICML 2017), by golden section from 0.1 to 10.
    /// </summary>
    public double FitTemperature()
    {
        double ratio = (Math.Sqrt(5) - 1) / 2;
        (double low, double high) = (Math.Log(0.1), Math.Log(10));
        while (high - low > 1e-4)
        {
            double left = high - (ratio * (high - low));
            double right = low + (ratio * (high - low));
            (low, high) = Loss(Math.Exp(left)) < Loss(Math.Exp(right)) ? (low, right) : (left, high);
        }

        return Math.Exp((low + high) / 2);
    }

    /// <summary>The expected calibration error of the pixels' probability of being lesion, over 15 bins of equal width.</summary>
    public double ExpectedCalibrationError(double temperature)
    {
        double[] difference = new double[Bins];
        long pixels = 0;
        for (int i = 0; i < lesion.Length; i++)
        {
            long count = lesion[i] + background[i];
            double p = 1 / (1 + Math.Exp(-Logit(i) / temperature));
            difference[Math.Min(Bins - 1, (int)(p * Bins))] += (count * p) - lesion[i];
            pixels += count;
        }

        return difference.Sum(Math.Abs) / pixels;
    }

    private double Loss(double temperature)
    {
        double sum = 0;
        for (int i = 0; i < lesion.Length; i++)
        {
            double z = Logit(i) / temperature;
            double softplus = Math.Max(z, 0) + Math.Log(1 + Math.Exp(-Math.Abs(z)));
            sum += ((lesion[i] + background[i]) * softplus) - (lesion[i] * z);
        }

        return sum;
    }

    private static double Logit(int bin) => ((bin + 0.5) * Width) - Limit;
}
