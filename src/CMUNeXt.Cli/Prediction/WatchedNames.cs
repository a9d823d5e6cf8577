using CMUNeXt.Files;

namespace CMUNeXt.Cli.Prediction;

/// <summary>
/// The names of the results of watched images. An image keeps the one that it has, also after a restart, whatever comes beside it: of a.png
/// and an a.jpg that comes later, a.jpg has results that keep the ending.
/// </summary>
/// <param name="output">The folder of the results.</param>
internal sealed class WatchedNames(string output)
{
    // By path; the frames of a file go together.
    private readonly Dictionary<string, bool> keepsEnding = new(StringComparer.FromComparison(RealPath.Comparison));

    // Whose the results of a name are.
    private readonly Dictionary<string, string> owners = new(StringComparer.FromComparison(RealPath.Comparison));

    /// <summary>Names the results of an image.</summary>
    /// <param name="found">The image as a search alone names it.</param>
    /// <returns>The image; null where its name has no ending to keep, and another image's results have the name.</returns>
    public ImageInput? Name(ImageInput found)
    {
        if (!keepsEnding.TryGetValue(found.Path, out bool keeps))
        {
            string? there = ImageOf(found.Stem);
            keeps = there != found.Name && (there is not null || found.Result != found.Stem || ImageOf(found.Name) == found.Name);
            keepsEnding.Add(found.Path, keeps);
        }

        ImageInput named = found with { Result = keeps ? found.Name : found.Stem };
        return owners.TryAdd(named.Result, named.Path) || string.Equals(owners[named.Result], named.Path, RealPath.Comparison)
            ? named
            : null;
    }

    // Of which image there are results of that name; null where that cannot be read.
    private string? ImageOf(string result)
    {
        try
        {
            string path = Path.Combine(output, $"{result}.json");
            return File.Exists(path) ? SegmentationReport.FromJson(File.ReadAllText(path))?.File : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
