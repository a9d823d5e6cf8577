using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using CMUNeXt.Masks;
using CMUNeXt.Tests;

namespace CMUNeXt.Server.Tests;

/// <summary>An image of a session that is saved, as the library sees it: what its row of the table and its contours have to say.</summary>
/// <param name="Name">Its name, without the ending.</param>
/// <param name="Mask">Its mask.</param>
/// <param name="Lesions">The lesions of the mask.</param>
/// <param name="Presence">The score of its presence.</param>
/// <param name="Size">The size of its pixels; null where it is not known.</param>
internal sealed record SavedImage(string Name, Mask Mask, IReadOnlyList<Lesion> Lesions, double Presence, PixelSize? Size)
{
    private static readonly string Sha256 = Convert.ToHexStringLower(SHA256.HashData(
        File.ReadAllBytes(Repository.Path("src", "CMUNeXt.Pretrained", "breast-ultrasound.safetensors"))));

    private static readonly double PresenceThreshold = Pretrained.BreastUltrasound.Metadata!.Presence!.Score;

    public bool IsCorrected { get; init; }

    public bool IsReviewed { get; init; }

    /// <summary>Its row of the table, by the names of the columns.</summary>
    public Dictionary<string, string> Row
    {
        get
        {
            // In millimeters, or in pixels as of 1 mm.
            Lesion largest = Lesions[0].Measure(Size ?? new PixelSize(1, 1));
            int area = Lesions.Sum(static lesion => lesion.Area);
            return new Dictionary<string, string>
            {
                ["file"] = $"{Name}.png",
                ["archive_image"] = "",
                ["frame"] = "1",
                ["width"] = $"{Mask.Width}",
                ["height"] = $"{Mask.Height}",
                ["lesions"] = $"{Lesions.Count}",
                ["area_px"] = $"{area}",
                ["area_mm2"] = Rounded(area * Size?.Width * Size?.Height, 2),
                ["long_axis"] = Rounded(largest.LongAxisMm, 2),
                ["short_axis"] = Rounded(largest.ShortAxisMm, 2),
                ["axis_unit"] = Size is null ? "px" : "mm",
                ["scale_from"] = Size is null ? "" : "file",
                ["calipers"] = "",
                ["confidence"] = Rounded(largest.Confidence, 4),
                ["presence"] = Rounded(Presence, 4),
                ["presence_threshold"] = Rounded(PresenceThreshold, 4),
                ["on_request"] = "false",
                ["threshold"] = "0.5000",
                ["iou"] = "",
                ["dice"] = "",
                ["hd95"] = "",
                ["hd95_unit"] = "",
                ["corrected"] = IsCorrected ? "true" : "false",
                ["reviewed"] = IsReviewed ? "true" : "false",
                ["weights"] = "breast-ultrasound",
                ["weights_sha256"] = Sha256,
                ["settings"] = "",
                ["warnings"] = "",
                ["error"] = "",
            };
        }
    }

    /// <summary>What stands beside its contours.</summary>
    public JsonObject Facts => new()
    {
        ["file"] = $"{Name}.png",
        ["archive_image"] = null,
        ["frame"] = 1,
        ["weights"] = "breast-ultrasound",
        ["weights_sha256"] = Sha256,
        ["width"] = Mask.Width,
        ["height"] = Mask.Height,
        ["corrected"] = IsCorrected,
        ["reviewed"] = IsReviewed,
        ["threshold"] = 0.5,
        ["presence"] = Presence,
        ["presence_threshold"] = PresenceThreshold,
        ["on_request"] = false,
        ["mm_per_pixel"] = Size is { } size ? new JsonArray(size.Width, size.Height) : null,
        ["calipers"] = new JsonArray(),
    };

    private static string Rounded(double? value, int digits) => value?.ToString($"F{digits}", CultureInfo.InvariantCulture) ?? "";
}
