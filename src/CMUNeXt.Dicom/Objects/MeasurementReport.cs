using System.Globalization;
using System.Text;
using CMUNeXt.Dicom.Format;
using CMUNeXt.Files;
using CMUNeXt.Masks;

namespace CMUNeXt.Dicom.Objects;

/// <summary>
/// Structured reports of measurements (PS3.3, A.35.3; PS3.16, TID 1500 and 1410): the lesions of one frame, each with its contour, its
/// area, and its diameters where the size of a pixel is known; and what has to be known of them.
/// </summary>
public static class MeasurementReport
{
    private const string SopClass = "1.2.840.10008.5.1.4.1.1.88.33";
    private const int SeriesNumber = 9003;
    private const string Template = "1500";
    private const string GroupTemplate = "1410";

    // Coordinates of 4 bytes, two for each point, in a value of less than 64 KiB.
    private const int MostPoints = 8000;

    // The standard has no code for the certainty of a contour, and its own reads as that of the diagnosis.
    private const string MeaningOfCertainty = "Certainty of Finding is the probability that the contour is right: that its IoU with a "
        + "lesion of the reference is at least 0.5. It says nothing of what the lesion is.";

    /// <summary>
    /// Writes the lesions of an image, or of a frame of a loop, as a DICOM file. The same source, algorithm, lesions and warnings make the
    /// same bytes; others make an object with another identifier.
    /// </summary>
    /// <param name="stream">Where to.</param>
    /// <param name="source">The image; patient and study are copied.</param>
    /// <param name="frame">The frame, from 0; of an image with one frame 0.</param>
    /// <param name="lesions">The lesions, measured where the size of a pixel is known.</param>
    /// <param name="warnings">Where the image looks unlike what the weights were trained on, one sentence each.</param>
    /// <param name="by">What found them.</param>
    /// <exception cref="BadFileException">The source does not identify itself, so that nothing can refer to it.</exception>
    /// <exception cref="ArgumentException">
    /// The SHA-256 of the weights is none, or that of a corrected mask is missing, or a lesion has no contour.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such frame.</exception>
    public static void Write(
        Stream stream, DicomFile source, int frame, IReadOnlyList<Lesion> lesions, IReadOnlyList<string> warnings, ResultAlgorithm by)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(lesions);
        ArgumentNullException.ThrowIfNull(warnings);
        ArgumentNullException.ThrowIfNull(by);
        DataSetWriter.Write(stream, source.Checked(() => Describe(source, frame, lesions, warnings, by)), []);
    }

    private static DataSet Describe(
        DicomFile file, int frame, IReadOnlyList<Lesion> lesions, IReadOnlyList<string> warnings, ResultAlgorithm by)
    {
        SourceImage source = new(file);
        int number = SourceImage.NumberOf(file.OpenImage(), frame);
        string found = Sha256.Of(Encoding.UTF8.GetBytes(InWords(lesions, warnings)));
        DataSet data = source.CreateResult("SR", SopClass, number, SeriesNumber, "Lesion measurements", by, found);
        data.Add(DicomAttribute.Modality, "SR");
        data.Add(DicomAttribute.ReferencedPerformedProcedureStepSequence, Array.Empty<DataSet>());
        data.Add(DicomAttribute.PerformedProcedureCodeSequence, Array.Empty<DataSet>());
        data.Add(DicomAttribute.CompletionFlag, "COMPLETE");
        data.Add(DicomAttribute.VerificationFlag, "UNVERIFIED");
        data.Add(DicomAttribute.CurrentRequestedProcedureEvidenceSequence,
        [
            new DataSet
            {
                { DicomAttribute.StudyInstanceUID, source.Data.Text(DicomAttribute.StudyInstanceUID) },
                {
                    DicomAttribute.ReferencedSeriesSequence,
                    [
                        new DataSet
                        {
                            { DicomAttribute.SeriesInstanceUID, source.SeriesUid },
                            { DicomAttribute.ReferencedSOPSequence, [source.Reference(0)] },
                        },
                    ]
                },
            },
        ]);
        ContentItem.AddRoot(
            data, Code.ImagingMeasurementReport, Template,
            [.. Context(by), .. Measured(data, source.Reference(number), lesions, by), .. Remarks(lesions, warnings)]);
        return data;
    }

    // All that the report says of them, with the digits that it has.
    private static string InWords(IReadOnlyList<Lesion> lesions, IReadOnlyList<string> warnings)
    {
        StringBuilder text = new();
        foreach (Lesion lesion in lesions)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"{lesion.Class} {lesion.Area} {lesion.AreaMm2:G8} {lesion.LongAxisMm:G8} {lesion.ShortAxisMm:G8} {lesion.Confidence:G8}");
            foreach (PixelPosition place in lesion.Contour)
            {
                text.Append(CultureInfo.InvariantCulture, $" {place.X} {place.Y}");
            }

            text.Append('\n');
        }

        return text.AppendJoin('\n', warnings).ToString();
    }

    // What is the same for all that follows: the language, who observes (PS3.16, TID 1204, 1001 and 1004), and what was done.
    private static IEnumerable<DataSet> Context(ResultAlgorithm by) =>
    [
        ContentItem.Coded(ContentItem.ConceptModifier, Code.Language, Code.AmericanEnglish),
        ContentItem.Coded(ContentItem.ObservationContext, Code.ObserverType, Code.Device),
        ContentItem.Uid(ContentItem.ObservationContext, Code.DeviceObserverUid, DerivedUid.Of(by.WeightsSha256)),
        ContentItem.Text(ContentItem.ObservationContext, Code.DeviceObserverName, "Research software, not for diagnosis"),
        ContentItem.Text(ContentItem.ObservationContext, Code.DeviceObserverManufacturer, ResultAlgorithm.Manufacturer),
        ContentItem.Text(ContentItem.ObservationContext, Code.DeviceObserverModelName, by.Network),
        ContentItem.Coded(ContentItem.ConceptModifier, Code.ProcedureReported, Code.ImagingProcedure),
    ];

    private static IEnumerable<DataSet> Measured(DataSet data, DataSet image, IReadOnlyList<Lesion> lesions, ResultAlgorithm by)
    {
        if (lesions.Count > 0)
        {
            string uid = data.Text(DicomAttribute.SOPInstanceUID)!;
            yield return ContentItem.Container(
                ContentItem.Contains, Code.ImagingMeasurements, [.. lesions.Select((lesion, i) => Group(uid, image, lesion, i + 1, by))]);
        }
    }

    // Whoever sees the report alone, as in a PACS, reads here what stands beside the numbers elsewhere.
    private static IEnumerable<DataSet> Remarks(IReadOnlyList<Lesion> lesions, IReadOnlyList<string> warnings)
    {
        List<DataSet> remarks = [];
        if (lesions.Count == 0)
        {
            remarks.Add(ContentItem.Text(
                ContentItem.Contains, Code.Finding, "No lesion was outlined, which does not mean that there is none."));
        }

        IEnumerable<string> comments =
            lesions.Any(static lesion => lesion.Confidence is not null) ? warnings.Prepend(MeaningOfCertainty) : warnings;
        remarks.AddRange(comments.Select(static comment => ContentItem.Text(ContentItem.Contains, Code.Comment, comment)));
        return remarks.Count == 0 ? [] : [ContentItem.Container(ContentItem.Contains, Code.QualitativeEvaluations, remarks)];
    }

    private static DataSet Group(string uid, DataSet image, Lesion lesion, int number, ResultAlgorithm by)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"{by.NameOf(lesion.Class) ?? "Lesion"} {number}");
        return ContentItem.Container(ContentItem.Contains, Code.MeasurementGroup, GroupTemplate,
        [
            ContentItem.Text(ContentItem.ObservationContext, Code.TrackingIdentifier, name),
            ContentItem.Uid(ContentItem.ObservationContext, Code.TrackingUniqueIdentifier, DerivedUid.Of(uid, name)),
            ContentItem.Coded(ContentItem.Contains, Code.Finding, Code.Lesion),
            ContentItem.Text(ContentItem.ConceptModifier, Code.AlgorithmName, by.Network),
            ContentItem.Text(ContentItem.ConceptModifier, Code.AlgorithmVersion, ResultAlgorithm.Version),
            ContentItem.Text(ContentItem.ConceptModifier, Code.AlgorithmParameters, by.Parameters),
            ContentItem.Polyline(Code.ImageRegion, ContourOf(lesion), image),
            .. Measurements(lesion),
        ]);
    }

    private static IEnumerable<DataSet> Measurements(Lesion lesion)
    {
        yield return lesion.AreaMm2 is { } area
            ? ContentItem.Number(Code.Area, area, Code.SquareMillimeter)
            : ContentItem.Number(Code.Area, lesion.Area, Code.Pixels);
        if (lesion is { LongAxisMm: { } longAxis, ShortAxisMm: { } shortAxis })
        {
            yield return ContentItem.Number(Code.LongAxis, longAxis, Code.Millimeter);
            yield return ContentItem.Number(Code.ShortAxis, shortAxis, Code.Millimeter);
        }

        if (lesion.Confidence is { } confidence)
        {
            yield return ContentItem.Number(Code.CertaintyOfFinding, 100 * confidence, Code.Percent);
        }
    }

    // Through the middles of its outer pixels, closed; of a very long contour every second pixel, or third.
    private static IReadOnlyList<(float X, float Y)> ContourOf(Lesion lesion)
    {
        int step = (lesion.Contour.Count / MostPoints) + 1;
        (float X, float Y)[] points = [.. lesion.Contour.Where((_, i) => i % step == 0).Select(static p => (p.X + 0.5f, p.Y + 0.5f))];
        return points is [var first, ..] ? [.. points, first] : throw new ArgumentException("A lesion has no contour.", nameof(lesion));
    }
}
