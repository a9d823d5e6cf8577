namespace CMUNeXt.Training.Evaluation;

/// <summary>A count of a number, with the interval of Wilson (JASA 22, 1927) that holds the true proportion with 95 %.</summary>
/// <param name="Count">How many.</param>
/// <param name="Of">Of how many, at least 1.</param>
/// <param name="Low">The interval's lower end, in [0, 1].</param>
/// <param name="High">The interval's upper end, in [0, 1].</param>
public sealed record WilsonInterval(int Count, int Of, double Low, double High)
{
    // The standard normal distribution's 97.5th percentile.
    private const double Z = 1.959963984540054;

    internal static WilsonInterval From(int count, int of)
    {
        double p = (double)count / of;
        double scale = 1 + (Z * Z / of);
        double middle = (p + (Z * Z / (2 * of))) / scale;
        double half = Z / scale * Math.Sqrt((p * (1 - p) / of) + (Z * Z / (4.0 * of * of)));
        return new WilsonInterval(count, of, Math.Max(0, middle - half), Math.Min(1, middle + half));
    }
}
