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

    // Whose the results of a name are, and whose what is written of a DICOM file as a whole.
    private readonly Dictionary<string, string> owners = new(StringComparer.FromComparison(RealPath.Comparison));
    private readonly Dictionary<string, string> fileOwners = new(StringComparer.FromComparison(RealPath.Comparison));

    /// <summary>Names the results of an image.</summary>
    /// <param name="found">The image as a search alone names it.</param>
    /// <returns>The image; null where its name has no ending to keep, and another image's results have the name.</returns>
    public ImageInput? Name(ImageInput found)
    {
        if (!keepsEnding.TryGetValue(found.Path, out bool keeps))
        {
            keeps = ImageOf(found.Stem) is { } there
                ? there != found.Name
                : found.Result != found.Stem || ImageOf(found.Name) == found.Name || HasObjectsOfAnother(found);
            keepsEnding.Add(found.Path, keeps);
        }

        ImageInput named = found with { Result = keeps ? found.Name : found.Stem };
        return Owns(owners, named.Result, named.Path) && (named.Frame is null || Owns(fileOwners, named.FileResult, named.Path))
            ? named
            : null;
    }

    private static bool Owns(Dictionary<string, string> owners, string result, string path) =>
        owners.TryAdd(result, path) || string.Equals(owners[result], path, RealPath.Comparison);

    // A still and a loop of one stem have results of different names, and objects of the same.
    private bool HasObjectsOfAnother(ImageInput found)
    {
        if (found.Frame is not { } frame)
        {
            return false;
        }

        string stem = found.Stem[..^frame.Suffix.Length];
        string file = found.Name[..^frame.Suffix.Length];
        string first = new DicomFrame(0, 2).Suffix;
        return File.Exists(Path.Combine(output, $"{stem}_seg.dcm")) && ImageOf(stem) != file && ImageOf(stem + first) != file + first;
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
