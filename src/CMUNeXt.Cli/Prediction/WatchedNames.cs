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

    /// <summary>Names the results of an image.</summary>
    /// <param name="found">The image as a search alone names it.</param>
    public ImageInput Name(ImageInput found)
    {
        if (!keepsEnding.TryGetValue(found.Path, out bool keeps))
        {
            string? there = ImageOf(found.Stem);
            keeps = there != found.Name && (there is not null || found.Result != found.Stem || ImageOf(found.Name) == found.Name);
            keepsEnding.Add(found.Path, keeps);
        }

        return found with { Result = keeps ? found.Name : found.Stem };
    }

    // Of which image there are results of that name.
    private string? ImageOf(string result)
    {
        string path = Path.Combine(output, $"{result}.json");
        return File.Exists(path) ? SegmentationReport.FromJson(File.ReadAllText(path))?.File : null;
    }
}
