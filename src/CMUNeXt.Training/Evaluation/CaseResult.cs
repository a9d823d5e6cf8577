using System.Text.RegularExpressions;
using CMUNeXt.Training.Metrics;

namespace CMUNeXt.Training.Evaluation;

/// <summary>What was measured of one case.</summary>
/// <param name="Name">The case's name: the stem of its file.</param>
/// <param name="Classes">The metrics of each class but the background, in order, at the image's original size.</param>
/// <param name="AsPublished">
/// The as published of the case alone, at the network's size, for comparison; null where there are no logits, as for given masks.
/// </param>
internal sealed partial record CaseResult(string Name, IReadOnlyList<SegmentationMetrics> Classes, MetricsAsPublished? AsPublished = null)
{
    /// <summary>The first word of a name such as <c>benign (12)</c>; null for names of another form.</summary>
    public string? Subgroup => NumberedName().Match(Name) is { Success: true } match ? match.Groups[1].Value : null;

    /// <summary>The lesions that the network found, each judged; none where given masks were judged.</summary>
    public IReadOnlyList<LesionResult> Lesions { get; init; } = [];

    /// <summary>How much speaks for a lesion in the image, in logits; null where given masks were judged.</summary>
    public double? Presence { get; init; }

    /// <summary>The lesions of the reference, in the order of their first pixels.</summary>
    public IReadOnlyList<ReferenceLesion> References { get; init; } = [];

    /// <summary>Whether nothing is known of some of the image's pixels.</summary>
    public bool HasIgnored { get; init; }

    /// <summary>The SHA-256 of the reference mask; null where it was not taken.</summary>
    public string? ReferenceSha256 { get; init; }

    /// <summary>
    /// Whether the image is neither healthy nor known to have a lesion: if there is one, it lies on pixels that nothing is known of.
    /// </summary>
    internal bool IsUncertain => HasIgnored && Classes.All(static c => c.Confusion.ReferenceArea == 0);

    /// <summary>The outcome for a class as it is written in files.</summary>
    internal string OutcomeOf(SegmentationMetrics metrics) => IsUncertain ? "uncertain" : Metric.Key(metrics.Confusion.Outcome);

    /// <summary>All classes taken as one, against the background; null for one class.</summary>
    public SegmentationMetrics? AnyClass { get; init; }

    /// <summary>
    /// The pixels of each class of the reference (rows, the background first) that the prediction gives each class (columns); null for one
    /// class.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<long>>? ClassPixels { get; init; }

    /// <summary>The fingerprint of the image (<see cref="Data.ImageFingerprint"/>); null where it was not taken.</summary>
    internal string? Fingerprint { get; init; }

    /// <summary>The part of the image's known pixels that is a lesion of whichever class in the reference, in [0, 1].</summary>
    public double ReferenceFraction => Classes.Sum(static c => c.Confusion.ReferenceArea) / (double)Classes[0].Confusion.Pixels;

    /// <summary>The wrong pixels of all classes as a part of the image's known pixels.</summary>
    internal double WrongFraction =>
        Classes.Sum(static c => c.Confusion.FalsePositives + c.Confusion.FalseNegatives) / (double)Classes[0].Confusion.Pixels;

    /// <summary>The mean IoU over the classes where it is defined, by which cases are ranked; NaN where it is defined for none.</summary>
    public double MeanIou => Classes.Select(static c => c.Confusion.Iou).Where(double.IsFinite).DefaultIfEmpty(double.NaN).Average();

    [GeneratedRegex(@"^([\p{L}_-]+) \(\d+\)\z")]
    private static partial Regex NumberedName();
}
