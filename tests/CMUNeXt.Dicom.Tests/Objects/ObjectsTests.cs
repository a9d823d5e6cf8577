using System.Globalization;
using CMUNeXt.Dicom.Format;
using CMUNeXt.Dicom.Objects;
using CMUNeXt.Images;
using CMUNeXt.Masks;
using CMUNeXt.Tests;

namespace CMUNeXt.Dicom.Tests.Objects;

/// <summary>
/// Segmentations and secondary captures of real devices' images and of made ones, judged by dicom3tools and read by pydicom and DCMTK.
/// </summary>
public sealed class ObjectsTests : IDisposable
{
    private static readonly ResultAlgorithm By = new() { Network = "cmunext", WeightsSha256 = new string('a', 64), Threshold = 0.5 };

    private readonly TemporaryFolder folder = new();
    private readonly SourceFiles sources = new();

    public static TheoryData<string> Sources => [.. SourceFiles.Names];

    public void Dispose()
    {
        sources.Dispose();
        folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void A_segmentation_is_valid_and_its_mask_is_ours_bit_for_bit(string name)
    {
        using DicomFile source = sources.Open(name);
        DicomImage image = source.OpenImage();
        int frame = image.FrameCount - 1;
        foreach (int classes in (int[])[1, 3])
        {
            Mask mask = SomeMask(image.Width, image.Height, classes);
            string path = folder.File($"{classes}.dcm");
            using (FileStream stream = File.Create(path))
            {
                SegmentationObject.Write(stream, source, frame, mask, classes, By);
            }

            DicomTools.AssertValid(path, source.Name);
            DicomTools.Run("dcmdump", path);
            Python.Pydicom.Run("segmentation.py", path, folder.File("mask"));
            Assert.Equal(mask.Pixels, File.ReadAllBytes(folder.File("mask")));
        }
    }

    [Theory]
    [InlineData(SourceFiles.MadeImage)]
    [InlineData("US1_UNCI.dcm")]
    public void Segments_have_the_names_of_their_classes_as_far_as_a_label_holds_them(string name)
    {
        using DicomFile source = sources.Open(name);
        DicomImage image = source.OpenImage();
        (string[] Classes, string Labels)[] cases =
        [
            ([], "Class 1|Class 2"),
            (["benign", "malignant"], "benign|malignant"),
            (["a\\b", new string('n', 65)], $"a/b|{new string('n', 64)}"),
        ];
        foreach ((string[] classes, string labels) in cases)
        {
            string path = folder.File("seg.dcm");
            using (FileStream stream = File.Create(path))
            {
                Mask mask = SomeMask(image.Width, image.Height, 2);
                SegmentationObject.Write(stream, source, 0, mask, 2, By with { Classes = classes });
            }

            DicomTools.AssertValid(path, source.Name);
            Assert.Equal(labels, Python.Pydicom.Run("segmentation.py", path, folder.File("mask")).Trim());
        }
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void A_segmentation_is_read_by_dcmjs_as_ours_bit_for_bit(string name)
    {
        using DicomFile source = sources.Open(name);
        DicomImage image = source.OpenImage();
        Mask mask = SomeMask(image.Width, image.Height, 2);
        string path = folder.File("seg.dcm");
        using (FileStream stream = File.Create(path))
        {
            SegmentationObject.Write(stream, source, 0, mask, 2, By);
        }

        DicomTools.RunDcmjs("segmentation.mjs", path, folder.File("mask"));
        Assert.Equal(mask.Pixels, File.ReadAllBytes(folder.File("mask")));
    }

    [Fact]
    public void Pixels_that_are_not_square_are_none_in_what_is_made_of_them()
    {
        DicomTools.Need("dump2dcm", "dcmdump");
        new MadeFile("MONOCHROME2") { Extra = "(0028,0034) IS 4\\3\n" }.Write(folder, folder.File("wide.dcm"));
        using DicomFile source = DicomFile.Open(folder.File("wide.dcm"));
        using (FileStream stream = File.Create(folder.File("seg.dcm")))
        {
            SegmentationObject.Write(stream, source, 0, SomeMask(MadeFile.Width, MadeFile.Height, 1), 1, By);
        }

        using (SecondaryCapture capture = SecondaryCapture.Create(folder.File("sc.dcm"), source, By))
        {
            capture.WriteFrame(0, SomeOverlay(MadeFile.Width, MadeFile.Height, 0));
            capture.Complete();
        }

        Assert.All((string[])["seg.dcm", "sc.dcm"], result => Assert.Contains(
            "[4\\3]", DicomTools.Run("dcmdump", "-q", "+P", "0028,0034", folder.File(result)), StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_made_of_a_baseline_JPEG_says_that_it_is_lossy_though_its_source_does_not()
    {
        DicomTools.Need("dump2dcm", "dcmcjpeg", "dcmodify", "dcmdump");
        string path = folder.File("jpeg.dcm");
        new MadeFile("RGB", Frames: 2).Write(folder, folder.File("plain.dcm"));
        DicomTools.Run("dcmcjpeg", "+eb", folder.File("plain.dcm"), path);
        double ratio = double.Parse(Value(path, "0028,2112"), CultureInfo.InvariantCulture);
        DicomTools.Run("dcmodify", "-q", "-nb", "-ea", "(0028,2110)", "-ea", "(0028,2112)", "-ea", "(0028,2114)", path);

        using DicomFile source = DicomFile.Open(path);
        DicomImage image = source.OpenImage();
        using (FileStream stream = File.Create(folder.File("seg.dcm")))
        {
            SegmentationObject.Write(stream, source, 0, SomeMask(image.Width, image.Height, 1), 1, By);
        }

        using (SecondaryCapture capture = SecondaryCapture.Create(folder.File("sc.dcm"), source, By))
        {
            capture.WriteFrame(0, SomeOverlay(image.Width, image.Height, 0));
            capture.WriteFrame(1, SomeOverlay(image.Width, image.Height, 1));
            capture.Complete();
        }

        foreach (string result in (string[])["seg.dcm", "sc.dcm"])
        {
            Assert.Equal("01", Value(folder.File(result), "0028,2110"));
            Assert.Equal("ISO_10918_1", Value(folder.File(result), "0028,2114"));
            Assert.InRange(double.Parse(Value(folder.File(result), "0028,2112"), CultureInfo.InvariantCulture), 0.9 * ratio, 1.1 * ratio);
        }

        static string Value(string path, string tag) => DicomTools.Run("dcmdump", "-q", "+P", tag, path).Split('[', ']')[1];
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void A_secondary_capture_is_valid_and_its_pixels_are_ours(string name)
    {
        using DicomFile source = sources.Open(name);
        DicomImage image = source.OpenImage();
        Image[] overlays = [.. Enumerable.Range(0, image.FrameCount).Select(i => SomeOverlay(image.Width, image.Height, i))];
        string path = folder.File("sc.dcm");
        using (SecondaryCapture capture = SecondaryCapture.Create(path, source, By))
        {
            Parallel.For(0, overlays.Length, frame => capture.WriteFrame(overlays.Length - 1 - frame, overlays[^(frame + 1)]));
            Assert.False(File.Exists(path));
            capture.Complete();
        }

        DicomTools.AssertValid(path, source.Name);
        Python.Pydicom.Run("pixels.py", path, folder.File("stored"), folder.File("rendered"));
        Assert.Equal(overlays.SelectMany(overlay => overlay.Pixels), File.ReadAllBytes(folder.File("stored")));

        using DicomFile read = DicomFile.Open(path);
        Assert.Equal(overlays[^1].Pixels, read.OpenImage().ReadFrame(image.FrameCount - 1).Pixels);
    }

    [Theory]
    [InlineData(SourceFiles.MadeImage, false, "Contours of lesions found by a neural network, not for diagnosis")]
    [InlineData(SourceFiles.MadeImage, true, "Contours of lesions corrected by a person, not for diagnosis")]
    [InlineData("color-pl.dcm", false, "Contours of lesions found by a neural network, not for diagnosis")]
    [InlineData("color-pl.dcm", true, "Contours of lesions corrected by a person, not for diagnosis")]
    public void A_secondary_capture_says_how_its_mask_came_about(string name, bool isCorrected, string expected)
    {
        using DicomFile source = sources.Open(name);
        DicomImage image = source.OpenImage();
        ResultAlgorithm by = isCorrected ? By with { IsCorrected = true, MaskSha256 = new string('b', 64) } : By;
        using (SecondaryCapture capture = SecondaryCapture.Create(folder.File("sc.dcm"), source, by))
        {
            capture.WriteFrame(0, SomeOverlay(image.Width, image.Height, 0));
            capture.Complete();
        }

        using DicomFile read = DicomFile.Open(folder.File("sc.dcm"));
        Assert.Equal(expected, read.Data.Text(DicomAttribute.DerivationDescription));
    }

    /// <summary>Rows come first (PS3.3, 10.7.1.3): the height of the region's pixels, and then their width.</summary>
    [Theory]
    [InlineData(MadeFile.Region, "0.3\\0.2")]
    [InlineData("(0028,0030) DS 0.1\\0.25\n", "0.1\\0.25")]
    [InlineData("", null)]
    public void A_secondary_capture_has_the_pixel_spacing_of_its_source(string scale, string? expected)
    {
        DicomTools.Need("dump2dcm");
        new MadeFile("MONOCHROME2") { Extra = scale }.Write(folder, folder.File("source.dcm"));
        using DicomFile source = DicomFile.Open(folder.File("source.dcm"));
        using (SecondaryCapture capture = SecondaryCapture.Create(folder.File("sc.dcm"), source, By))
        {
            capture.WriteFrame(0, SomeOverlay(MadeFile.Width, MadeFile.Height, 0));
            capture.Complete();
        }

        using DicomFile read = DicomFile.Open(folder.File("sc.dcm"));
        Assert.Equal(expected, read.Data.Text(DicomAttribute.PixelSpacing));
    }

    [Theory]
    [InlineData(SourceFiles.MadeImage)]
    [InlineData("color-pl.dcm")]
    public void What_a_person_corrected_is_another_object_and_its_report_says_so(string name)
    {
        using DicomFile source = sources.Open(name);
        DicomImage image = source.OpenImage();
        Mask mask = SomeMask(image.Width, image.Height, 1);
        Lesion[] lesions = [Lesion.Find(mask, new float[mask.Pixels.Length])[0]];
        ResultAlgorithm[] both = [By, By with { IsCorrected = true, MaskSha256 = new string('b', 64) }];
        byte[][] segmentations = Array.ConvertAll(both, by => Write(stream => SegmentationObject.Write(stream, source, 0, mask, 1, by)));
        byte[][] reports = Array.ConvertAll(both, by => Write(stream => MeasurementReport.Write(stream, source, 0, lesions, [], by)));
        Assert.NotEqual(UidOf(segmentations[0]), UidOf(segmentations[1]));
        Assert.NotEqual(UidOf(reports[0]), UidOf(reports[1]));
        Assert.Equal([false, true], reports.Select(static report => report.AsSpan().IndexOf("corrected by a person"u8) >= 0));

        static string UidOf(byte[] content)
        {
            using DicomFile read = DicomFile.Parse(content, "result");
            return read.Data.Text(DicomAttribute.SOPInstanceUID)!;
        }
    }

    [Theory]
    [InlineData(SourceFiles.MadeImage)]
    [InlineData("color-pl.dcm")]
    public void Masks_that_a_person_has_seen_or_corrected_are_a_series_each_and_no_two_are_one_object(string name)
    {
        using DicomFile source = sources.Open(name);
        DicomImage image = source.OpenImage();
        Mask mask = SomeMask(image.Width, image.Height, 1);
        ResultAlgorithm first = By with { MaskSha256 = new string('b', 64) };
        ResultAlgorithm second = By with { MaskSha256 = new string('c', 64) };
        ResultAlgorithm[] all = [By, first, second, first with { IsCorrected = true }, second with { IsCorrected = true }];
        (string Object, string Series, string Description)[] written =
            Array.ConvertAll(all, by => Describe(Write(stream => SegmentationObject.Write(stream, source, 0, mask, 1, by))));
        Assert.Equal(all.Length, written.Select(static one => one.Object).Distinct().Count());
        Assert.Equal(
            [
                "Lesion masks, not for diagnosis",
                "Lesion masks seen by a person, not for diagnosis", "Lesion masks seen by a person, not for diagnosis",
                "Lesion masks corrected by a person, not for diagnosis", "Lesion masks corrected by a person, not for diagnosis",
            ],
            written.Select(static one => one.Description));
        Assert.Equal(3, written.Select(static one => one.Series).Distinct().Count());
        Assert.Equal((written[1].Series, written[3].Series), (written[2].Series, written[4].Series));

        static (string Object, string Series, string Description) Describe(byte[] content)
        {
            using DicomFile read = DicomFile.Parse(content, "result");
            return (
                read.Data.Text(DicomAttribute.SOPInstanceUID)!, read.Data.Text(DicomAttribute.SeriesInstanceUID)!,
                read.Data.Text(DicomAttribute.SeriesDescription)!);
        }
    }

    [Theory]
    [InlineData("1.0")]
    [InlineData("IM 12")]
    public void An_instance_number_that_is_no_whole_number_is_one_that_is_not_known(string number)
    {
        DicomTools.Need("dump2dcm");
        new MadeFile("MONOCHROME2") { Extra = $"(0020,0013) IS {number}\n" }.Write(folder, folder.File("source.dcm"));
        using DicomFile source = DicomFile.Open(folder.File("source.dcm"));
        byte[] content = Write(stream =>
            SegmentationObject.Write(stream, source, 0, SomeMask(MadeFile.Width, MadeFile.Height, 1), 1, By));
        using DicomFile read = DicomFile.Parse(content, "result");
        Assert.Equal("1", read.Data.Text(DicomAttribute.InstanceNumber));
    }

    [Theory]
    [InlineData("+te")]
    [InlineData("+ti")]
    public void What_is_made_of_a_source_without_identity_says_in_codes_how_that_was_removed(string encoding)
    {
        const string Codes = """
            (0012,0062) CS YES
            (0012,0064) SQ
            (fffe,e000) -
            (0008,0100) SH 113100
            (0008,0102) SH DCM
            (0008,0104) LO [Basic Application Confidentiality Profile]
            (fffe,e00d) -
            (fffe,e000) -
            (0008,0100) SH 113101
            (0008,0102) SH DCM
            (0008,0104) LO [Clean Pixel Data Option]
            (fffe,e00d) -
            (fffe,e0dd) -

            """;
        DicomTools.Need("dump2dcm", "dcmconv");
        new MadeFile("MONOCHROME2") { Extra = Codes }.Write(folder, folder.File("made.dcm"));
        string path = folder.File("source.dcm");
        DicomTools.Run("dcmconv", encoding, folder.File("made.dcm"), path);
        using DicomFile source = DicomFile.Open(path);
        string result = folder.File("seg.dcm");
        File.WriteAllBytes(
            result, Write(stream => SegmentationObject.Write(stream, source, 0, SomeMask(MadeFile.Width, MadeFile.Height, 1), 1, By)));
        DicomTools.AssertValid(result, path);
        using DicomFile read = DicomFile.Open(result);
        Assert.Equal(
            [("113100", "DCM", "Basic Application Confidentiality Profile"), ("113101", "DCM", "Clean Pixel Data Option")],
            read.Data.Items(DicomAttribute.DeidentificationMethodCodeSequence).Select(static item => (
                item.Text(DicomAttribute.CodeValue), item.Text(DicomAttribute.CodingSchemeDesignator),
                item.Text(DicomAttribute.CodeMeaning))));
    }

    [Theory]
    [InlineData(SourceFiles.MadeLoop)]
    [InlineData("OBXXXX1A_rle_2frame.dcm")]
    public void A_secondary_capture_that_lacks_a_frame_is_never_there(string name)
    {
        using DicomFile source = sources.Open(name);
        DicomImage image = source.OpenImage();
        string path = folder.File("sc.dcm");
        using (SecondaryCapture capture = SecondaryCapture.Create(path, source, By))
        {
            capture.WriteFrame(1, SomeOverlay(image.Width, image.Height, 1));
            Assert.Throws<ArgumentException>(() => capture.WriteFrame(0, SomeOverlay(image.Height, image.Width, 1)));
            Assert.Throws<ArgumentOutOfRangeException>(() => capture.WriteFrame(2, SomeOverlay(image.Width, image.Height, 1)));
            Assert.Contains("frame 1", Assert.Throws<InvalidOperationException>(capture.Complete).Message);
        }

        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    private static byte[] Write(Action<Stream> write)
    {
        MemoryStream stream = new();
        write(stream);
        return stream.ToArray();
    }

    private static Mask SomeMask(int width, int height, int classes)
    {
        byte[] pixels = new byte[width * height];
        Random random = new(width + classes);
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = (byte)(i % width > height / 3 ? random.Next(classes + 1) : 0);
        }

        return new Mask(width, height, pixels);
    }

    private static Image SomeOverlay(int width, int height, int seed)
    {
        byte[] pixels = new byte[width * height * 3];
        new Random(seed).NextBytes(pixels);
        return new Image(width, height, 3, pixels);
    }
}
