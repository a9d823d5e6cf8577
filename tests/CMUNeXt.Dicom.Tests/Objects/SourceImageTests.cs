using System.Text;
using CMUNeXt.Dicom.Format;
using CMUNeXt.Dicom.Objects;
using CMUNeXt.Images;
using CMUNeXt.Masks;
using CMUNeXt.Tests;

namespace CMUNeXt.Dicom.Tests.Objects;

/// <summary>
/// What segmentations, reports and secondary captures say of their source: whose it is, which frame they are of, and when its frames
/// follow each other. The source stands in memory, so that no tool is needed.
/// </summary>
public sealed class SourceImageTests : IDisposable
{
    private const int Width = 6;
    private const int Height = 4;
    private const string Class = "1.2.840.10008.5.1.4.1.1.3.1";
    private const string Uid = "1.2.3.4.5";
    private const string SeriesUid = "1.2.3.4";
    private const string StudyUid = "1.2.3";

    private static readonly ResultAlgorithm By = new() { Network = "cmunext", WeightsSha256 = new string('a', 64), Threshold = 0.5 };

    // Two lesions, each of a class of its own.
    private static readonly Mask Found =
        new(Width, Height, [.. Enumerable.Range(0, Width * Height).Select(static i => (byte)(i is 7 or 8 ? 1 : i == 16 ? 2 : 0))]);

    private static readonly (DicomAttribute Attribute, string Value)[] PatientAndStudy =
    [
        (DicomAttribute.SpecificCharacterSet, "ISO_IR 100"), (DicomAttribute.TimezoneOffsetFromUTC, "+0100"),
        (DicomAttribute.PatientName, "Doe^Zoë"), (DicomAttribute.PatientID, "P-17"), (DicomAttribute.IssuerOfPatientID, "Clinic"),
        (DicomAttribute.PatientBirthDate, "19700102"), (DicomAttribute.PatientBirthTime, "0304"), (DicomAttribute.PatientSex, "F"),
        (DicomAttribute.OtherPatientIDs, "Q-18"), (DicomAttribute.OtherPatientNames, "Roe^Zoë"), (DicomAttribute.EthnicGroup, "group"),
        (DicomAttribute.PatientComments, "came alone"), (DicomAttribute.PatientIdentityRemoved, "NO"),
        (DicomAttribute.DeidentificationMethod, "none"), (DicomAttribute.StudyInstanceUID, StudyUid),
        (DicomAttribute.StudyDate, "20240506"), (DicomAttribute.StudyTime, "070809"), (DicomAttribute.StudyID, "S-19"),
        (DicomAttribute.AccessionNumber, "A-20"), (DicomAttribute.ReferringPhysicianName, "Poe^Ida"),
        (DicomAttribute.StudyDescription, "left breast"), (DicomAttribute.PatientAge, "054Y"), (DicomAttribute.PatientSize, "1.7"),
        (DicomAttribute.PatientWeight, "65"), (DicomAttribute.Occupation, "baker"),
        (DicomAttribute.AdditionalPatientHistory, "a cyst in 2019"),
    ];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_result_is_of_its_sources_patient_and_study(int frames)
    {
        using DicomFile source = Source(frames, PatientAndStudy);
        foreach (DataSet result in ResultsOf(source, frames - 1))
        {
            Assert.All(PatientAndStudy, one => Assert.Equal((one.Attribute, one.Value), (one.Attribute, result.Text(one.Attribute))));
        }
    }

    /// <summary>The attributes of type 2 of a patient and of a study (PS3.3, C.7.1.1 and C.7.2.1).</summary>
    [Fact]
    public void What_every_object_has_is_empty_where_the_source_does_not_say_it()
    {
        DicomAttribute[] attributes =
        [
            DicomAttribute.PatientName, DicomAttribute.PatientID, DicomAttribute.PatientBirthDate, DicomAttribute.PatientSex,
            DicomAttribute.StudyDate, DicomAttribute.StudyTime, DicomAttribute.StudyID, DicomAttribute.AccessionNumber,
            DicomAttribute.ReferringPhysicianName,
        ];
        using DicomFile source = Source(1);
        foreach (DataSet result in ResultsOf(source, 0))
        {
            Assert.All(attributes, attribute => Assert.Equal(0L, result.Find(attribute)?.Length));
        }
    }

    /// <summary>In a file frames are counted from 1. The only frame of an image has no number.</summary>
    [Theory]
    [InlineData(1, 0, null)]
    [InlineData(3, 0, "1")]
    [InlineData(3, 2, "3")]
    public void A_mask_and_a_lesion_refer_to_the_frame_that_they_are_of(int frames, int frame, string? expected)
    {
        using DicomFile source = Source(frames);
        DataSet segmentation = SegmentationOf(source, frame);
        DataSet[] references =
        [
            .. segmentation.Items(DicomAttribute.SourceImageSequence),
            .. segmentation.Items(DicomAttribute.PerFrameFunctionalGroupsSequence)
                .SelectMany(static group => group.Items(DicomAttribute.DerivationImageSequence))
                .SelectMany(static derivation => derivation.Items(DicomAttribute.SourceImageSequence)),
            .. Content(ReportOf(source, frame)).SelectMany(static item => item.Items(DicomAttribute.ReferencedSOPSequence)),
        ];

        // The segmentation's own, one for each of its two segments, and one for each of the report's two lesions.
        Assert.Equal(5, references.Length);
        Assert.All(references, reference => AssertReference(reference, expected));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_result_names_its_source_as_a_whole(int frames)
    {
        using DicomFile source = Source(frames);
        DataSet segmented = Assert.Single(SegmentationOf(source, frames - 1).Items(DicomAttribute.ReferencedSeriesSequence));
        AssertReference(Assert.Single(segmented.Items(DicomAttribute.ReferencedInstanceSequence)), frame: null);

        DataSet study = Assert.Single(
            ReportOf(source, frames - 1).Items(DicomAttribute.CurrentRequestedProcedureEvidenceSequence));
        DataSet reported = Assert.Single(study.Items(DicomAttribute.ReferencedSeriesSequence));
        AssertReference(Assert.Single(reported.Items(DicomAttribute.ReferencedSOPSequence)), frame: null);
        Assert.Equal(
            (SeriesUid, StudyUid, SeriesUid),
            (segmented.Text(DicomAttribute.SeriesInstanceUID), study.Text(DicomAttribute.StudyInstanceUID),
                reported.Text(DicomAttribute.SeriesInstanceUID)));

        AssertReference(Assert.Single(OverlaysOf(source).Items(DicomAttribute.SourceImageSequence)), frame: null);
    }

    /// <summary>What the device wrote into the image is in the overlay, unless the source says that there is nothing.</summary>
    [Theory]
    [InlineData("NO", "NO")]
    [InlineData("YES", "YES")]
    [InlineData(null, "YES")]
    public void An_overlay_has_no_burned_in_annotation_where_its_source_says_so_alone(string? said, string expected)
    {
        (DicomAttribute Attribute, string Value)[] more = said is null ? [] : [(DicomAttribute.BurnedInAnnotation, said)];
        using DicomFile source = Source(1, more);
        Assert.Equal(expected, OverlaysOf(source).Text(DicomAttribute.BurnedInAnnotation));
    }

    /// <summary>The mean where its frames follow each other unevenly, and 100 ms where it does not say it.</summary>
    [Fact]
    public void Overlays_of_a_loop_follow_each_other_as_its_frames_do()
    {
        Assert.Equal("12.5", FrameTimeOf(3, (DicomAttribute.FrameTime, "12.5")));
        Assert.Equal("20", FrameTimeOf(3, (DicomAttribute.FrameTimeVector, "0\\10\\30")));
        Assert.Equal("125", FrameTimeOf(3, (DicomAttribute.CineRate, "8")));
        Assert.Equal("100", FrameTimeOf(3));
        Assert.Null(FrameTimeOf(1, (DicomAttribute.FrameTime, "12.5")));

        string? FrameTimeOf(int frames, params (DicomAttribute Attribute, string Value)[] more)
        {
            using DicomFile source = Source(frames, more);
            DataSet overlays = OverlaysOf(source);

            // The tag of FrameTime, (0018,1063), in little endian.
            byte[]? pointer = frames == 1 ? null : [0x18, 0x00, 0x63, 0x10];
            Assert.Equal(pointer, overlays.Find(DicomAttribute.FrameIncrementPointer)?.Read());
            return overlays.Text(DicomAttribute.FrameTime);
        }
    }

    [Fact]
    public void The_same_mask_makes_the_same_bytes_and_no_two_masks_or_lists_of_lesions_are_one_object()
    {
        using DicomFile source = Source(1);
        Mask other = new(Width, Height, [.. Found.Pixels.Select(static pixel => pixel == 2 ? (byte)0 : pixel)]);
        IReadOnlyList<Lesion> lesions = Lesion.Find(Found, new float[Width * Height]);
        Assert.Equal(Segmented(Found), Segmented(new Mask(Width, Height, [.. Found.Pixels])));
        Assert.Equal(Reported(lesions), Reported(Lesion.Find(Found, new float[Width * Height])));
        byte[][] written =
        [
            Segmented(Found), Segmented(other), Segmented(Found, classes: 3),
            Reported(lesions), Reported([lesions[0]]), Reported([lesions[1], lesions[0]]), Reported(lesions, "a warning"),
            Reported([lesions[0] with { Confidence = 0.5 }, lesions[1]]),
            Reported([lesions[0].Measure(new PixelSize(0.1, 0.2)), lesions[1]]),
            Reported([lesions[0] with { Contour = [new PixelPosition(0, 0)] }, lesions[1]]),
        ];
        Assert.Equal(
            written.Length, written.Select(static content => Read(content).Text(DicomAttribute.SOPInstanceUID)).Distinct().Count());
        Assert.Equal(2, written.Select(static content => Read(content).Text(DicomAttribute.SeriesInstanceUID)).Distinct().Count());

        byte[] Segmented(Mask mask, int classes = 2) =>
            Written(stream => SegmentationObject.Write(stream, source, 0, mask, classes, By));

        byte[] Reported(IReadOnlyList<Lesion> lesions, params IReadOnlyList<string> warnings) =>
            Written(stream => MeasurementReport.Write(stream, source, 0, lesions, warnings, By));
    }

    [Fact]
    public void What_does_not_say_which_mask_or_which_weights_it_is_of_is_not_written()
    {
        using DicomFile source = Source(1);
        AssertRefused("MaskSha256", By with { IsCorrected = true });
        foreach (string hash in (string[])["", "abc", new string('a', 63), new string('g', 64)])
        {
            AssertRefused("64 hexadecimal digits", By with { WeightsSha256 = hash });
        }

        Assert.Empty(Directory.GetFiles(folder.Path));

        void AssertRefused(string problem, ResultAlgorithm by)
        {
            Action[] writes =
            [
                () => SegmentationObject.Write(Stream.Null, source, 0, Found, 2, by),
                () => MeasurementReport.Write(Stream.Null, source, 0, [], [], by),
                () => SecondaryCapture.Create(folder.File("sc.dcm"), source, by).Dispose(),
            ];
            Assert.All(writes, write => Assert.Contains(
                problem, Assert.Throws<ArgumentException>(nameof(by), write).Message, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(1, -1)]
    [InlineData(1, 1)]
    [InlineData(3, -1)]
    [InlineData(3, 3)]
    public void A_frame_that_is_not_there_has_no_mask_and_no_report(int frames, int frame)
    {
        using DicomFile source = Source(frames);
        Assert.Throws<ArgumentOutOfRangeException>(nameof(frame), () => SegmentationOf(source, frame));
        Assert.Throws<ArgumentOutOfRangeException>(nameof(frame), () => ReportOf(source, frame));
    }

    [Fact]
    public void A_mask_of_more_classes_than_are_written_is_refused()
    {
        using DicomFile source = Source(1);
        ArgumentException e = Assert.Throws<ArgumentException>(
            "mask", () => SegmentationObject.Write(Stream.Null, source, 0, Found, classes: 1, By));
        Assert.StartsWith("The mask has the class 2, and the object none above 1.", e.Message, StringComparison.Ordinal);
    }

    private static void AssertReference(DataSet reference, string? frame) => Assert.Equal(
        (Class, Uid, frame),
        (reference.Text(DicomAttribute.ReferencedSOPClassUID), reference.Text(DicomAttribute.ReferencedSOPInstanceUID),
            reference.Text(DicomAttribute.ReferencedFrameNumber)));

    // The items of a report, at whatever depth.
    private static IEnumerable<DataSet> Content(DataSet data) =>
        data.Items(DicomAttribute.ContentSequence).SelectMany(static item => Content(item).Prepend(item));

    private static DicomFile Source(int frames, params (DicomAttribute Attribute, string Value)[] more)
    {
        DataSet data = new()
        {
            { DicomAttribute.SOPClassUID, Class },
            { DicomAttribute.SOPInstanceUID, Uid },
            { DicomAttribute.StudyInstanceUID, StudyUid },
            { DicomAttribute.SeriesInstanceUID, SeriesUid },
            { DicomAttribute.SamplesPerPixel, 1 },
            { DicomAttribute.PhotometricInterpretation, "MONOCHROME2" },
            { DicomAttribute.NumberOfFrames, frames },
            { DicomAttribute.Rows, Height },
            { DicomAttribute.Columns, Width },
            { DicomAttribute.BitsAllocated, 8 },
            { DicomAttribute.BitsStored, 8 },
            { DicomAttribute.HighBit, 7 },
            { DicomAttribute.PixelRepresentation, 0 },
        };
        foreach ((DicomAttribute attribute, string value) in more)
        {
            data.Add(attribute, Encoding.Latin1.GetBytes(value));
        }

        return DicomFile.Parse(Written(stream => DataSetWriter.Write(stream, data, new byte[Width * Height * frames])), "source.dcm");
    }

    private DataSet[] ResultsOf(DicomFile source, int frame) =>
        [SegmentationOf(source, frame), ReportOf(source, frame), OverlaysOf(source)];

    private static DataSet SegmentationOf(DicomFile source, int frame) =>
        Read(Written(stream => SegmentationObject.Write(stream, source, frame, Found, 2, By)));

    private static DataSet ReportOf(DicomFile source, int frame) => Read(Written(stream =>
        MeasurementReport.Write(stream, source, frame, Lesion.Find(Found, new float[Width * Height]), [], By)));

    private DataSet OverlaysOf(DicomFile source)
    {
        string path = folder.File("sc.dcm");
        int frames = source.OpenImage().FrameCount;
        using (SecondaryCapture capture = SecondaryCapture.Create(path, source, By))
        {
            for (int frame = 0; frame < frames; frame++)
            {
                capture.WriteFrame(frame, new Image(Width, Height, 3, new byte[Width * Height * 3]));
            }

            capture.Complete();
        }

        return Read(File.ReadAllBytes(path));
    }

    private static byte[] Written(Action<Stream> write)
    {
        MemoryStream stream = new();
        write(stream);
        return stream.ToArray();
    }

    // What stands in memory can be looked at after its file is closed.
    private static DataSet Read(byte[] content)
    {
        using DicomFile read = DicomFile.Parse(content, "result");
        return read.Data;
    }
}
