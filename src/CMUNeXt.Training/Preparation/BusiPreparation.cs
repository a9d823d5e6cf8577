using System.Text.RegularExpressions;
using CMUNeXt.Files;

namespace CMUNeXt.Training.Preparation;

/// <summary>
/// Prepares the BUSI data set as it is published: Al-Dhabyani W., Gomaa M., Khaled H., Fahmy A., "Dataset of breast ultrasound
/// images", Data in Brief 28 (2020) 104863. In each of three folders there are <c>NAME (n).png</c> with <c>NAME (n)_mask.png</c> and,
/// where there are several lesions, <c>NAME (n)_mask_1.png</c>, ...; several masks are merged by maximum.
/// </summary>
public static partial class BusiPreparation
{
    private static readonly string[] Folders = ["benign", "malignant", "normal"];

    /// <summary>Writes <c>masks/0/NAME.png</c> (8 bits, 0 or 255), <c>prepare.json</c> and, last, <c>images/NAME.png</c>.</summary>
    /// <param name="options">What to prepare, and where to.</param>
    /// <param name="progress">Told after each image, from several threads.</param>
    /// <param name="cancellation">Stops the work; what stood in the output is then untouched.</param>
    /// <returns>
    /// What was found. Work goes on past bad files: they are its problems, and with any of them the data set is written only where the
    /// options leave them out (<see cref="PreparationReport.IsWritten"/>).
    /// </returns>
    /// <exception cref="BadFileException">The source is not the data set, or the output exists or holds the source.</exception>
    /// <exception cref="IOException">The output could not be written.</exception>
    /// <exception cref="OperationCanceledException">The work was stopped.</exception>
    public static PreparationReport Run(
        BusiPreparationOptions options, IProgress<PreparationProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        SourceScan scan = Scan(options.Source);
        MaskRules rules = new();
        using PreparedFolder output = PreparedFolder.Begin(options.Output, options.Overwrite, rules.Count, [options.Source, .. scan.Paths]);
        return PreparationRun.Execute(scan, rules, output, options.SkipRefused, progress, cancellation);
    }

    private static SourceScan Scan(string source)
    {
        if (!Directory.Exists(source))
        {
            throw new BadFileException(source, "there is no such folder");
        }

        SourceScan scan = new("busi");
        foreach (string name in Folders)
        {
            string folder = Path.Combine(source, name);
            if (Directory.Exists(folder))
            {
                try
                {
                    ScanFolder(folder, scan);
                }
                catch (BadFileException e)
                {
                    scan.Problems.Add(new PreparationFinding(FindingKind.Unreadable, name, e.Problem));
                }
            }
            else
            {
                scan.Remarks.Add(new PreparationFinding(FindingKind.MissingFolder, name, "the published data set has this folder"));
            }
        }

        return scan.Images > 0
            ? scan
            : throw new BadFileException(
                source, $"there is no image in its folders {string.Join(", ", Folders)}; name the folder that holds them");
    }

    private static void ScanFolder(string folder, SourceScan scan)
    {
        List<SourceFile> images = [];
        List<(string Stem, SourceFile File)> masks = [];
        foreach (SourceFile file in SourceFile.In(folder))
        {
            Match match = MaskName().Match(file.Stem);
            if (!file.IsImage)
            {
                scan.AddOther(file);
            }
            else if (match.Success)
            {
                masks.Add((match.Groups[1].Value, file));
            }
            else
            {
                images.Add(file);
            }
        }

        scan.AddFolders(folder);
        scan.Masks += masks.Count;
        ILookup<string, SourceFile> masksOf = masks.ToLookup(m => m.Stem, m => m.File, CanonicalText.Comparer);
        HashSet<string> stems = images.Select(p => p.Stem).ToHashSet(CanonicalText.Comparer);
        foreach (SourceFile image in images)
        {
            scan.Add(image, [.. masksOf[image.Stem]]);
        }

        foreach ((string _, SourceFile file) in masks.Where(m => !stems.Contains(m.Stem)))
        {
            scan.AddOrphan(file);
        }
    }

    [GeneratedRegex(@"^(.+)_mask(?:_[0-9]+)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex MaskName();
}
