namespace CMUNeXt.Training.Phantoms;

/// <summary>
/// Functions that give the same bits on every machine: additions, multiplications and divisions alone, which IEEE 754 fixes, where
/// those of the system differ in the last place.
/// </summary>
internal static class PortableMath
{
    private const double Ln2 = 0.693147180559945309417;

    // 1 / n! and 1 / (2 n + 1): the terms of the series below.
    private static readonly double[] InverseFactorials =
    [
        .. Enumerable.Range(0, 11).Select(n => 1 / Enumerable.Range(1, n).Aggregate(1.0, (a, b) => a * b)),
    ];
    private static readonly double[] OddInverses = [.. Enumerable.Range(0, 7).Select(n => 1.0 / ((2 * n) + 1))];

    /// <summary>2 to a power in [-1000, 1000], to 1e-12 relative.</summary>
    public static double Exp2(double power)
    {
        double whole = Math.Floor(power + 0.5);
        double x = (power - whole) * Ln2;
        double sum = 0;
        for (int n = InverseFactorials.Length - 1; n >= 0; n--)
        {
            sum = (sum * x) + InverseFactorials[n];
        }

        return BitConverter.Int64BitsToDouble(((long)whole + 1023) << 52) * sum;
    }

    /// <summary>The logarithm to base 2 of a normal positive number, to 1e-11.</summary>
    public static double Log2(double value)
    {
        long bits = BitConverter.DoubleToInt64Bits(value);
        long exponent = ((bits >> 52) & 0x7FF) - 1023;
        double mantissa = BitConverter.Int64BitsToDouble((bits & 0xFFFFFFFFFFFFF) | (1023L << 52));
        if (mantissa > 1.41421356)
        {
            mantissa /= 2;
            exponent++;
        }

        // ln m = 2 artanh((m - 1) / (m + 1))
        double s = (mantissa - 1) / (mantissa + 1);
        double square = s * s;
        double sum = 0;
        for (int n = OddInverses.Length - 1; n >= 0; n--)
        {
            sum = (sum * square) + OddInverses[n];
        }

        return exponent + (2 * s * sum / Ln2);
    }

    /// <summary>The sine of an angle in turns, to 1e-12.</summary>
    public static double Sin(double turns)
    {
        double folded = turns - Math.Floor(turns + 0.5);
        if (folded > 0.25)
        {
            folded = 0.5 - folded;
        }
        else if (folded < -0.25)
        {
            folded = -0.5 - folded;
        }

        double x = folded * (2 * Math.PI);
        double square = x * x;
        double sum = 1;
        for (int n = 18; n >= 2; n -= 2)
        {
            sum = 1 - (sum * square / (n * (n + 1)));
        }

        return x * sum;
    }

    /// <summary>The cosine of an angle in turns, to 1e-12.</summary>
    public static double Cos(double turns) => Sin(turns + 0.25);
}
