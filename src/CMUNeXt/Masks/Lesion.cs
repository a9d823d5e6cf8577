using System.Text.Json.Serialization;

namespace CMUNeXt.Masks;

/// <summary>One connected component of a class in a mask.</summary>
/// <param name="Class">The index of its class, from 1.</param>
/// <param name="Area">The number of its pixels.</param>
/// <param name="Box">The box around it.</param>
/// <param name="Contour">
/// Its outer contour: its pixels that touch the outside, clockwise from its first pixel, each a neighbor (of eight) of the one before.
/// Where the lesion is one pixel wide the contour goes there and back, and names a pixel twice. Holes have none.
/// </param>
/// <param name="MeanProbability">The mean probability of its pixels, in [0, 1].</param>
/// <param name="Confidence">
/// The probability that its IoU with a lesion of the reference is at least 0.5 (<see cref="LesionCalibration"/>); null where the weights
/// carry no calibration.
/// </param>
public sealed record Lesion(
    [property: JsonPropertyName("class")] int Class,
    [property: JsonPropertyName("area")] int Area,
    [property: JsonPropertyName("box")] BoundingBox Box,
    [property: JsonPropertyName("contour")] IReadOnlyList<PixelPosition> Contour,
    [property: JsonPropertyName("mean_probability")] double MeanProbability,
    [property: JsonPropertyName("confidence")] double? Confidence = null)
{
    /// <summary>Its part of all pixels that are found of its class, in (0, 1]; a filter of the mask does not change it.</summary>
    [JsonIgnore]
    public double Share { get; init; } = 1;

    /// <summary>Its area in square millimeters; null where the size of a pixel is not known.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonPropertyName("area_mm2")]
    public double? AreaMm2 { get; init; }

    /// <summary>
    /// The largest distance between two points of its contour in millimeters; null where the size of a pixel is not known.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonPropertyName("long_axis_mm")]
    public double? LongAxisMm { get; init; }

    /// <summary>Its largest extent across the long axis in millimeters; null where the size of a pixel is not known.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonPropertyName("short_axis_mm")]
    public double? ShortAxisMm { get; init; }

    /// <summary>False where its confidence rounds to 0 %: a contour that is as good as never right is none.</summary>
    [JsonIgnore]
    public bool IsFinding => Confidence is null or >= 0.005;

    /// <summary>The same lesion with its area in millimeters, and with its axes where it has a contour.</summary>
    /// <param name="size">The size of its pixels.</param>
    /// <exception cref="ArgumentOutOfRangeException">A width or height is not from 0.0001 to 100 mm.</exception>
    public Lesion Measure(PixelSize size)
    {
        size.Check(nameof(size));
        LesionAxes? axes = Contour.Count > 0 ? LesionAxes.Of(Contour, size) : null;
        return this with { AreaMm2 = Rounded(Area * size.Width * size.Height), LongAxisMm = axes?.Long, ShortAxisMm = axes?.Short };
    }

    /// <summary>Lesions with their areas and axes in millimeters, where the size of their pixels is known.</summary>
    /// <param name="lesions">The lesions.</param>
    /// <param name="sizeOf">The size of a pixel in a part of the image; null where it is not known.</param>
    /// <exception cref="ArgumentOutOfRangeException">A width or height is not from 0.0001 to 100 mm.</exception>
    public static IReadOnlyList<Lesion> Measure(IEnumerable<Lesion> lesions, Func<BoundingBox, PixelSize?> sizeOf)
    {
        ArgumentNullException.ThrowIfNull(lesions);
        ArgumentNullException.ThrowIfNull(sizeOf);
        return [.. lesions.Select(lesion => sizeOf(lesion.Box) is { } size ? lesion.Measure(size) : lesion)];
    }

    /// <summary>The area of measured lesions in square millimeters.</summary>
    /// <param name="lesions">The lesions.</param>
    /// <param name="whole">The size of a pixel in all of what was looked at, for where there are none; null where it is not known.</param>
    /// <returns>Their sum, and 0 for none; null where the size of a pixel is not known.</returns>
    public static double? AreaMm2Of(IReadOnlyList<Lesion> lesions, PixelSize? whole)
    {
        ArgumentNullException.ThrowIfNull(lesions);
        return lesions.Count == 0
            ? whole is null ? null : 0
            : lesions.All(static lesion => lesion.AreaMm2 is not null) ? Rounded(lesions.Sum(static lesion => lesion.AreaMm2 ?? 0))
            : null;
    }

    // The decimals of the smallest pixel's area and two more: what lies beyond is of the binary numbers, 0.30000000000000004 for 0.3.
    private static double Rounded(double area) => Math.Round(area, 10);

    /// <summary>Finds the lesions of a mask: its 8-connected components.</summary>
    /// <param name="mask">The mask.</param>
    /// <param name="probability">
    /// height x width probabilities in [0, 1]: of each pixel that of the class which the mask gives it. Values on the background are
    /// not looked at.
    /// </param>
    /// <param name="calibration">What makes the confidence; null leaves it out.</param>
    /// <returns>The lesions, the largest first; of equals, the one whose first pixel comes first.</returns>
    /// <exception cref="ArgumentException">There is not one probability for each pixel.</exception>
    public static IReadOnlyList<Lesion> Find(Mask mask, ReadOnlySpan<float> probability, LesionCalibration? calibration = null) =>
        Find(mask, mask, probability, calibration);

    /// <summary>
    /// Finds the lesions that a filter has left of a mask; their shares, and so their confidences, stay those of the unfiltered mask.
    /// </summary>
    internal static IReadOnlyList<Lesion> Find(Mask mask, Mask unfiltered, ReadOnlySpan<float> probability, LesionCalibration? calibration)
    {
        ArgumentNullException.ThrowIfNull(mask);
        if (probability.Length != mask.Pixels.Length)
        {
            throw new ArgumentException(
                $"A mask of {mask.Width} x {mask.Height} needs {mask.Pixels.Length} probabilities, not {probability.Length}.",
                nameof(probability));
        }

        ConnectedComponents found = ConnectedComponents.Of(mask);
        double[] sums = new double[found.Components.Count + 1];
        for (int i = 0; i < probability.Length; i++)
        {
            if (found.Labels[i] == 0)
            {
                int run = found.Labels.AsSpan(i).IndexOfAnyExcept(0);
                if (run < 0)
                {
                    break;
                }

                i += run - 1;
                continue;
            }

            sums[found.Labels[i]] += probability[i];
        }

        return Find(found, sums, unfiltered, calibration);
    }

    /// <summary>Measures components.</summary>
    /// <param name="found">The components.</param>
    /// <param name="sums">The sum of the probabilities of each one's pixels; that of label L stands at L.</param>
    /// <param name="unfiltered">The mask before any filter.</param>
    /// <param name="calibration">What makes the confidence; null leaves it out.</param>
    internal static IReadOnlyList<Lesion> Find(
        ConnectedComponents found, double[] sums, Mask unfiltered, LesionCalibration? calibration)
    {
        // A mask that a person corrected may have more of a class than was found.
        Dictionary<byte, int> classAreas = found.Components.GroupBy(static c => c.Class).ToDictionary(
            static of => of.Key, of => Math.Max(unfiltered.Area(of.Key), of.Sum(static c => c.Area)));
        return
        [
            .. found.Components
                .OrderByDescending(static c => c.Area)
                .Select(c => (Component: c, Mean: sums[c.Label] / c.Area, Share: (double)c.Area / classAreas[c.Class]))
                .Select(c => new Lesion(
                    c.Component.Class,
                    c.Component.Area,
                    c.Component.Box,
                    Masks.Contour.Trace(found, c.Component),
                    c.Mean,
                    calibration?.Confidence(c.Mean, c.Share)) { Share = c.Share }),
        ];
    }
}
