using CMUNeXt.Dicom.Format;
using CMUNeXt.Dicom.Objects;
using CMUNeXt.Images;
using CMUNeXt.Masks;
using CMUNeXt.Tests;

namespace CMUNeXt.Dicom.Tests.Objects;

/// <summary>Of two masks of one image that a person has seen, the objects say which is the later one.</summary>
public sealed class SeenMaskTests : IDisposable
{
    private static readonly DateTimeOffset Stored = new(2026, 2, 3, 22, 5, 6, 700, TimeSpan.FromHours(1));

    private static readonly ResultAlgorithm By = new() { Network = "cmunext", WeightsSha256 = new string('a', 64), Threshold = 0.5 };

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Masks_that_were_stored_one_after_the_other_have_their_own_times_and_the_same_mask_is_one_object()
    {
        using DicomFile source = Source("");
        ResultAlgorithm first = By with { MaskSha256 = new string('b', 64), SeenAt = Stored };
        ResultAlgorithm second = By with { MaskSha256 = new string('c', 64), SeenAt = Stored.AddSeconds(1) };
        ResultAlgorithm again = first with { SeenAt = Stored.AddDays(1) };
        foreach ((DataSet earlier, DataSet later, DataSet same) in
            ResultsOf(source, first).Zip(ResultsOf(source, second), ResultsOf(source, again)))
        {
            AssertCreated("20260203", "220506.700000", earlier);
            AssertCreated("20260203", "220507.700000", later);
            Assert.NotEqual(UidOf(earlier), UidOf(later));
            Assert.Equal(UidOf(earlier), UidOf(same));
        }
    }

    [Fact]
    public void Masks_that_a_person_has_seen_are_one_series_of_each_kind_whatever_the_threshold_was()
    {
        using DicomFile source = Source("");
        ResultAlgorithm seen = By with { MaskSha256 = new string('b', 64), SeenAt = Stored, IsCorrected = true };
        ResultAlgorithm moved = seen with { MaskSha256 = new string('c', 64), Threshold = 0.4 };
        Assert.Equal(SeriesOf(seen), SeriesOf(moved));

        // Those of the network alone differ by it, and are no person's.
        Assert.Equal(9, SeriesOf(By).Concat(SeriesOf(By with { Threshold = 0.4 })).Concat(SeriesOf(seen)).Distinct().Count());

        string?[] SeriesOf(ResultAlgorithm by) =>
            Array.ConvertAll(ResultsOf(source, by), static result => result.Text(DicomAttribute.SeriesInstanceUID));
    }

    [Fact]
    public void Times_are_in_the_time_zone_of_the_source()
    {
        using DicomFile source = Source("(0008,0201) SH +0900\n");
        foreach (DataSet result in ResultsOf(source, By with { MaskSha256 = new string('b', 64), SeenAt = Stored }))
        {
            Assert.Equal("+0900", result.Text(DicomAttribute.TimezoneOffsetFromUTC));
            AssertCreated("20260204", "060506.700000", result);
        }
    }

    [Fact]
    public void What_nobody_has_seen_has_the_dates_of_its_source()
    {
        using DicomFile source = Source("(0008,0022) DA 20240506\n(0008,0032) TM 070809\n");
        foreach (DataSet result in ResultsOf(source, By))
        {
            Assert.Equal(
                ("20240506", "070809"), (result.Text(DicomAttribute.ContentDate), result.Text(DicomAttribute.ContentTime)));
            Assert.Null(result.Find(DicomAttribute.InstanceCreationDate));
        }
    }

    private static void AssertCreated(string date, string time, DataSet result)
    {
        Assert.Equal((date, time), (result.Text(DicomAttribute.ContentDate), result.Text(DicomAttribute.ContentTime)));
        Assert.Equal((date, time), (result.Text(DicomAttribute.InstanceCreationDate), result.Text(DicomAttribute.InstanceCreationTime)));
    }

    private static string? UidOf(DataSet result) => result.Text(DicomAttribute.SOPInstanceUID);

    private DicomFile Source(string extra)
    {
        string path = folder.File("source.dcm");
        new MadeFile("MONOCHROME2") { Extra = extra }.Write(folder, path);
        return DicomFile.Open(path);
    }

    // Segmentation, report and overlay.
    private DataSet[] ResultsOf(DicomFile source, ResultAlgorithm by)
    {
        DicomImage image = source.OpenImage();
        byte[] pixels = new byte[image.Width * image.Height];
        pixels.AsSpan(0, image.Width).Fill(1);
        Mask mask = new(image.Width, image.Height, pixels);
        using (FileStream stream = File.Create(folder.File("seg.dcm")))
        {
            SegmentationObject.Write(stream, source, 0, mask, 1, by);
        }

        using (FileStream stream = File.Create(folder.File("report.dcm")))
        {
            MeasurementReport.Write(stream, source, 0, Lesion.Find(mask, new float[pixels.Length]), [], by);
        }

        using (SecondaryCapture capture = SecondaryCapture.Create(folder.File("overlay.dcm"), source, by))
        {
            capture.WriteFrame(0, new Image(image.Width, image.Height, 3, new byte[3 * pixels.Length]));
            capture.Complete();
        }

        return Array.ConvertAll((string[])["seg.dcm", "report.dcm", "overlay.dcm"], name =>
        {
            using DicomFile read = DicomFile.Parse(File.ReadAllBytes(folder.File(name)), name);
            return read.Data;
        });
    }
}
