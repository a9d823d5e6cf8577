namespace CMUNeXt.Tests.Engine;

/// <summary>GELU in double precision, x Phi(x), Phi the distribution function of the standard normal distribution.</summary>
internal static class PlainGelu
{
    public static double Of(double x) => x * Distribution(x);

    public static double Derivative(double x) => Distribution(x) + (x * Density(x));

    private static double Density(double x) => Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);

    // By parts: Phi(x) = 1/2 + phi(x) (x + x^3/3 + x^5/(3 5) + x^7/(3 5 7) + ...).
    private static double Distribution(double x)
    {
        if (Math.Abs(x) > 8)
        {
            return x > 0 ? 1 : 0;
        }

        double sum = 0;
        double term = x;
        for (int n = 3; Math.Abs(term) > 1e-17 * Math.Abs(sum); n += 2)
        {
            sum += term;
            term *= x * x / n;
        }

        return 0.5 + (Density(x) * sum);
    }
}
