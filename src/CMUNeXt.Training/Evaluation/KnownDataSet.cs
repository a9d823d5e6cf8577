using System.Text.RegularExpressions;

namespace CMUNeXt.Training.Evaluation;

/// <summary>What has to be said wherever results on a published data set are shown.</summary>
/// <param name="Citation">The publication to cite.</param>
/// <param name="Caution">What is known to be wrong with it.</param>
internal sealed partial record KnownDataSet(string Citation, string Caution)
{
    private static readonly KnownDataSet Busi = new(
        "Al-Dhabyani W., Gomaa M., Khaled H., Fahmy A., Dataset of breast ultrasound images, Data in Brief 28 (2020) 104863",
        "BUSI contains repeated images: malignant (145) and benign (433) are the same file, "
            + "and the published split 2 trains on one and validates on the other.");

    /// <summary>Recognizes a data set by a word in the name of its folder; null if it is none that is known.</summary>
    public static KnownDataSet? Of(string folder) => BusiWord().IsMatch(folder) ? Busi : null;

    [GeneratedRegex("(?<![a-z])busi(?![a-z])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex BusiWord();
}
