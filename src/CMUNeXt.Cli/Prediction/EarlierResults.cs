using System.Text.RegularExpressions;
using CMUNeXt.Files;

namespace CMUNeXt.Cli.Prediction;

/// <summary>What of the files that this program wrote into folders are results: they are no images to predict.</summary>
internal sealed partial class EarlierResults
{
    private readonly Dictionary<string, OwnFiles> listOf = [];

    /// <summary>Whether a file is a prediction's; what other verbs wrote is not its to remove.</summary>
    /// <param name="own">What this program wrote into the folder, as paths below it.</param>
    /// <param name="name">One of these.</param>
    public static bool IsPrediction(IReadOnlyCollection<string> own, string name) => ForImage().Match(name) is { Success: true } one
        ? own.Contains($"{one.Groups["image"].Value}.json")
        : ForInstance().IsMatch(name) || (name.EndsWith(".json", StringComparison.Ordinal) && own.Contains($"{name[..^5]}_mask.png"));

    /// <summary>Whether a file is a result, by any verb. The images of a data set are none, though this program wrote them.</summary>
    /// <param name="own">What this program wrote into the folder, as paths below it.</param>
    /// <param name="name">The file's path below the folder.</param>
    public static bool IsResult(IReadOnlyCollection<string> own, string name) => own.Contains(name)
        && (!name.StartsWith("images/", StringComparison.Ordinal) || own.Contains("config.json") || IsPrediction(own, name));

    /// <summary>Whether a file stands among the results of its folder, or of one above it, up to the one that is searched.</summary>
    /// <param name="root">The folder that is searched.</param>
    /// <param name="file">The file's path below it.</param>
    public bool Contain(string root, string file)
    {
        string below = file.Replace(Path.DirectorySeparatorChar, '/');
        for (int end = below.LastIndexOf('/'); ; end = below.LastIndexOf('/', end - 1))
        {
            string folder = end < 0 ? root : Path.Combine(root, below[..end]);
            if (IsResult(ListOf(folder).Names, below[(end + 1)..]))
            {
                return true;
            }

            if (end <= 0)
            {
                return false;
            }
        }
    }

    private OwnFiles ListOf(string folder) => listOf.TryGetValue(folder, out OwnFiles? own) ? own : listOf[folder] = OwnFiles.In(folder);

    // What ImageResults writes for an image, beside its findings.
    [GeneratedRegex(@"^(?<image>.*)_(?:mask|overlay|probability(?:_[0-9]+)?)\.png\z", RegexOptions.Singleline)]
    private static partial Regex ForImage();

    // What DicomPrediction writes for a file, and what is written for all.
    [GeneratedRegex(@"_(?:overlay|(?:seg|report)(?:_[0-9]+)?)\.dcm\z|_areas\.(?:csv|png)\z", RegexOptions.Singleline)]
    private static partial Regex ForInstance();
}
