using System.Text.Json;
using System.Text.Json.Serialization;
using CMUNeXt.Masks;
using CMUNeXt.Training.Evaluation;

namespace CMUNeXt.Training.Calibration;

/// <summary>What a calibration found. As JSON it is <c>calibration.json</c>, with names in snake_case.</summary>
/// <param name="Data">The name of the data folder.</param>
/// <param name="List">The name of the list of cases.</param>
/// <param name="Weights">The name of the weight file.</param>
/// <param name="WeightsSha256">Its SHA-256, before the calibration.</param>
/// <param name="Cases">The number of cases.</param>
/// <param name="Lesions">The number of lesions that it is fitted to.</param>
/// <param name="Right">The number of those whose IoU with a lesion of the reference is at least 0.5.</param>
/// <param name="Calibration">The calibration that goes into the weights, fitted to all cases.</param>
/// <param name="Halves">The same fitted to each half of the cases alone, and judged on the other.</param>
/// <param name="Halvings">The same over many other halves.</param>
/// <param name="MeanProbability">For comparison: the lesions' mean probability itself, taken for their confidence, over all cases.</param>
/// <param name="Pixels">The pixels' calibration; null with several classes.</param>
/// <param name="Presence">The presence's threshold and what it is worth; null where there are fewer than 20 healthy cases.</param>
/// <param name="KnownCases">The number of cases that the weights know, from training or from the choice of their epoch.</param>
/// <param name="IsOfAllLesions">
/// Whether it is fitted to all lesions that were found: there is no presence threshold, or too few lie in images above it.
/// </param>
/// <param name="PresenceThreshold">
/// The presence threshold that counts with it: that of <paramref name="Presence"/>, else the one that the weights had; null for none.
/// </param>
/// <param name="Flips">Whether it is of the mean over each image's flips.</param>
public sealed record CalibrationReport(
    string Data,
    string List,
    string Weights,
    string WeightsSha256,
    int Cases,
    int Lesions,
    int Right,
    LesionCalibration Calibration,
    IReadOnlyList<CalibrationHalf> Halves,
    CalibrationHalvings Halvings,
    Reliability MeanProbability,
    PixelCalibration? Pixels,
    PresenceReport? Presence = null,
    int KnownCases = 0,
    bool IsOfAllLesions = true,
    PresenceThreshold? PresenceThreshold = null,
    bool Flips = false)
{
    /// <summary>The report as an indented JSON document.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, CalibrationJson.Default.CalibrationReport);

    /// <summary>The reliability diagram of both halves, as an SVG image.</summary>
    public string ToSvg() => ReliabilityDiagram.Svg(
    [
        ("fitted to the first half, judged on the second", Halves[0].Reliability),
        ("fitted to the second half, judged on the first", Halves[1].Reliability),
    ]);
}

/// <summary>A calibration fitted to one half of the cases and judged on the other.</summary>
/// <param name="FittedCases">The number of cases that it is fitted to.</param>
/// <param name="FittedLesions">The number of lesions in them.</param>
/// <param name="JudgedCases">The number of cases that it is judged on.</param>
/// <param name="Intercept">The regression's constant.</param>
/// <param name="Slope">The regression's slope in the logit of the mean probability.</param>
/// <param name="ShareSlope">The regression's slope in the logit of the share.</param>
/// <param name="Reliability">How reliable its confidences are on the lesions of the other half.</param>
public sealed record CalibrationHalf(
    int FittedCases, int FittedLesions, int JudgedCases, double Intercept, double Slope, double ShareSlope, Reliability Reliability);

/// <summary>What other halves of the same cases would have shown: how much of a result is the luck of the halves.</summary>
/// <param name="Count">The number of ways in which the cases were halved, each judged both ways.</param>
/// <param name="MeanError">The mean expected calibration error.</param>
/// <param name="MeanByChance">The mean of what perfectly calibrated confidences would show by chance.</param>
/// <param name="BothWithin5Percent">The part of the halvings whose error is at most 5 % both ways, in [0, 1].</param>
public sealed record CalibrationHalvings(int Count, double MeanError, double MeanByChance, double BothWithin5Percent);

/// <summary>
/// Whether the pixels' probabilities mean what they say, at the network's size, over 15 bins of equal width. It is told, and not applied:
/// masks and probabilities stay those of the network.
/// </summary>
/// <param name="ExpectedCalibrationErrors">Of the probabilities as they are, on the second and the first half, in [0, 1].</param>
/// <param name="Temperatures">What the logits would be divided by, fitted to the first and the second half.</param>
/// <param name="ErrorsWithTemperature">
/// With the temperature of one half on the other, in the order of <paramref name="ExpectedCalibrationErrors"/>.
/// </param>
public sealed record PixelCalibration(
    IReadOnlyList<double> ExpectedCalibrationErrors, IReadOnlyList<double> Temperatures, IReadOnlyList<double> ErrorsWithTemperature);

/// <summary>How a report stands in JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, NewLine = "\n")]
[JsonSerializable(typeof(CalibrationReport))]
internal sealed partial class CalibrationJson : JsonSerializerContext;
