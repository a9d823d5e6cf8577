using System.Globalization;
using CMUNeXt.Dicom.Objects;
using CMUNeXt.Masks;
using CMUNeXt.Tests;

namespace CMUNeXt.Dicom.Tests.Objects;

/// <summary>
/// Structured reports of real devices' images and of made ones, judged by dicom3tools and DCMTK, their values read by pydicom.
/// </summary>
public sealed class MeasurementReportTests : IDisposable
{
    private static readonly ResultAlgorithm By = new() { Network = "cmunext", WeightsSha256 = new string('a', 64), Threshold = 0.5 };

    private readonly TemporaryFolder folder = new();
    private readonly SourceFiles sources = new();

    public void Dispose()
    {
        sources.Dispose();
        folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(ObjectsTests.Sources), MemberType = typeof(ObjectsTests))]
    public void A_report_is_valid_with_lesions_and_without(string name)
    {
        using DicomFile source = sources.Open(name);
        DicomImage image = source.OpenImage();
        foreach (Lesion[] lesions in (Lesion[][])[[], [.. SomeLesions(image)]])
        {
            string path = Write(source, image.FrameCount - 1, lesions);
            DicomTools.AssertValid(path, source.Name);
            string tree = DicomTools.Run("dsrdump", path);
            Assert.Equal(lesions.Length, tree.Split("\"Measurement Group\"").Length - 1);
            Assert.DoesNotContain("Warning", tree, StringComparison.OrdinalIgnoreCase);
        }
    }

    /// <summary>
    /// A rectangle of 20 x 10 pixels by hand: of 0.2 x 0.3 mm, and of 0.26228787661969974 mm (the region's 0.026228787661969974 cm).
    /// </summary>
    [Theory]
    [InlineData(SourceFiles.MadeLoop, 10, 6, 0.2, 0.3)]
    [InlineData("OBXXXX1A_rle_2frame.dcm", 300, 200, 0.26228787661969974, 0.26228787661969974)]
    public void Areas_and_diameters_are_those_of_a_calculation_by_hand(string name, int x, int y, double across, double down)
    {
        using DicomFile source = sources.Open(name);
        DicomImage image = source.OpenImage();
        Lesion lesion = Rectangle(image, x, y, 20, 10);
        Dictionary<string, string> values = Read(Write(source, 1, [lesion.Measure(image.PixelSizeOf(lesion.Box)!.Value)]))[0];

        (double width, double height) = (20 * across, 10 * down);
        double diagonal = Math.Sqrt((width * width) + (height * height));
        AssertMeasured(width * height, "mm2", values["Area"]);
        AssertMeasured(diagonal, "mm", values["Long Axis"]);

        // As far are the corners off the diagonal apart, measured across it.
        AssertMeasured(2 * width * height / diagonal, "mm", values["Short Axis"]);
        Assert.Equal("2", values["Frame"]);

        // Its outer pixels' middles, and the first again.
        double[] points = [.. values["Points"].Split(' ').Select(value => double.Parse(value, CultureInfo.InvariantCulture))];
        Assert.Equal(2 * ((2 * (20 + 10)) - 4 + 1), points.Length);
        Assert.Equal([x + 0.5, y + 0.5], points[..2]);
        Assert.Equal([x + 0.5, y + 0.5], points[^2..]);
        Assert.Equal((x + 19.5, y + 9.5), (points.Where((_, i) => i % 2 == 0).Max(), points.Where((_, i) => i % 2 == 1).Max()));
    }

    [Theory]
    [InlineData(SourceFiles.MadeImage)]
    [InlineData("US1_UNCI.dcm")]
    public void Without_a_pixel_size_the_area_is_in_pixels_and_a_confidence_in_percent(string name)
    {
        using DicomFile source = sources.Open(name);
        Lesion lesion = Rectangle(source.OpenImage(), 10, 20, 1, 1) with { Confidence = 0.25 };
        Dictionary<string, string> values = Read(Write(source, 0, [lesion]))[0];
        AssertMeasured(1, "{pixels}", values["Area"]);
        AssertMeasured(25, "%", values["Certainty of Finding"]);
        Assert.DoesNotContain("Long Axis", values.Keys);
        Assert.Equal("10.5 20.5 10.5 20.5", values["Points"]);
        Assert.Equal("", values["Frame"]);
    }

    [Theory]
    [InlineData(SourceFiles.MadeImage)]
    [InlineData("US1_UNCI.dcm")]
    public void What_a_certainty_means_and_where_the_image_is_unlike_others_stands_in_the_report(string name)
    {
        const string Warning = "79 % of the image is black; cut off the frame around the ultrasound image.";
        using DicomFile source = sources.Open(name);
        Lesion lesion = Rectangle(source.OpenImage(), 10, 10, 5, 5);
        Assert.Equal([Warning], CommentsOf(Write(source, 0, [], Warning)));
        Assert.Equal([Warning], CommentsOf(Write(source, 0, [lesion], Warning)));
        Assert.Empty(CommentsOf(Write(source, 0, [lesion])));
        Assert.StartsWith(
            "Certainty of Finding is the probability that the contour is right",
            Assert.Single(CommentsOf(Write(source, 0, [lesion with { Confidence = 0.77 }]))), StringComparison.Ordinal);

        string path = Write(source, 0, [lesion with { Confidence = 0.77 }, lesion], Warning, Warning);
        DicomTools.AssertValid(path, source.Name);
        Assert.DoesNotContain("Warning", DicomTools.Run("dsrdump", path), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(3, CommentsOf(path).Length);
    }

    [Theory]
    [InlineData(SourceFiles.MadeImage)]
    [InlineData("US1_UNCI.dcm")]
    public void A_contour_longer_than_a_value_can_be_is_thinned(string name)
    {
        // A comb, which may be larger than the image: every second column is a tooth.
        const int Width = 320;
        const int Height = 240;
        using DicomFile source = sources.Open(name);
        byte[] pixels = new byte[Width * Height];
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = (byte)(i < Width || i % Width % 2 == 0 ? 1 : 0);
        }

        Lesion lesion = Lesion.Find(new Mask(Width, Height, pixels), new float[pixels.Length])[0];
        Assert.True(lesion.Contour.Count > 65536 / 8);
        string path = Write(source, 0, [lesion]);
        DicomTools.AssertValid(path, source.Name);
        Assert.InRange(Read(path)[0]["Points"].Split(' ').Length, 4000, 2 * 8192);
    }

    [Theory]
    [InlineData(SourceFiles.MadeImage)]
    [InlineData("US1_UNCI.dcm")]
    public void Lesions_are_told_apart_by_the_names_of_their_classes_in_groups_that_name_their_template(string name)
    {
        using DicomFile source = sources.Open(name);
        DicomImage image = source.OpenImage();
        Lesion[] lesions = [Rectangle(image, 10, 10, 5, 5) with { Class = 2 }, Rectangle(image, 0, 0, 1, 1)];
        Assert.Equal(["Lesion 1", "Lesion 2"], Read(Write(source, 0, lesions)).Select(static group => group["Tracking Identifier"]));

        string path = folder.File("named.dcm");
        using (FileStream stream = File.Create(path))
        {
            MeasurementReport.Write(stream, source, 0, lesions, [], By with { Classes = ["benign", "malignant"] });
        }

        DicomTools.AssertValid(path, source.Name);
        Dictionary<string, string>[] groups = Read(path);
        Assert.Equal(["malignant 1", "benign 2"], groups.Select(static group => group["Tracking Identifier"]));
        Assert.All(groups, static group => Assert.Equal("1410", group["Template"]));
    }

    private static string[] CommentsOf(string path) =>
        [.. Read(path).Where(static line => line.ContainsKey("Comment")).Select(static line => line["Comment"])];

    private static void AssertMeasured(double expected, string unit, string measured)
    {
        string[] parts = measured.Split(' ');
        Assert.Equal(unit, parts[1]);
        Assert.Equal(expected, double.Parse(parts[0], CultureInfo.InvariantCulture), expected * 1e-7);
    }

    private static Lesion Rectangle(DicomImage image, int x, int y, int width, int height)
    {
        byte[] pixels = new byte[image.Width * image.Height];
        for (int row = y; row < y + height; row++)
        {
            pixels.AsSpan((row * image.Width) + x, width).Fill(1);
        }

        return Assert.Single(Lesion.Find(new Mask(image.Width, image.Height, pixels), new float[pixels.Length]));
    }

    private static IEnumerable<Lesion> SomeLesions(DicomImage image) =>
        new[] { Rectangle(image, image.Width / 4, image.Height / 4, image.Width / 8, image.Height / 8), Rectangle(image, 0, 0, 1, 1) }
        .Select(lesion => image.PixelSizeOf(lesion.Box) is { } size ? lesion.Measure(size) : lesion);

    private static Dictionary<string, string>[] Read(string path) =>
    [
        .. Python.Pydicom.Run("report.py", path).Trim().Split('\n').Select(line =>
            line.Split('|').Select(static value => value.Split('=')).ToDictionary(static value => value[0], static value => value[1])),
    ];

    private string Write(DicomFile source, int frame, IReadOnlyList<Lesion> lesions, params IReadOnlyList<string> warnings)
    {
        string path = folder.File("report.dcm");
        using FileStream stream = File.Create(path);
        MeasurementReport.Write(stream, source, frame, lesions, warnings, By);
        return path;
    }
}
