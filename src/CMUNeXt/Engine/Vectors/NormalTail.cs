using System.Runtime.InteropServices;

namespace CMUNeXt.Engine.Vectors;

/// <summary>
/// The tail of the normal distribution, P(u) = the probability of a value above u, for GELU(x) = max(x, 0) - u P(u), u = |x|. Two ways to
/// compute it: a polynomial for each of a few intervals where a register can be indexed, and a power times a polynomial elsewhere.
/// </summary>
internal static unsafe class NormalTail
{
    /// <summary>Beyond this, u P(u) is below 3e-8.</summary>
    public const float End = 5.75f;

    // The tables could change: an address that the compiler knows would become a constant of 64 bits in the kernels' loops.

    /// <summary>The last of the quartics is here.</summary>
    public const float QuarticEnd = 7.75f;

    /// <summary>
    /// 32 quartics, as many as two registers of 512 bits have lanes, with intervals of a quarter, so that place and distance come of
    /// rounding alone; coefficients by power, then by interval.
    /// </summary>
    public static float* Quartics { get; private set; } = MakeTable(Tail, QuarticEnd, 32, 4);

    /// <summary>Sixteen quintics, as many as a register of 512 bits has lanes; coefficients by power, then by interval.</summary>
    public static float* Quintics { get; private set; } = MakeTable(Tail, End, 16, 5);

    /// <summary>Eight polynomials of degree 6 for registers of 256 bits.</summary>
    public static float* Sextics { get; private set; } = MakeTable(Tail, End, 8, 6);

    /// <summary>Quintics of P(u) - u p(u), p the density, of which GELU's derivative is made.</summary>
    public static float* DerivativeQuintics { get; private set; } = MakeTable(TailForDerivative, End, 16, 5);

    /// <summary>The same as eight polynomials of degree 7, with the intervals of <see cref="Sextics"/>.</summary>
    public static float* DerivativeSeptics { get; private set; } = MakeTable(TailForDerivative, End, 8, 7);

    /// <summary>
    /// P(u) exp(u^2 / 2) as a polynomial of degree 8 in t, the affine image of 1 / (1 + u / 2) in [-1, 1]: highest power first, each
    /// coefficient four times, as registers of 128 bits load it.
    /// </summary>
    public static float* Ratio { get; private set; } = InAllLanes(Fit(s => Math.Exp(U(s) * U(s) / 2) * Tail(U(s)), degree: 8));

    /// <summary>The polynomial of degree 6 of 2^f for f from -1/2 to 1/2, in the same way.</summary>
    public static float* PowerOfTwo { get; private set; } = InAllLanes(Fit(s => Math.Pow(2, s / 2), degree: 6, scale: 2));

    private const double RatioEnd = 1 / (1 + (End / 2));

    /// <summary>t = this x 1 / (1 + u / 2) + <see cref="RatioShift"/>.</summary>
    public const float RatioScale = (float)(2 / (1 - RatioEnd));

    /// <summary>See <see cref="RatioScale"/>.</summary>
    public const float RatioShift = (float)(-(1 + RatioEnd) / (1 - RatioEnd));

    /// <summary>1 / sqrt(2 pi): the density is this times exp(-u^2 / 2).</summary>
    public const float DensityScale = 0.39894228f;

    /// <summary>P(u) in double precision.</summary>
    private static double Tail(double u) => 0.5 * ComplementaryError(u / Math.Sqrt(2));

    private static double TailForDerivative(double u) => Tail(u) - (u * Math.Exp(-u * u / 2) / Math.Sqrt(2 * Math.PI));

    private static double U(double s) => 2 * ((1 / ((s * (1 - RatioEnd) / 2) + ((1 + RatioEnd) / 2))) - 1);

    // erfc by its series near 0 and its continued fraction beyond (Abramowitz and Stegun, 7.1.5 and 7.1.14).
    private static double ComplementaryError(double x)
    {
        if (x < 2.5)
        {
            double sum = 0;
            double term = x;
            for (int n = 0; n < 100; n++)
            {
                sum += term / ((2 * n) + 1);
                term *= -x * x / (n + 1);
            }

            return 1 - (2 / Math.Sqrt(Math.PI) * sum);
        }

        double fraction = 0;
        for (int k = 120; k > 0; k--)
        {
            fraction = k / 2.0 / (x + fraction);
        }

        return Math.Exp(-x * x) / Math.Sqrt(Math.PI) / (x + fraction);
    }

    // Each polynomial is in the distance from its interval's center, the first at 0 and the last at the end.
    private static float* MakeTable(Func<double, double> function, float end, int intervals, int degree)
    {
        float* table = (float*)NativeMemory.AlignedAlloc((nuint)((degree + 1) * intervals * sizeof(float)), 64);
        double interval = end / (intervals - 1);
        for (int i = 0; i < intervals; i++)
        {
            float[] fitted = Fit(s => function((i * interval) + (s * interval / 2)), degree, scale: 2 / interval);
            for (int power = 0; power <= degree; power++)
            {
                table[(power * intervals) + i] = fitted[degree - power];
            }
        }

        return table;
    }

    private static float* InAllLanes(float[] coefficients)
    {
        float* table = (float*)NativeMemory.AlignedAlloc((nuint)(4 * coefficients.Length * sizeof(float)), 64);
        for (int i = 0; i < 4 * coefficients.Length; i++)
        {
            table[i] = coefficients[i / 4];
        }

        return table;
    }

    // Interpolates f at Chebyshev's points of [-1, 1]; the polynomial is in the variable s / scale, highest power first.
    private static float[] Fit(Func<double, double> f, int degree, double scale = 1)
    {
        int count = degree + 1;
        double[] points = [.. Enumerable.Range(0, count).Select(i => Math.Cos(Math.PI * ((2 * i) + 1) / (2.0 * count)))];
        double[] divided = [.. points.Select(f)];
        for (int j = 1; j < count; j++)
        {
            for (int i = count - 1; i >= j; i--)
            {
                divided[i] = (divided[i] - divided[i - 1]) / (points[i] - points[i - j]);
            }
        }

        // Newton's form, multiplied out from the innermost bracket.
        double[] polynomial = new double[count];
        for (int i = degree; i >= 0; i--)
        {
            for (int power = count - 1; power >= 0; power--)
            {
                polynomial[power] = (power > 0 ? polynomial[power - 1] : divided[i]) - (points[i] * polynomial[power]);
            }
        }

        return [.. Enumerable.Range(0, count).Select(i => (float)(polynomial[degree - i] * Math.Pow(scale, degree - i)))];
    }
}
