using CMUNeXt.Backends;
using CMUNeXt.Files;
using CMUNeXt.Imaging;
using CMUNeXt.Masks;
using CMUNeXt.Networks;
using CMUNeXt.Training.Data;
using CMUNeXt.Training.Evaluation;
using CMUNeXt.Training.Runs;
using CMUNeXt.Weights;

namespace CMUNeXt.Training.Calibration;

/// <summary>
/// Finds out how often lesions of a probability are right: a regression fitted to all cases, for use, and the same fitted to each half and
/// judged on the other, to know what it is worth. Lesions of images that are taken for healthy have no part in it, unless too few are left.
/// </summary>
internal static class Calibrator
{
    private const int LeastLesions = 10;
    private const int Halvings = 100;

    /// <summary>Runs a network on the cases of a list and calibrates it.</summary>
    /// <param name="data">The data set.</param>
    /// <param name="list">Its cases; none that the network was trained on.</param>
    /// <param name="network">The network; it stays the caller's to dispose.</param>
    /// <param name="ensemble">Its weights.</param>
    /// <param name="seed">What the halves depend on, beside the names of the cases.</param>
    /// <param name="specificity">The part of healthy images in which nothing shall be outlined, above 0 and below 1.</param>
    /// <param name="patients">Cases with the same text stay in one half; null keeps together what the images show to be copies.</param>
    /// <param name="progress">Told the number of cases that are done.</param>
    /// <param name="atOnce">The cases that are measured at once, at least 1.</param>
    /// <param name="cancellation">Stops the work.</param>
    /// <exception cref="BadFileException">A file cannot be used, or there are too few lesions, or none right, or none wrong.</exception>
    public static CalibrationReport Run(
        DataSet data, CaseList list, Network network, Ensemble ensemble, long seed, double specificity = 0.95,
        CaseKey? patients = null, IProgress<int>? progress = null, int atOnce = 1, CancellationToken cancellation = default)
    {
        IReadOnlyList<Case> sources = data.Resolve(list);
        WeightsMetadata metadata = ensemble.Metadata;
        HashSet<string> known = [.. KnownCases.AllOf(metadata)];
        List<CalibrationCase> cases = [];
        List<ComparedImage> images = [];
        foreach (Task<(CalibrationCase Case, ComparedImage Image)> measured in ImagePipeline.Run(
            sources, atOnce, (source, cores) => cores.Use(() => Measure(source, network, metadata), cancellation), cancellation))
        {
            cancellation.ThrowIfCancellationRequested();
            (CalibrationCase one, ComparedImage image) = measured.GetAwaiter().GetResult();
            cases.Add(one);
            images.Add(image);
            progress?.Report(cases.Count);
        }

        cancellation.ThrowIfCancellationRequested();
        IReadOnlyList<IReadOnlyList<string>> groups = CaseGroups.Find(sources, images, patients, cancellation);
        if (groups.Count < 2 || FindFault(LesionsOf(cases)) is not null)
        {
            throw new BadFileException(
                list.Path, $"its cases cannot be calibrated on: {FindFault(LesionsOf(cases)) ?? OneGroup(patients)}");
        }

        PresenceReport? presence = PresenceReport.Fit(cases, Halve(cases, groups, seed), specificity);
        PresenceThreshold? applied = presence?.Threshold ?? metadata.Presence;
        bool isOfAll = true;
        if (applied is { } threshold)
        {
            // A confidence is read where lesions are outlined: it is fitted to these, unless they are too few.
            List<CalibrationCase> outlined = Outlined(cases, threshold);
            isOfAll = !Halve(outlined, groups, seed).Append([.. outlined]).All(part => FindFault(LesionsOf(part)) is null);
            cases = isOfAll ? cases : outlined;
        }

        CalibrationCase[][] halves = Halve(cases, groups, seed);
        if (halves.Select(half => FindFault(LesionsOf(half))).FirstOrDefault(static fault => fault is not null) is { } halfFault)
        {
            throw new BadFileException(list.Path, $"half of its cases cannot be calibrated on: {halfFault}; take more cases");
        }

        CalibrationHalf[] judged = [Judge(halves[0], halves[1]), Judge(halves[1], halves[0])];
        LesionResult[] lesions = LesionsOf(cases);
        return new CalibrationReport(
            DataSet.NameOf(data.Folder),
            Path.GetFileName(list.Path),
            Path.GetFileName(ensemble.Members[0].Path),
            ensemble.Sha256,
            cases.Count,
            lesions.Length,
            lesions.Count(IsRight),
            Fit(lesions) with { ExpectedCalibrationErrors = [.. judged.Select(static half => half.Reliability.ExpectedCalibrationError)] },
            judged,
            JudgeHalvings(cases, groups, seed, cancellation),
            Reliability.Of([.. lesions.Select(static lesion => (lesion.MeanProbability, IsRight(lesion)))]),
            cases[0].Pixels is null ? null : JudgePixels(halves),
            presence,
            images.Count(image => known.Contains(KnownCases.Shorten(image.Print))),
            isOfAll,
            applied,
            ensemble.Flips);
    }

    /// <summary>Fits the regression to lesions.</summary>
    internal static LesionCalibration Fit(IReadOnlyList<LesionResult> lesions)
    {
        double[] fitted = LogisticRegression.Fit(
            [.. lesions.Select(static lesion => LesionCalibration.Features(lesion.MeanProbability, lesion.Share))],
            [.. lesions.Select(IsRight)]);
        return new LesionCalibration
        {
            Intercept = fitted[0],
            Slope = fitted[1],
            ShareSlope = fitted[2],
            LeastIou = LesionSummary.LeastIou,
            Lesions = lesions.Count,
        };
    }

    private static (CalibrationCase Case, ComparedImage Image) Measure(Case source, Network network, WeightsMetadata metadata)
    {
        LoadedCase loaded = LoadedCase.Load(source);
        return (CalibrationCase.Measure(loaded, network, metadata), ComparedImage.Of(loaded.Image, source.ImagePath));
    }

    private static CalibrationHalf Judge(CalibrationCase[] fitted, CalibrationCase[] judged)
    {
        LesionResult[] lesions = LesionsOf(fitted);
        LesionCalibration calibration = Fit(lesions);
        return new CalibrationHalf(
            fitted.Length,
            lesions.Length,
            judged.Length,
            calibration.Intercept,
            calibration.Slope,
            calibration.ShareSlope,
            Reliability.Of(
                [.. LesionsOf(judged).Select(lesion => (calibration.Confidence(lesion.MeanProbability, lesion.Share), IsRight(lesion)))]));
    }

    private static CalibrationHalvings JudgeHalvings(
        IReadOnlyList<CalibrationCase> cases, IReadOnlyList<IReadOnlyList<string>> groups, long seed, CancellationToken cancellation)
    {
        List<Reliability[]> all = [];
        for (int i = 1; i <= Halvings; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            CalibrationCase[][] halves = Halve(cases, groups, seed + i);
            if (halves.All(half => LesionsOf(half).Length > 0))
            {
                all.Add([Judge(halves[0], halves[1]).Reliability, Judge(halves[1], halves[0]).Reliability]);
            }
        }

        return new CalibrationHalvings(
            all.Count,
            all.Average(static pair => pair.Average(static r => r.ExpectedCalibrationError)),
            all.Average(static pair => pair.Average(static r => r.ByChance)),
            all.Average(static pair => pair.All(static r => r.ExpectedCalibrationError <= 0.05) ? 1.0 : 0.0));
    }

    private static PixelCalibration JudgePixels(CalibrationCase[][] halves)
    {
        LogitHistogram[] pixels = [.. halves.Select(half => LogitHistogram.Sum(half.Select(static c => c.Pixels!)))];
        double[] temperatures = [.. pixels.Select(static half => half.FitTemperature())];
        return new PixelCalibration(
            [pixels[1].ExpectedCalibrationError(1), pixels[0].ExpectedCalibrationError(1)],
            temperatures,
            [pixels[1].ExpectedCalibrationError(temperatures[0]), pixels[0].ExpectedCalibrationError(temperatures[1])]);
    }

    // Copies of an image stay in one half.
    private static CalibrationCase[][] Halve(IReadOnlyList<CalibrationCase> cases, IReadOnlyList<IReadOnlyList<string>> groups, long seed)
    {
        Dictionary<string, CalibrationCase> byName = cases.ToDictionary(static c => c.Name, StringComparer.Ordinal);
        Split split = Split.HoldOut(groups, 0.5, seed);
        return [[.. split.Train.Select(name => byName[name])], [.. split.Validation.Select(name => byName[name])]];
    }

    private static List<CalibrationCase> Outlined(List<CalibrationCase> cases, PresenceThreshold threshold) =>
        [.. cases.Select(one => one.Presence > threshold.Score ? one : one with { Lesions = [] })];

    // An image that may have a lesion where nothing is known counts nowhere.
    private static LesionResult[] LesionsOf(IEnumerable<CalibrationCase> cases) =>
        [.. cases.Where(static c => c.IsHealthy is not null).SelectMany(static c => c.Lesions)];

    private static bool IsRight(LesionResult lesion) => lesion.Iou >= LesionSummary.LeastIou;

    private static string OneGroup(CaseKey? patients) =>
        patients is null ? "they are all one image" : "they are all of one patient, or copies of one another";

    private static string? FindFault(LesionResult[] lesions) => lesions.Length < LeastLesions
        ? $"the network finds {lesions.Length} {(lesions.Length == 1 ? "lesion" : "lesions")} in them, and at least {LeastLesions} are "
            + "needed; add cases with a lesion"
        : lesions.All(IsRight) || !lesions.Any(IsRight)
            ? $"of the {lesions.Length} lesions that the network finds in them all or none have an IoU of at least {LesionSummary.LeastIou}"
            : null;
}
