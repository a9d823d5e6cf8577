using System.Globalization;
using CMUNeXt.Dicom.Format;
using CMUNeXt.Dicom.Pixels;

namespace CMUNeXt.Dicom.Objects;

/// <summary>What a result takes over from the image that it was made of: patient, study, and references.</summary>
internal sealed class SourceImage
{
    private const int MostFrames = 1000;

    private const int Sha256Digits = 64;

    private static readonly DicomAttribute[] PatientAndStudy =
    [
        DicomAttribute.SpecificCharacterSet, DicomAttribute.TimezoneOffsetFromUTC,
        DicomAttribute.PatientName, DicomAttribute.PatientID, DicomAttribute.IssuerOfPatientID, DicomAttribute.PatientBirthDate,
        DicomAttribute.PatientBirthTime, DicomAttribute.PatientSex, DicomAttribute.OtherPatientIDs, DicomAttribute.OtherPatientNames,
        DicomAttribute.EthnicGroup, DicomAttribute.PatientComments, DicomAttribute.PatientIdentityRemoved,
        DicomAttribute.DeidentificationMethod, DicomAttribute.StudyInstanceUID, DicomAttribute.StudyDate, DicomAttribute.StudyTime,
        DicomAttribute.StudyID, DicomAttribute.AccessionNumber,
        DicomAttribute.ReferringPhysicianName, DicomAttribute.StudyDescription, DicomAttribute.PatientAge, DicomAttribute.PatientSize,
        DicomAttribute.PatientWeight, DicomAttribute.Occupation, DicomAttribute.AdditionalPatientHistory,
    ];

    // Attributes that stand in every object, empty where the source has none.
    private static readonly DicomAttribute[] NeverMissing =
    [
        DicomAttribute.PatientName, DicomAttribute.PatientID, DicomAttribute.PatientBirthDate, DicomAttribute.PatientSex,
        DicomAttribute.StudyDate, DicomAttribute.StudyTime, DicomAttribute.StudyID, DicomAttribute.AccessionNumber,
        DicomAttribute.ReferringPhysicianName,
    ];

    private readonly DicomFile file;

    public SourceImage(DicomFile file)
    {
        this.file = file;
        Class = Required(DicomAttribute.SOPClassUID);
        Uid = Required(DicomAttribute.SOPInstanceUID);
        SeriesUid = Required(DicomAttribute.SeriesInstanceUID);
        Required(DicomAttribute.StudyInstanceUID);
    }

    public DataSet Data => file.Data;

    public string Class { get; }

    public string Uid { get; }

    public string SeriesUid { get; }

    /// <summary>The number of a frame as a file counts: from 1; 0 for the only one.</summary>
    /// <param name="image">The image or loop.</param>
    /// <param name="frame">The frame, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such frame.</exception>
    public static int NumberOf(DicomImage image, int frame)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(frame);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(frame, image.FrameCount);
        return image.FrameCount == 1 ? 0 : frame + 1;
    }

    /// <summary>
    /// What every result begins with: patient, study, a series of its own for each series and kind, what made it, and when. What a person
    /// has corrected, or seen, is another series than what nobody has.
    /// </summary>
    /// <param name="kind">What is made, such as SEG.</param>
    /// <param name="sopClass">The class of the object.</param>
    /// <param name="frame">The frame that it is of, from 1; 0 is all of them.</param>
    /// <param name="seriesNumber">The number of the series.</param>
    /// <param name="content">What the series has, for its description.</param>
    /// <param name="by">What made it.</param>
    /// <param name="found">
    /// What was found, or its hash: two objects of which it differs have two identifiers. Null where it comes only later.
    /// </param>
    /// <exception cref="ArgumentException">
    /// The SHA-256 of the weights is none, or that of a corrected mask is missing.
    /// </exception>
    public DataSet CreateResult(
        string kind, string sopClass, int frame, int seriesNumber, string content, ResultAlgorithm by, string? found)
    {
        Check(by);
        string frameText = frame.ToString(CultureInfo.InvariantCulture);
        string[] mask = by.MaskSha256.Length == 0 ? [] : [by.MaskSha256];
        string[] own = found is null ? [] : [found];

        // A person moves the threshold from image to image: what they have seen of a series is one series all the same.
        string parametersOfSeries = (mask.Length == 0 ? by : by with { Threshold = 0 }).Parameters;
        DataSet result = new()
        {
            { DicomAttribute.SOPClassUID, sopClass },
            {
                DicomAttribute.SOPInstanceUID,
                DerivedUid.Of([Uid, frameText, by.Parameters, .. mask, .. own, ResultAlgorithm.Version, kind])
            },
            { DicomAttribute.SeriesInstanceUID, DerivedUid.Of(SeriesUid, parametersOfSeries, ResultAlgorithm.Version, kind) },
            { DicomAttribute.SeriesNumber, seriesNumber },
            { DicomAttribute.SeriesDescription, $"{content} {by.Review}".TrimEnd() + ", not for diagnosis" },
            { DicomAttribute.InstanceNumber, InstanceNumber(frame) },
            { DicomAttribute.Manufacturer, ResultAlgorithm.Manufacturer },
            { DicomAttribute.ManufacturerModelName, by.Network },
            { DicomAttribute.DeviceSerialNumber, by.WeightsSha256[..16] },
            { DicomAttribute.SoftwareVersions, ResultAlgorithm.Version },
        };
        foreach (DicomAttribute attribute in NeverMissing)
        {
            result.Add(attribute, "");
        }

        result.Copy(Data, PatientAndStudy);
        CopyDeidentification(result);
        if (by.SeenAt is { } time)
        {
            AddDates(result, time);
        }
        else
        {
            CopyDates(result);
        }

        return result;
    }

    /// <summary>The reference to the image, and to one of its frames.</summary>
    /// <param name="frame">The frame, from 1; 0 is all of them.</param>
    public DataSet Reference(int frame)
    {
        DataSet reference = new()
        {
            { DicomAttribute.ReferencedSOPClassUID, Class },
            { DicomAttribute.ReferencedSOPInstanceUID, Uid },
        };
        if (frame > 0)
        {
            reference.Add(DicomAttribute.ReferencedFrameNumber, frame);
        }

        return reference;
    }

    /// <summary>The reference to the image, and what for.</summary>
    public DataSet SourceReference(int frame)
    {
        DataSet reference = Reference(frame);
        reference.Add(DicomAttribute.PurposeOfReferenceCodeSequence, Code.SourceImage.ToSequence());
        reference.Add(DicomAttribute.SpatialLocationsPreserved, "YES");
        return reference;
    }

    /// <summary>
    /// Says what the image lost to compression, since everything made of it did too (PS3.3, C.7.6.1.1.5): what the source says; and of
    /// baseline JPEGs that say nothing of it, what they are.
    /// </summary>
    public void AddCompression(DataSet result)
    {
        if (file.Syntax.Compression == FrameCompression.Jpeg)
        {
            result.Add(DicomAttribute.LossyImageCompressionRatio, RatioOf(file).ToString("0.##", CultureInfo.InvariantCulture));
            result.Add(DicomAttribute.LossyImageCompressionMethod, "ISO_10918_1");
        }

        result.Copy(
            Data, DicomAttribute.LossyImageCompression, DicomAttribute.LossyImageCompressionRatio,
            DicomAttribute.LossyImageCompressionMethod);
        if (file.Syntax.Compression == FrameCompression.Jpeg)
        {
            result.Add(DicomAttribute.LossyImageCompression, "01");
        }
    }

    // The overlays of a corrected mask have an identifier before they are drawn: nothing but its hash tells it from that of another.
    private static void Check(ResultAlgorithm by)
    {
        if (by.WeightsSha256.Length != Sha256Digits || !by.WeightsSha256.All(char.IsAsciiHexDigit))
        {
            throw new ArgumentException(
                $"The SHA-256 of the weights has {Sha256Digits} hexadecimal digits; this is \"{by.WeightsSha256}\".", nameof(by));
        }

        if (by.IsCorrected && by.MaskSha256.Length == 0)
        {
            throw new ArgumentException(
                $"A corrected mask does not follow from the weights: state its SHA-256 as {nameof(by.MaskSha256)}.", nameof(by));
        }
    }

    private static double RatioOf(DicomFile file)
    {
        PixelDescription pixels = file.OpenImage().Pixels;
        long compressed = file.Data.Find(DicomAttribute.PixelData)!.Fragments!.Skip(1).Sum(static fragment => fragment.Length);
        return (double)pixels.FrameLength * pixels.Frames / Math.Max(1, compressed);
    }

    // The method may be said in codes alone (PS3.3, C.7.1.1).
    private void CopyDeidentification(DataSet result)
    {
        List<DataSet> methods = [];
        foreach (DataSet item in Data.Items(DicomAttribute.DeidentificationMethodCodeSequence)
            .Where(static item => item.FirstText(DicomAttribute.CodeValue) is { Length: > 0 }))
        {
            DataSet method = new();
            method.Copy(
                item, DicomAttribute.CodeValue, DicomAttribute.CodingSchemeDesignator, DicomAttribute.CodingSchemeVersion,
                DicomAttribute.CodeMeaning);
            methods.Add(method);
        }

        if (methods.Count > 0)
        {
            result.Add(DicomAttribute.DeidentificationMethodCodeSequence, methods);
        }
    }

    // All times of an object are in the time zone that it takes over from its source, where that states one.
    private void AddDates(DataSet result, DateTimeOffset created)
    {
        string zone = $"20000101 {Data.Text(DicomAttribute.TimezoneOffsetFromUTC)}";
        DateTimeOffset local = DateTimeOffset.TryParseExact(
            zone, "yyyyMMdd zzz", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTimeOffset there)
            ? created.ToOffset(there.Offset)
            : created;
        string date = local.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
        string time = local.ToString("HHmmss.ffffff", CultureInfo.InvariantCulture);
        result.Add(DicomAttribute.InstanceCreationDate, date);
        result.Add(DicomAttribute.InstanceCreationTime, time);
        result.Add(DicomAttribute.ContentDate, date);
        result.Add(DicomAttribute.ContentTime, time);
    }

    // The same source makes the same object to the last byte, whenever it is made: so its dates are those of the source.
    private void CopyDates(DataSet result)
    {
        (DicomAttribute Date, DicomAttribute Time)[] sources =
        [
            (DicomAttribute.ContentDate, DicomAttribute.ContentTime), (DicomAttribute.AcquisitionDate, DicomAttribute.AcquisitionTime),
            (DicomAttribute.SeriesDate, DicomAttribute.SeriesTime), (DicomAttribute.StudyDate, DicomAttribute.StudyTime),
        ];
        (DicomAttribute date, DicomAttribute time) = Array.Find(sources, source =>
            IsDate(Data.Text(source.Date)) && IsTime(Data.Text(source.Time)));
        result.Add(DicomAttribute.ContentDate, date is null ? "19000101" : Data.Text(date));
        result.Add(DicomAttribute.ContentTime, time is null ? "000000" : Data.Text(time));
    }

    private static bool IsDate(string? text) =>
        DateOnly.TryParseExact(text, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    private static bool IsTime(string? text) =>
        text is { Length: >= 2 and <= 13 } && text.All(static c => char.IsAsciiDigit(c) || c == '.');

    private int InstanceNumber(int frame)
    {
        long number = Math.Max(0, ReadInstanceNumber() ?? 1);
        return frame == 0 ? (int)Math.Min(number, int.MaxValue) : (int)Math.Min((number * MostFrames) + frame, int.MaxValue);
    }

    // It is for sorting alone: one that cannot be read is one that the file does not say.
    private long? ReadInstanceNumber()
    {
        try
        {
            return Data.Integer(DicomAttribute.InstanceNumber);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private string Required(DicomAttribute attribute) =>
        Data.Text(attribute) ?? throw DataSet.Bad(attribute, "is missing, so that no result can refer to it");
}
