using CMUNeXt.Dicom.Format;

namespace CMUNeXt.Dicom.Objects;

/// <summary>A coded concept (PS3.3, 8.8).</summary>
/// <param name="Value">The code.</param>
/// <param name="Scheme">Whose code it is: DCM (the standard's own), SCT (SNOMED CT), UCUM (units) or RFC5646 (languages).</param>
/// <param name="Meaning">What it means, for people.</param>
internal sealed record Code(string Value, string Scheme, string Meaning)
{
    public static readonly Code ArtificialIntelligence = new("123109", "DCM", "Artificial Intelligence");
    public static readonly Code Segmentation = new("113076", "DCM", "Segmentation");
    public static readonly Code SourceImage = new("121322", "DCM", "Source image for image processing operation");
    public static readonly Code AbnormalStructure = new("49755003", "SCT", "Morphologically Abnormal Structure");
    public static readonly Code Lesion = new("52988006", "SCT", "Lesion");

    // What a report of measurements names
    public static readonly Code ImagingMeasurementReport = new("126000", "DCM", "Imaging Measurement Report");
    public static readonly Code ImagingMeasurements = new("126010", "DCM", "Imaging Measurements");
    public static readonly Code QualitativeEvaluations = new("C0034375", "UMLS", "Qualitative Evaluations");
    public static readonly Code Language = new("121049", "DCM", "Language of Content Item and Descendants");
    public static readonly Code AmericanEnglish = new("en-US", "RFC5646", "English (United States)");
    public static readonly Code ProcedureReported = new("121058", "DCM", "Procedure reported");
    public static readonly Code ImagingProcedure = new("363679005", "SCT", "Imaging procedure");
    public static readonly Code ObserverType = new("121005", "DCM", "Observer Type");
    public static readonly Code Device = new("121007", "DCM", "Device");
    public static readonly Code DeviceObserverUid = new("121012", "DCM", "Device Observer UID");
    public static readonly Code DeviceObserverName = new("121013", "DCM", "Device Observer Name");
    public static readonly Code DeviceObserverManufacturer = new("121014", "DCM", "Device Observer Manufacturer");
    public static readonly Code DeviceObserverModelName = new("121015", "DCM", "Device Observer Model Name");
    public static readonly Code AlgorithmName = new("111001", "DCM", "Algorithm Name");
    public static readonly Code AlgorithmParameters = new("111002", "DCM", "Algorithm Parameters");
    public static readonly Code AlgorithmVersion = new("111003", "DCM", "Algorithm Version");
    public static readonly Code MeasurementGroup = new("125007", "DCM", "Measurement Group");
    public static readonly Code TrackingIdentifier = new("112039", "DCM", "Tracking Identifier");
    public static readonly Code TrackingUniqueIdentifier = new("112040", "DCM", "Tracking Unique Identifier");
    public static readonly Code Finding = new("121071", "DCM", "Finding");
    public static readonly Code ImageRegion = new("111030", "DCM", "Image Region");
    public static readonly Code Area = new("42798000", "SCT", "Area");
    public static readonly Code LongAxis = new("103339001", "SCT", "Long Axis");
    public static readonly Code ShortAxis = new("103340004", "SCT", "Short Axis");
    public static readonly Code CertaintyOfFinding = new("111012", "DCM", "Certainty of Finding");
    public static readonly Code Comment = new("121106", "DCM", "Comment");
    public static readonly Code Millimeter = new("mm", "UCUM", "millimeter");
    public static readonly Code SquareMillimeter = new("mm2", "UCUM", "square millimeter");
    public static readonly Code Pixels = new("{pixels}", "UCUM", "pixels");
    public static readonly Code Percent = new("%", "UCUM", "Percent");

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
