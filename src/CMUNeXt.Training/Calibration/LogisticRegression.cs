namespace CMUNeXt.Training.Calibration;

/// <summary>
/// Logistic regression on one number by maximum likelihood. The targets are Platt's ("Probabilistic outputs for support vector machines",
/// 1999): with n right and m wrong ones (n + 1) / (n + 2) and 1 / (m + 2) instead of 1 and 0, so that there is a maximum where the two do not
/// overlap; the iteration is Newton's with halved steps, as in Lin, Lin, Weng, "A note on Platt's probabilistic outputs" (2007).
/// </summary>
internal static class LogisticRegression
{
    private const int MostSteps = 100;
    private const double Ridge = 1e-12;

    /// <summary>Fits 1 / (1 + exp(-(intercept + slope x))).</summary>
    /// <param name="x">The numbers, finite, at least one.</param>
    /// <param name="right">Which of them are right.</param>
    public static (double Intercept, double Slope) Fit(IReadOnlyList<double> x, IReadOnlyList<bool> right)
    {
        int n = right.Count(static r => r);
        int m = right.Count - n;
        double[] targets = [.. right.Select(r => r ? (n + 1.0) / (n + 2.0) : 1 / (m + 2.0))];
        (double intercept, double slope) = (Math.Log((n + 1.0) / (m + 1.0)), 0);
        double loss = Loss(x, targets, intercept, slope);
        for (int step = 0; step < MostSteps; step++)
        {
            (double g0, double g1, double h00, double h01, double h11) = (0, 0, Ridge, 0, Ridge);
            for (int i = 0; i < targets.Length; i++)
            {
                double p = 1 / (1 + Math.Exp(-(intercept + (slope * x[i]))));
                double weight = p * (1 - p);
                g0 += p - targets[i];
                g1 += (p - targets[i]) * x[i];
                h00 += weight;
                h01 += weight * x[i];
                h11 += weight * x[i] * x[i];
            }

            double determinant = (h00 * h11) - (h01 * h01);
            double d0 = ((h11 * g0) - (h01 * g1)) / determinant;
            double d1 = ((h00 * g1) - (h01 * g0)) / determinant;
            double length = 1;
            double next = Loss(x, targets, intercept - d0, slope - d1);
            while (!(next <= loss) && length > 1e-10)
            {
                length /= 2;
                next = Loss(x, targets, intercept - (length * d0), slope - (length * d1));
            }

            if (!(next < loss - (1e-14 * Math.Abs(loss))))
            {
                break;
            }

            (intercept, slope, loss) = (intercept - (length * d0), slope - (length * d1), next);
        }

        return (intercept, slope);
    }

    // The negative log-likelihood: log(1 + exp(z)) - t z, without overflow.
    private static double Loss(IReadOnlyList<double> x, double[] targets, double intercept, double slope)
    {
        double sum = 0;
        for (int i = 0; i < targets.Length; i++)
        {
            double z = intercept + (slope * x[i]);
            sum += Math.Max(z, 0) + Math.Log(1 + Math.Exp(-Math.Abs(z))) - (targets[i] * z);
        }

        return sum;
    }
}
