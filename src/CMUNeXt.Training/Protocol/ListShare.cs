namespace CMUNeXt.Training.Protocol;

/// <summary>A list of cases to train on.</summary>
/// <param name="Cases">The number of its cases.</param>
/// <param name="Share">Its share of an epoch's images, beside those of the other lists: above 0, at most <see cref="Most"/>.</param>
public sealed record ListShare(int Cases, double Share)
{
    /// <summary>The largest share.</summary>
    public const double Most = 1000;

    // How often an epoch draws a case beside one that it draws once: of more its length would overflow, or it would never end.
    internal const int MostTimes = 1000;
}
