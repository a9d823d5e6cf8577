using CMUNeXt.Files;

namespace CMUNeXt.Dicom.Orthanc;

/// <summary>Which of the archive's instances are segmented.</summary>
public sealed record ArchiveFilter
{
    /// <summary>The modality, such as US.</summary>
    public string Modality { get; init; } = "US";

    /// <summary>A part of the device's manufacturer, model or station name; empty takes every device.</summary>
    public string Device { get; init; } = "";

    /// <summary>A part of the study's or series' description; empty takes every one.</summary>
    public string Description { get; init; } = "";

    /// <summary>Whether an instance is a result of our own, which is never segmented.</summary>
    internal static bool IsOwn(IReadOnlyDictionary<string, string> tags) =>
        tags.GetValueOrDefault("Manufacturer") == ResultAlgorithm.Manufacturer;

    /// <summary>Why an instance is left alone; null where it passes.</summary>
    internal string? Objection(IReadOnlyDictionary<string, string> tags)
    {
        string modality = tags.GetValueOrDefault("Modality", "");
        return modality != Modality ? $"its modality is '{PrintableName.Of(modality)}', not '{Modality}'"
            : !Has(Device, "Manufacturer", "ManufacturerModelName", "StationName") ? $"its device is not '{Device}'"
            : !Has(Description, "StudyDescription", "SeriesDescription") ? $"its description has no '{Description}'"
            : null;

        bool Has(string part, params string[] keywords) => part.Length == 0
            || keywords.Any(keyword => tags.GetValueOrDefault(keyword, "").Contains(part, StringComparison.OrdinalIgnoreCase));
    }
}
