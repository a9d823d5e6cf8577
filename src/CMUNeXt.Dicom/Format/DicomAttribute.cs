using System.Runtime.CompilerServices;
using static CMUNeXt.Dicom.Format.ValueRepresentation;

namespace CMUNeXt.Dicom.Format;

/// <summary>An attribute of the standard's dictionary (PS3.6): only those that are read, copied or written here.</summary>
/// <param name="Tag">Its group and element.</param>
/// <param name="Representation">How its value is written.</param>
/// <param name="Keyword">Its name.</param>
internal sealed record DicomAttribute(Tag Tag, ValueRepresentation Representation, string Keyword)
{
    private static readonly Dictionary<Tag, DicomAttribute> ByTag = [];

    // The file's own
    public static readonly DicomAttribute FileMetaInformationVersion = New(0x0002_0001, OB);
    public static readonly DicomAttribute MediaStorageSOPClassUID = New(0x0002_0002, UI);
    public static readonly DicomAttribute MediaStorageSOPInstanceUID = New(0x0002_0003, UI);
    public static readonly DicomAttribute TransferSyntaxUID = New(0x0002_0010, UI);
    public static readonly DicomAttribute ImplementationClassUID = New(0x0002_0012, UI);
    public static readonly DicomAttribute ImplementationVersionName = New(0x0002_0013, SH);

    // Instance, study, series, equipment
    public static readonly DicomAttribute SpecificCharacterSet = New(0x0008_0005, CS);
    public static readonly DicomAttribute ImageType = New(0x0008_0008, CS);
    public static readonly DicomAttribute InstanceCreationDate = New(0x0008_0012, DA);
    public static readonly DicomAttribute InstanceCreationTime = New(0x0008_0013, TM);
    public static readonly DicomAttribute SOPClassUID = New(0x0008_0016, UI);
    public static readonly DicomAttribute SOPInstanceUID = New(0x0008_0018, UI);
    public static readonly DicomAttribute StudyDate = New(0x0008_0020, DA);
    public static readonly DicomAttribute SeriesDate = New(0x0008_0021, DA);
    public static readonly DicomAttribute AcquisitionDate = New(0x0008_0022, DA);
    public static readonly DicomAttribute ContentDate = New(0x0008_0023, DA);
    public static readonly DicomAttribute StudyTime = New(0x0008_0030, TM);
    public static readonly DicomAttribute SeriesTime = New(0x0008_0031, TM);
    public static readonly DicomAttribute AcquisitionTime = New(0x0008_0032, TM);
    public static readonly DicomAttribute ContentTime = New(0x0008_0033, TM);
    public static readonly DicomAttribute AccessionNumber = New(0x0008_0050, SH);
    public static readonly DicomAttribute Modality = New(0x0008_0060, CS);
    public static readonly DicomAttribute ConversionType = New(0x0008_0064, CS);
    public static readonly DicomAttribute Manufacturer = New(0x0008_0070, LO);
    public static readonly DicomAttribute ReferringPhysicianName = New(0x0008_0090, PN);
    public static readonly DicomAttribute CodeValue = New(0x0008_0100, SH);
    public static readonly DicomAttribute CodingSchemeDesignator = New(0x0008_0102, SH);
    public static readonly DicomAttribute CodingSchemeVersion = New(0x0008_0103, SH);
    public static readonly DicomAttribute CodeMeaning = New(0x0008_0104, LO);
    public static readonly DicomAttribute MappingResource = New(0x0008_0105, CS);
    public static readonly DicomAttribute TimezoneOffsetFromUTC = New(0x0008_0201, SH);
    public static readonly DicomAttribute StudyDescription = New(0x0008_1030, LO);
    public static readonly DicomAttribute SeriesDescription = New(0x0008_103E, LO);
    public static readonly DicomAttribute ManufacturerModelName = New(0x0008_1090, LO);
    public static readonly DicomAttribute ReferencedPerformedProcedureStepSequence = New(0x0008_1111, SQ);
    public static readonly DicomAttribute ReferencedSeriesSequence = New(0x0008_1115, SQ);
    public static readonly DicomAttribute ReferencedInstanceSequence = New(0x0008_114A, SQ);
    public static readonly DicomAttribute ReferencedSOPClassUID = New(0x0008_1150, UI);
    public static readonly DicomAttribute ReferencedSOPInstanceUID = New(0x0008_1155, UI);
    public static readonly DicomAttribute ReferencedFrameNumber = New(0x0008_1160, IS);
    public static readonly DicomAttribute ReferencedSOPSequence = New(0x0008_1199, SQ);
    public static readonly DicomAttribute DerivationDescription = New(0x0008_2111, ST);
    public static readonly DicomAttribute SourceImageSequence = New(0x0008_2112, SQ);
    public static readonly DicomAttribute DerivationCodeSequence = New(0x0008_9215, SQ);
    public static readonly DicomAttribute DerivationImageSequence = New(0x0008_9124, SQ);

    // Patient
    public static readonly DicomAttribute PatientName = New(0x0010_0010, PN);
    public static readonly DicomAttribute PatientID = New(0x0010_0020, LO);
    public static readonly DicomAttribute IssuerOfPatientID = New(0x0010_0021, LO);
    public static readonly DicomAttribute PatientBirthDate = New(0x0010_0030, DA);
    public static readonly DicomAttribute PatientBirthTime = New(0x0010_0032, TM);
    public static readonly DicomAttribute PatientSex = New(0x0010_0040, CS);
    public static readonly DicomAttribute OtherPatientIDs = New(0x0010_1000, LO);
    public static readonly DicomAttribute OtherPatientNames = New(0x0010_1001, PN);
    public static readonly DicomAttribute PatientAge = New(0x0010_1010, AS);
    public static readonly DicomAttribute PatientSize = New(0x0010_1020, DS);
    public static readonly DicomAttribute PatientWeight = New(0x0010_1030, DS);
    public static readonly DicomAttribute EthnicGroup = New(0x0010_2160, SH);
    public static readonly DicomAttribute Occupation = New(0x0010_2180, SH);
    public static readonly DicomAttribute AdditionalPatientHistory = New(0x0010_21B0, LT);
    public static readonly DicomAttribute PatientComments = New(0x0010_4000, LT);
    public static readonly DicomAttribute PatientIdentityRemoved = New(0x0012_0062, CS);
    public static readonly DicomAttribute DeidentificationMethod = New(0x0012_0063, LO);
    public static readonly DicomAttribute DeidentificationMethodCodeSequence = New(0x0012_0064, SQ);

    // Acquisition
    public static readonly DicomAttribute DeviceSerialNumber = New(0x0018_1000, LO);
    public static readonly DicomAttribute SoftwareVersions = New(0x0018_1020, LO);
    public static readonly DicomAttribute FrameTime = New(0x0018_1063, DS);
    public static readonly DicomAttribute FrameTimeVector = New(0x0018_1065, DS);
    public static readonly DicomAttribute CineRate = New(0x0018_0040, IS);
    public static readonly DicomAttribute RecommendedDisplayFrameRate = New(0x0008_2144, IS);
    public static readonly DicomAttribute SequenceOfUltrasoundRegions = New(0x0018_6011, SQ);
    public static readonly DicomAttribute RegionSpatialFormat = New(0x0018_6012, US);
    public static readonly DicomAttribute RegionDataType = New(0x0018_6014, US);
    public static readonly DicomAttribute RegionLocationMinX0 = New(0x0018_6018, UL);
    public static readonly DicomAttribute RegionLocationMinY0 = New(0x0018_601A, UL);
    public static readonly DicomAttribute RegionLocationMaxX1 = New(0x0018_601C, UL);
    public static readonly DicomAttribute RegionLocationMaxY1 = New(0x0018_601E, UL);
    public static readonly DicomAttribute PhysicalUnitsXDirection = New(0x0018_6024, US);
    public static readonly DicomAttribute PhysicalUnitsYDirection = New(0x0018_6026, US);
    public static readonly DicomAttribute PhysicalDeltaX = New(0x0018_602C, FD);
    public static readonly DicomAttribute PhysicalDeltaY = New(0x0018_602E, FD);

    // Relationship
    public static readonly DicomAttribute StudyInstanceUID = New(0x0020_000D, UI);
    public static readonly DicomAttribute SeriesInstanceUID = New(0x0020_000E, UI);
    public static readonly DicomAttribute StudyID = New(0x0020_0010, SH);
    public static readonly DicomAttribute SeriesNumber = New(0x0020_0011, IS);
    public static readonly DicomAttribute InstanceNumber = New(0x0020_0013, IS);
    public static readonly DicomAttribute PatientOrientation = New(0x0020_0020, CS);
    public static readonly DicomAttribute Laterality = New(0x0020_0060, CS);
    public static readonly DicomAttribute FrameContentSequence = New(0x0020_9111, SQ);
    public static readonly DicomAttribute DimensionIndexValues = New(0x0020_9157, UL);
    public static readonly DicomAttribute DimensionOrganizationUID = New(0x0020_9164, UI);
    public static readonly DicomAttribute DimensionIndexPointer = New(0x0020_9165, AT);
    public static readonly DicomAttribute FunctionalGroupPointer = New(0x0020_9167, AT);
    public static readonly DicomAttribute DimensionOrganizationSequence = New(0x0020_9221, SQ);
    public static readonly DicomAttribute DimensionIndexSequence = New(0x0020_9222, SQ);

    // Pixels
    public static readonly DicomAttribute SamplesPerPixel = New(0x0028_0002, US);
    public static readonly DicomAttribute PhotometricInterpretation = New(0x0028_0004, CS);
    public static readonly DicomAttribute PlanarConfiguration = New(0x0028_0006, US);
    public static readonly DicomAttribute NumberOfFrames = New(0x0028_0008, IS);
    public static readonly DicomAttribute FrameIncrementPointer = New(0x0028_0009, AT);
    public static readonly DicomAttribute Rows = New(0x0028_0010, US);
    public static readonly DicomAttribute Columns = New(0x0028_0011, US);
    public static readonly DicomAttribute PixelSpacing = New(0x0028_0030, DS);
    public static readonly DicomAttribute PixelAspectRatio = New(0x0028_0034, IS);
    public static readonly DicomAttribute BitsAllocated = New(0x0028_0100, US);
    public static readonly DicomAttribute BitsStored = New(0x0028_0101, US);
    public static readonly DicomAttribute HighBit = New(0x0028_0102, US);
    public static readonly DicomAttribute PixelRepresentation = New(0x0028_0103, US);
    public static readonly DicomAttribute BurnedInAnnotation = New(0x0028_0301, CS);
    public static readonly DicomAttribute WindowCenter = New(0x0028_1050, DS);
    public static readonly DicomAttribute WindowWidth = New(0x0028_1051, DS);
    public static readonly DicomAttribute RescaleIntercept = New(0x0028_1052, DS);
    public static readonly DicomAttribute RescaleSlope = New(0x0028_1053, DS);
    public static readonly DicomAttribute RedPaletteColorLookupTableDescriptor = New(0x0028_1101, US);
    public static readonly DicomAttribute GreenPaletteColorLookupTableDescriptor = New(0x0028_1102, US);
    public static readonly DicomAttribute BluePaletteColorLookupTableDescriptor = New(0x0028_1103, US);
    public static readonly DicomAttribute RedPaletteColorLookupTableData = New(0x0028_1201, OW);
    public static readonly DicomAttribute GreenPaletteColorLookupTableData = New(0x0028_1202, OW);
    public static readonly DicomAttribute BluePaletteColorLookupTableData = New(0x0028_1203, OW);
    public static readonly DicomAttribute SegmentedRedPaletteColorLookupTableData = New(0x0028_1221, OW);
    public static readonly DicomAttribute SegmentedGreenPaletteColorLookupTableData = New(0x0028_1222, OW);
    public static readonly DicomAttribute SegmentedBluePaletteColorLookupTableData = New(0x0028_1223, OW);
    public static readonly DicomAttribute LossyImageCompression = New(0x0028_2110, CS);
    public static readonly DicomAttribute LossyImageCompressionRatio = New(0x0028_2112, DS);
    public static readonly DicomAttribute LossyImageCompressionMethod = New(0x0028_2114, CS);
    public static readonly DicomAttribute PixelData = New(0x7FE0_0010, OW);

    // Segments
    public static readonly DicomAttribute PurposeOfReferenceCodeSequence = New(0x0040_A170, SQ);
    public static readonly DicomAttribute SpatialLocationsPreserved = New(0x0028_135A, CS);
    public static readonly DicomAttribute SegmentationType = New(0x0062_0001, CS);
    public static readonly DicomAttribute SegmentSequence = New(0x0062_0002, SQ);
    public static readonly DicomAttribute SegmentedPropertyCategoryCodeSequence = New(0x0062_0003, SQ);
    public static readonly DicomAttribute SegmentNumber = New(0x0062_0004, US);
    public static readonly DicomAttribute SegmentLabel = New(0x0062_0005, LO);
    public static readonly DicomAttribute SegmentationAlgorithmIdentificationSequence = New(0x0062_0007, SQ);
    public static readonly DicomAttribute SegmentAlgorithmType = New(0x0062_0008, CS);
    public static readonly DicomAttribute SegmentAlgorithmName = New(0x0062_0009, LO);
    public static readonly DicomAttribute SegmentIdentificationSequence = New(0x0062_000A, SQ);
    public static readonly DicomAttribute ReferencedSegmentNumber = New(0x0062_000B, US);
    public static readonly DicomAttribute SegmentedPropertyTypeCodeSequence = New(0x0062_000F, SQ);
    public static readonly DicomAttribute AlgorithmFamilyCodeSequence = New(0x0066_002F, SQ);
    public static readonly DicomAttribute AlgorithmName = New(0x0066_0036, LO);
    public static readonly DicomAttribute AlgorithmVersion = New(0x0066_0031, LO);
    public static readonly DicomAttribute AlgorithmParameters = New(0x0066_0032, LT);
    public static readonly DicomAttribute AlgorithmSource = New(0x0024_0202, LO);
    public static readonly DicomAttribute ContentLabel = New(0x0070_0080, CS);
    public static readonly DicomAttribute ContentDescription = New(0x0070_0081, LO);
    public static readonly DicomAttribute ContentCreatorName = New(0x0070_0084, PN);
    public static readonly DicomAttribute SharedFunctionalGroupsSequence = New(0x5200_9229, SQ);
    public static readonly DicomAttribute PerFrameFunctionalGroupsSequence = New(0x5200_9230, SQ);

    // Structured reports
    public static readonly DicomAttribute MeasurementUnitsCodeSequence = New(0x0040_08EA, SQ);
    public static readonly DicomAttribute RelationshipType = New(0x0040_A010, CS);
    public static readonly DicomAttribute ValueType = New(0x0040_A040, CS);
    public static readonly DicomAttribute ConceptNameCodeSequence = New(0x0040_A043, SQ);
    public static readonly DicomAttribute ContinuityOfContent = New(0x0040_A050, CS);
    public static readonly DicomAttribute UID = New(0x0040_A124, UI);
    public static readonly DicomAttribute TextValue = New(0x0040_A160, UT);
    public static readonly DicomAttribute ConceptCodeSequence = New(0x0040_A168, SQ);
    public static readonly DicomAttribute MeasuredValueSequence = New(0x0040_A300, SQ);
    public static readonly DicomAttribute NumericValue = New(0x0040_A30A, DS);
    public static readonly DicomAttribute PerformedProcedureCodeSequence = New(0x0040_A372, SQ);
    public static readonly DicomAttribute CurrentRequestedProcedureEvidenceSequence = New(0x0040_A375, SQ);
    public static readonly DicomAttribute CompletionFlag = New(0x0040_A491, CS);
    public static readonly DicomAttribute VerificationFlag = New(0x0040_A493, CS);
    public static readonly DicomAttribute ContentTemplateSequence = New(0x0040_A504, SQ);
    public static readonly DicomAttribute ContentSequence = New(0x0040_A730, SQ);
    public static readonly DicomAttribute TemplateIdentifier = New(0x0040_DB00, CS);
    public static readonly DicomAttribute GraphicData = New(0x0070_0022, FL);
    public static readonly DicomAttribute GraphicType = New(0x0070_0023, CS);

    /// <summary>How a value is written where the file does not say it: bytes of an unknown kind, if the tag is none of these.</summary>
    public static ValueRepresentation RepresentationOf(Tag tag) =>
        ByTag.TryGetValue(tag, out DicomAttribute? attribute) ? attribute.Representation : UN;

    public override string ToString() => $"{Keyword} {Tag}";

    private static DicomAttribute New(uint tag, ValueRepresentation representation, [CallerMemberName] string keyword = "")
    {
        DicomAttribute attribute = new(new Tag(tag), representation, keyword);
        ByTag.Add(attribute.Tag, attribute);
        return attribute;
    }
}
