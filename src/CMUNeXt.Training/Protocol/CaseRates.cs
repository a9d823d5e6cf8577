using CMUNeXt.Training.Data;

namespace CMUNeXt.Training.Protocol;

/// <summary>How many times an epoch draws each case: once, or more where its list has a share or its class is rare.</summary>
internal static class CaseRates
{
    /// <summary>The rate of each case, at least 1.</summary>
    /// <param name="cases">The cases of all training lists.</param>
    /// <param name="shares">The lists' shares of an epoch; null where none are stated.</param>
    /// <param name="rare">The share of the cases below which a class is rare; 0 for none.</param>
    /// <param name="classesOf">The classes of a case's mask; asked only where a class may be rare.</param>
    public static double[] Of(
        IReadOnlyList<Case> cases, IReadOnlyList<ListShare>? shares, double rare, Func<Case, IReadOnlyList<byte>> classesOf)
    {
        double[] rates = [.. shares is null ? Enumerable.Repeat(1.0, cases.Count) : ByShares(shares)];
        if (rare > 0)
        {
            IReadOnlyList<byte>[] classes = [.. cases.Select(classesOf)];
            Dictionary<byte, int> counts = classes.SelectMany(static one => one).CountBy(static label => label).ToDictionary();
            for (int i = 0; i < rates.Length; i++)
            {
                rates[i] *= Math.Max(1, classes[i].Select(label => Math.Sqrt(rare * cases.Count / counts[label])).DefaultIfEmpty(1).Max());
            }
        }

        return rates;
    }

    // The list that is drawn least is drawn once.
    private static IEnumerable<double> ByShares(IReadOnlyList<ListShare> shares)
    {
        double least = shares.Min(static one => one.Share / one.Cases);
        return shares.SelectMany(one => Enumerable.Repeat(one.Share / one.Cases / least, one.Cases));
    }
}
