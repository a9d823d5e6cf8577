using CMUNeXt.Dicom.Format;

namespace CMUNeXt.Dicom.Objects;

/// <summary>A coded concept (PS3.3, 8.8).</summary>
/// <param name="Value">The code.</param>
/// <param name="Scheme">Whose code it is: DCM (the standard's own) or SCT (SNOMED CT).</param>
/// <param name="Meaning">What it means, for people.</param>
internal sealed record Code(string Value, string Scheme, string Meaning)
{
    public static readonly Code ArtificialIntelligence = new("123109", "DCM", "Artificial Intelligence");
    public static readonly Code Segmentation = new("113076", "DCM", "Segmentation");
    public static readonly Code SourceImage = new("121322", "DCM", "Source image for image processing operation");
    public static readonly Code ProcessingEquipment = new("109102", "DCM", "Processing Equipment");
    public static readonly Code AbnormalStructure = new("49755003", "SCT", "Morphologically Abnormal Structure");
    public static readonly Code Lesion = new("52988006", "SCT", "Lesion");

    /// <summary>The only item of a code sequence.</summary>
    public IReadOnlyList<DataSet> ToSequence() =>
    [
        new DataSet
        {
            { DicomAttribute.CodeValue, Value },
            { DicomAttribute.CodingSchemeDesignator, Scheme },
            { DicomAttribute.CodeMeaning, Meaning },
        },
    ];
}
