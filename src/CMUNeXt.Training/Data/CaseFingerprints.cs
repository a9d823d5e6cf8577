namespace CMUNeXt.Training.Data;

/// <summary>The fingerprints of cases' images (<see cref="ImageFingerprint"/>), so that each image is decoded once.</summary>
internal sealed class CaseFingerprints
{
    private readonly Dictionary<string, string> prints;

    private CaseFingerprints(Dictionary<string, string> prints) => this.prints = prints;

    /// <summary>The fingerprint of a case.</summary>
    public string this[Case one] => prints[one.Name];

    /// <summary>Takes the fingerprints.</summary>
    /// <param name="cases">The cases of one data set; those that stand in it twice are read once.</param>
    /// <param name="progress">Told the number of images read so far, from several threads.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <exception cref="Files.BadFileException">An image is missing or broken.</exception>
    public static CaseFingerprints Of(IReadOnlyList<Case> cases, IProgress<int>? progress, CancellationToken cancellation)
    {
        Case[] each = [.. cases.DistinctBy(one => one.Name, StringComparer.Ordinal)];
        return new CaseFingerprints(each.Zip(ImageFingerprint.OfAll(each, progress, cancellation)).ToDictionary(
            pair => pair.First.Name, pair => pair.Second, StringComparer.Ordinal));
    }
}
