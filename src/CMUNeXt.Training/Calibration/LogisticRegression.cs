namespace CMUNeXt.Training.Calibration;

/// <summary>
/// Logistic regression by maximum likelihood. The targets are Platt's ("Probabilistic outputs for support vector machines", 1999): with n
/// right and m wrong ones (n + 1) / (n + 2) and 1 / (m + 2) instead of 1 and 0, so that there is a maximum where the two do not overlap;
/// the iteration is Newton's with halved steps, as in Lin, Lin, Weng, "A note on Platt's probabilistic outputs" (2007).
/// </summary>
internal static class LogisticRegression
{
    private const int MostSteps = 100;
    private const double Ridge = 1e-12;

    /// <summary>Fits 1 / (1 + exp(-(intercept + slope . x))).</summary>
    /// <param name="x">Points, finite, at least one.</param>
    /// <param name="right">Which of them are right.</param>
    /// <returns>The intercept, then the slope in each of a point's numbers; 0 where that number is 0 in all points.</returns>
    public static double[] Fit(IReadOnlyList<double[]> x, IReadOnlyList<bool> right)
    {
        int n = right.Count(static r => r);
        int m = right.Count - n;
        double[] targets = [.. right.Select(r => r ? (n + 1.0) / (n + 2.0) : 1 / (m + 2.0))];
        double[][] rows = [.. x.Select(static point => (double[])[1, .. point])];
        double[] fitted = new double[rows[0].Length];
        fitted[0] = Math.Log((n + 1.0) / (m + 1.0));
        double loss = Loss(rows, targets, fitted);
        for (int step = 0; step < MostSteps; step++)
        {
            double[] direction = NewtonStep(rows, targets, fitted);
            double length = 1;
            double[] there = Move(fitted, direction, length);
            double next = Loss(rows, targets, there);
            while (!(next <= loss) && length > 1e-10)
            {
                length /= 2;
                there = Move(fitted, direction, length);
                next = Loss(rows, targets, there);
            }

            if (!(next < loss - (1e-14 * Math.Abs(loss))))
            {
                break;
            }

            (fitted, loss) = (there, next);
        }

        return fitted;
    }

    private static double[] Move(double[] from, double[] direction, double length) =>
        [.. from.Zip(direction, (value, d) => value - (length * d))];

    // Solves H d = g, with gradient and Hessian of the loss, by elimination; H is positive definite.
    private static double[] NewtonStep(double[][] rows, double[] targets, double[] fitted)
    {
        int size = fitted.Length;
        double[] d = new double[size];
        double[,] h = new double[size, size];
        for (int i = 0; i < size; i++)
        {
            h[i, i] = Ridge;
        }

        for (int k = 0; k < rows.Length; k++)
        {
            double[] row = rows[k];
            double p = 1 / (1 + Math.Exp(-Dot(row, fitted)));
            for (int i = 0; i < size; i++)
            {
                d[i] += (p - targets[k]) * row[i];
                for (int j = 0; j < size; j++)
                {
                    h[i, j] += p * (1 - p) * row[i] * row[j];
                }
            }
        }

        for (int pivot = 0; pivot < size; pivot++)
        {
            for (int i = pivot + 1; i < size; i++)
            {
                double factor = h[i, pivot] / h[pivot, pivot];
                d[i] -= factor * d[pivot];
                for (int j = pivot; j < size; j++)
                {
                    h[i, j] -= factor * h[pivot, j];
                }
            }
        }

        for (int i = size - 1; i >= 0; i--)
        {
            for (int j = i + 1; j < size; j++)
            {
                d[i] -= h[i, j] * d[j];
            }

            d[i] /= h[i, i];
        }

        return d;
    }

    // The negative log-likelihood: log(1 + exp(z)) - t z, without overflow.
    private static double Loss(double[][] rows, double[] targets, double[] fitted)
    {
        double sum = 0;
        for (int k = 0; k < rows.Length; k++)
        {
            double z = Dot(rows[k], fitted);
            sum += Math.Max(z, 0) + Math.Log(1 + Math.Exp(-Math.Abs(z))) - (targets[k] * z);
        }

        return sum;
    }

    private static double Dot(double[] row, double[] fitted)
    {
        double sum = 0;
        for (int i = 0; i < row.Length; i++)
        {
            sum += row[i] * fitted[i];
        }

        return sum;
    }
}
