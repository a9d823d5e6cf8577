using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Masks;
using CMUNeXt.Networks;

namespace CMUNeXt.Weights;

/// <summary>
/// What a weight file says of itself, so that whoever loads it computes what was trained.
/// It is kept as a JSON object under the key <c>cmunext</c>.
/// </summary>
public sealed record WeightsMetadata
{
    /// <summary>The network and its configuration.</summary>
    public required NetworkDescription Network { get; init; }

    /// <summary>How an image becomes the network's input.</summary>
    public Preprocessing Preprocessing { get; init; } = Preprocessing.Published;

    /// <summary>The names of the classes that are not background, in order.</summary>
    public IReadOnlyList<string> Classes { get; init; } = [];

    /// <summary>A pixel belongs to the class where its probability is above this value; used with one output only.</summary>
    public double Threshold { get; init; } = 0.5;

    /// <summary>
    /// Whether the training showed images upside down too, as the published one does; where it did not, a mean over flips leaves those out.
    /// </summary>
    public bool VerticalFlips { get; init; } = true;

    /// <summary>What makes the confidence of lesions from these weights' probabilities; null where it was not measured.</summary>
    public LesionCalibration? Calibration { get; init; }

    /// <summary>
    /// What the presence of a lesion has to exceed for anything to be outlined; null where it was not measured, and all is outlined.
    /// </summary>
    public PresenceThreshold? Presence { get; init; }

    /// <summary>
    /// What takes the place of <see cref="Calibration"/> where the mean over an image's flips is taken, whose probabilities are nearer to
    /// one half than the image's own; null where it was not measured.
    /// </summary>
    public LesionCalibration? CalibrationWithFlips { get; init; }

    /// <summary>
    /// What takes the place of <see cref="Presence"/> where the mean over an image's flips is taken; null where it was not measured, and
    /// that of the image by itself counts.
    /// </summary>
    public PresenceThreshold? PresenceWithFlips { get; init; }

    /// <summary>The data set that the weights were trained on.</summary>
    public string? DataSet { get; init; }

    /// <summary>
    /// The images that the weights were trained on, in earlier trainings too, each named by the first 16 hexadecimal digits (lower case) of
    /// the SHA-256 of its pixels, which do not give the image back; null where that was not recorded.
    /// </summary>
    public IReadOnlyList<string>? TrainingCases { get; init; }

    /// <summary>
    /// The images by which the epoch of the weights was chosen, named alike; empty where it is the last one. Recorded with
    /// <see cref="TrainingCases"/>.
    /// </summary>
    public IReadOnlyList<string>? SelectionCases { get; init; }

    /// <summary>What was measured of these weights, by name.</summary>
    public IReadOnlyDictionary<string, double>? Metrics { get; init; }

    /// <summary>How the weights were trained, in words.</summary>
    public string? Recipe { get; init; }

    /// <summary>The license of the weights.</summary>
    public string? License { get; init; }

    /// <summary>What the weights are for, and what not, in words.</summary>
    public string? IntendedUse { get; init; }

    /// <summary>Whether the classes are these, in their order, as far as both are named. One class alone is the same by any name.</summary>
    /// <param name="names">The names of classes that are not background; null or empty where nobody named them.</param>
    public bool HasClasses(IReadOnlyList<string>? names) =>
        Classes.Count < 2 || names is null or { Count: 0 } || Classes.SequenceEqual(names, StringComparer.Ordinal);

    /// <summary>
    /// The same with another preprocessing stated; calibration and presence threshold, measured with the old one, are left out. With the
    /// one that they have, nothing is.
    /// </summary>
    /// <param name="preprocessing">How an image becomes the network's input.</param>
    public WeightsMetadata With(Preprocessing preprocessing)
    {
        ArgumentNullException.ThrowIfNull(preprocessing);
        return Preprocessing == preprocessing ? this : this with
        {
            Preprocessing = preprocessing,
            Calibration = null,
            Presence = null,
            CalibrationWithFlips = null,
            PresenceWithFlips = null,
        };
    }

    /// <summary>The key that the JSON object has in weight files, among other text.</summary>
    public const string Key = "cmunext";

    /// <summary>The JSON object that stands in weight files.</summary>
    /// <exception cref="ArgumentException">A value is out of its range, so that no file could hold it.</exception>
    public string ToJson() => WeightsMetadataJson.Write(this);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="path">The file that it stands in, for the message.</param>
    /// <param name="json">The JSON object.</param>
    /// <exception cref="BadFileException">
    /// It is not JSON, a member is missing or of another type, or a value is out of its range.
    /// </exception>
    public static WeightsMetadata FromJson(string path, string json) => WeightsMetadataJson.Read(path, json);

    /// <summary>
    /// The calibration, where it holds: with one output only at the threshold that it was measured with, which is the weights' own.
    /// </summary>
    /// <param name="threshold">The threshold that pixels are decided by.</param>
    public LesionCalibration? CalibrationAt(double threshold) => Network.Outputs > 1 || threshold == Threshold ? Calibration : null;
}
