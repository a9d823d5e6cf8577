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

    /// <summary>Whether an instance passes; results of our own never do.</summary>
    internal bool Takes(IReadOnlyDictionary<string, string> tags)
    {
        bool Has(string part, params string[] keywords) => part.Length == 0
            || keywords.Any(keyword => tags.GetValueOrDefault(keyword, "").Contains(part, StringComparison.OrdinalIgnoreCase));

        return tags.GetValueOrDefault("Manufacturer") != ResultAlgorithm.Manufacturer
            && tags.GetValueOrDefault("Modality") == Modality
            && Has(Device, "Manufacturer", "ManufacturerModelName", "StationName")
            && Has(Description, "StudyDescription", "SeriesDescription");
    }
}
