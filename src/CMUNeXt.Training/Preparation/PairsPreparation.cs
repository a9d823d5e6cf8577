using CMUNeXt.Files;

namespace CMUNeXt.Training.Preparation;

/// <summary>Prepares a folder of images and a folder of masks that belong together by their names.</summary>
public static class PairsPreparation
{
    /// <summary>
    /// Writes for each class c <c>masks/c/NAME.png</c> (8 bits, 0 or 255), <c>prepare.json</c> and, last, <c>images/NAME.png</c>.
    /// </summary>
    /// <param name="options">What to prepare, and where to.</param>
    /// <param name="progress">Told after each image, from several threads.</param>
    /// <param name="cancellation">Stops the work; what stood in the output is then untouched.</param>
    /// <returns>
    /// What was found. Work goes on past bad files: they are its problems, and with any of them the data set is written only where the
    /// options leave them out (<see cref="PreparationReport.IsWritten"/>).
    /// </returns>
    /// <exception cref="ArgumentException">
    /// Labels or colors are none, out of range, repeated, or both given; or one folder is both without a suffix.
    /// </exception>
    /// <exception cref="BadFileException">A source is missing or has no image, or the output exists or holds a source.</exception>
    /// <exception cref="IOException">The output could not be written.</exception>
    /// <exception cref="OperationCanceledException">The work was stopped.</exception>
    public static PreparationReport Run(
        PairsPreparationOptions options, IProgress<PreparationProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Labels is not null && options.Colors is not null)
        {
            throw new ArgumentException("Masks are label maps or colored, not both.", nameof(options));
        }

        IReadOnlyList<MaskClass>? classes = options.Labels ?? options.Colors;
        int most = options.Colors is null ? 0xFF : 0xFFFFFF;
        if (classes is not null
            && (MaskRules.Problem(classes)
                ?? (classes.SelectMany(c => c.Values).Any(v => v < 1 || v > most) ? $"a value is from 1 to {most}" : null)) is { } problem)
        {
            throw new ArgumentException($"The classes cannot be told: {problem}.", nameof(options));
        }

        SourceScan scan = Scan(options);
        MaskRules rules = new() { Classes = classes, Colored = options.Colors is not null, Resize = options.ResizeMasks };
        using PreparedFolder output = PreparedFolder.Begin(
            options.Output, options.Overwrite, rules.Count, [options.Images, options.Masks, .. scan.Paths]);
        return PreparationRun.Execute(scan, rules, output, options.SkipRefused, progress, cancellation);
    }

    private static SourceScan Scan(PairsPreparationOptions options)
    {
        bool together = RealPath.AreSame(options.Images, options.Masks);
        if (together && options.MaskSuffix.Length == 0)
        {
            throw new ArgumentException("Images and masks in one folder need a suffix that tells the masks.", nameof(options));
        }

        SourceScan scan = new("pairs");
        SourceFile[] files = [.. SourceFile.In(options.Images)];
        MaskNames names = new(options.MaskSuffix, files.Where(file => file.IsImage).Select(file => file.Stem));
        SourceFile[] images = [.. files.Where(file => file.IsImage && !(together && names.IsMask(file.Stem)))];
        if (images.Length == 0)
        {
            string hint = SourceFile.FoldersIn(options.Images).Any() ? ", and its folders are not looked into: name one of them" : "";
            throw new BadFileException(options.Images, $"there is no image in it{hint}");
        }

        foreach (SourceFile file in files.Where(file => !file.IsImage))
        {
            scan.AddOther(file);
        }

        scan.AddFolders(options.Images, options.Images, options.Masks, options.Output);
        ILookup<string, SourceFile> masksOf = ScanMasks(options, together, names, scan);
        foreach (SourceFile image in images)
        {
            AddImage(scan, image, [.. masksOf[image.Stem]]);
        }

        HashSet<string> stems = images.Select(p => p.Stem).ToHashSet(CanonicalText.Comparer);
        foreach (SourceFile mask in masksOf.Where(m => !stems.Contains(m.Key)).SelectMany(m => m))
        {
            scan.AddOrphan(mask);
        }

        return scan;
    }

    private static ILookup<string, SourceFile> ScanMasks(PairsPreparationOptions options, bool together, MaskNames names, SourceScan scan)
    {
        List<(string Stem, SourceFile File)> masks = [];
        foreach (SourceFile file in SourceFile.In(options.Masks))
        {
            if (file.IsImage && names.ImageOf(file.Stem) is { } stem)
            {
                scan.Masks++;
                masks.Add((stem, file));
            }
            else if (file.IsImage && names.LooksLikeMask(file.Stem))
            {
                string text = "looks like a further mask of an image, but its name is not understood; "
                    + "name it as the others with _1, _2, ... behind it"
                    + (options.MaskSuffix.Length == 0 ? ", or say what all masks have behind the image's stem (--mask-suffix)" : "");
                scan.Problems.Add(new PreparationFinding(FindingKind.AmbiguousName, file.Display, text));
            }
            else if (!together && file.IsImage)
            {
                scan.AddOther(file, $"its name is not that of a mask: an image's stem, then {options.MaskSuffix}");
            }
            else if (!together)
            {
                scan.AddOther(file);
            }
        }

        if (!together)
        {
            scan.AddFolders(options.Masks, options.Images, options.Masks, options.Output);
        }

        return masks.ToLookup(mask => mask.Stem, mask => mask.File, CanonicalText.Comparer);
    }

    // Several masks have different stems; two files of one stem (a.png and a.jpg) are more likely a mistake than two lesions.
    private static void AddImage(SourceScan scan, SourceFile image, IReadOnlyList<SourceFile> masks)
    {
        if (masks.DistinctBy(mask => mask.Stem, CanonicalText.Comparer).Count() < masks.Count)
        {
            scan.AddAmbiguous(image, masks);
        }
        else
        {
            scan.Add(image, masks);
        }
    }
}
