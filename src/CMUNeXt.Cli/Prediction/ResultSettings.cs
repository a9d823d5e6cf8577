using System.Globalization;
using CMUNeXt.Images;
using CMUNeXt.Masks;

namespace CMUNeXt.Cli.Prediction;

/// <summary>
/// All of the command line that changes what is found in an image, beside the network, its weights and the threshold. In words it stands in
/// every result, and says whether one that is there is the same as one that would be made now.
/// </summary>
internal sealed record ResultSettings
{
    /// <summary>How an image becomes the network's input.</summary>
    public required Preprocessing Input { get; init; }

    /// <summary>Lesions of fewer pixels are left out.</summary>
    public int MinimumArea { get; init; }

    /// <summary>Only the largest lesion of each class is kept.</summary>
    public bool LargestOnly { get; init; }

    /// <summary>Lesions are outlined in images too that are taken for healthy.</summary>
    public bool All { get; init; }

    /// <summary>Only the part that shows tissue is looked at, where a DICOM file says which that is.</summary>
    public bool CropToRegion { get; init; }

    /// <summary>The mean over the image's flips is taken.</summary>
    public bool Flips { get; init; }

    /// <summary>The size of a pixel where the user says it; it goes before what a file says.</summary>
    public PixelSize? PixelSize { get; init; }

    /// <summary>All of it in words; what changes nothing is left out.</summary>
    public override string ToString()
    {
        string[] parts =
        [
            $"input {Input.Width} x {Input.Height} {Input.Order}, mean {Numbers(Input.Mean)}, std {Numbers(Input.StandardDeviation)}, "
                + $"scale {Numbers(Input.Divisor)}",
            Input.Letterbox ? "letterbox" : "",
            MinimumArea > 0 ? $"minimum area {Numbers(MinimumArea)}" : "",
            LargestOnly ? "largest only" : "",
            All ? "healthy images too" : "",
            CropToRegion ? "cropped to region" : "",
            Flips ? "mean of flips" : "",
            PixelSize is { } size ? $"pixels of {Numbers(size.Width, size.Height)} mm" : "",
        ];
        return string.Join(", ", parts.Where(static part => part.Length > 0));
    }

    private static string Numbers(params IEnumerable<double> values) =>
        string.Join(' ', values.Select(static value => value.ToString(CultureInfo.InvariantCulture)));
}
