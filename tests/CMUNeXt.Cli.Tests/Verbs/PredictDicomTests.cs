using System.Globalization;
using System.Text.Json;
using CMUNeXt.Dicom;
using CMUNeXt.Dicom.Tests;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Masks;
using CMUNeXt.Tests;

namespace CMUNeXt.Cli.Tests.Verbs;

/// <summary><c>predict</c> on DICOM files that DCMTK makes.</summary>
public sealed class PredictDicomTests : IDisposable
{
    // So low, and without the presence threshold, that there are lesions in an image of anything.
    private static readonly string[] LowThreshold = ["--threshold", "0.00001", "--all", "--threads", "1"];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Areas_in_millimeters_are_the_pixels_of_the_mask_times_a_pixel_of_the_region()
    {
        string path = Make("image.dcm", new MadeFile("RGB") { Extra = MadeFile.Region });
        AssertDone(CommandProcess.Run(["predict", path, "--output", folder.File("out"), .. LowThreshold]));

        int pixels = ImageFile.LoadMask(folder.File("out/image_mask.png"), MaskValues.ZeroOr255).Area();
        Assert.True(pixels > 0);
        JsonElement report = JsonDocument.Parse(File.ReadAllText(folder.File("out/image.json"))).RootElement;
        Assert.Equal(pixels * 0.06, report.GetProperty("area_mm2").GetDouble(), 1e-9);
        JsonElement largest = report.GetProperty("lesions")[0];
        Assert.Equal(largest.GetProperty("area").GetInt32() * 0.06, largest.GetProperty("area_mm2").GetDouble(), 1e-9);
        string[] summary = File.ReadAllLines(folder.File("out/summary.csv"));
        Dictionary<string, string> row = summary[0].Split(',').Zip(summary[1].Split(',')).ToDictionary();
        Assert.Equal(pixels * 0.06, double.Parse(row["area_mm2"], CultureInfo.InvariantCulture), 1e-3);
        Assert.Equal(
            largest.GetProperty("long_axis_mm").GetDouble(), double.Parse(row["largest_long_axis_mm"], CultureInfo.InvariantCulture), 1e-3);

        // The size that is given goes before the file's.
        AssertDone(CommandProcess.Run(["predict", path, "--output", folder.File("given"), "--mm-per-pixel", "2", .. LowThreshold]));
        JsonElement given = JsonDocument.Parse(File.ReadAllText(folder.File("given/image.json"))).RootElement;
        Assert.Equal(pixels * 4, given.GetProperty("area_mm2").GetDouble(), 1e-9);
    }

    [Fact]
    public void Cropped_to_its_region_an_image_has_the_mask_of_the_region_alone_and_none_around_it()
    {
        BoundingBox tissue = new(6, 4, 25, 12);
        string region = MadeFile.Region.Replace("6018) UL 0", "6018) UL 6", StringComparison.Ordinal)
            .Replace("601a) UL 0", "601a) UL 4", StringComparison.Ordinal)
            .Replace("601c) UL 37", "601c) UL 30", StringComparison.Ordinal)
            .Replace("601e) UL 20", "601e) UL 15", StringComparison.Ordinal);
        string path = Make("image.dcm", new MadeFile("RGB") { Extra = region });
        using (DicomFile file = DicomFile.Open(path))
        {
            Image part = file.OpenImage().ReadFrame(0).Crop(tissue.X, tissue.Y, tissue.Width, tissue.Height);
            ImageFile.SavePng(folder.File("part.png"), part);
        }

        string[] options = ["--probability", .. LowThreshold];
        AssertDone(CommandProcess.Run(["predict", path, "--output", folder.File("cropped"), "--crop-to-region", .. options]));
        AssertDone(CommandProcess.Run(["predict", folder.File("part.png"), "--output", folder.File("part"), .. options]));
        foreach (string ending in (string[])["mask", "probability"])
        {
            Image whole = ImageFile.Load(folder.File($"cropped/image_{ending}.png"));
            Image part = ImageFile.Load(folder.File($"part/part_{ending}.png"));
            Assert.Equal((MadeFile.Width, MadeFile.Height), (whole.Width, whole.Height));
            Assert.Contains(part.Pixels, static value => value > 0);
            Assert.Equal(part.Pixels, whole.Crop(tissue.X, tissue.Y, tissue.Width, tissue.Height).Pixels);
            Assert.Equal(part.Pixels.Sum(static value => value), whole.Pixels.Sum(static value => value));
        }

        JsonElement report = JsonDocument.Parse(File.ReadAllText(folder.File("cropped/image.json"))).RootElement;
        Assert.Equal([6, 4, 25, 12], report.GetProperty("region").EnumerateArray().Select(static value => value.GetInt32()));
        JsonElement alone = JsonDocument.Parse(File.ReadAllText(folder.File("part/part.json"))).RootElement;
        Assert.Equal(alone.GetProperty("area").GetInt32() * 0.06, report.GetProperty("area_mm2").GetDouble(), 1e-9);
    }

    [Fact]
    public void A_loop_has_results_for_each_frame_and_objects_for_the_archive_that_a_repetition_makes_again()
    {
        // Without an ending: the first bytes say what it is.
        Make("in/LOOP", new MadeFile("MONOCHROME2", Frames: 3));
        foreach (string output in (string[])["once", "again"])
        {
            string[] arguments = ["predict", folder.File("in"), "--output", folder.File(output), "--seg-frames", "2", .. LowThreshold];
            AssertDone(CommandProcess.Run(arguments));
        }

        foreach (int frame in (int[])[1, 2, 3])
        {
            Assert.All((string[])["_mask.png", "_overlay.png", ".json"], ending =>
                Assert.True(File.Exists(folder.File($"once/LOOP_{frame:0000}{ending}")), ending));
        }

        Assert.Equal(["", "", ""], Times("once/LOOP_areas.csv"));
        Assert.Equal(3, ImageFile.Load(folder.File("once/LOOP_areas.png")).Channels);
        foreach (string name in (string[])["LOOP_overlay.dcm", "LOOP_seg.dcm", "LOOP_report.dcm", "LOOP_seg_0002.dcm",
            "LOOP_report_0002.dcm"])
        {
            Assert.Equal(File.ReadAllBytes(folder.File($"once/{name}")), File.ReadAllBytes(folder.File($"again/{name}")));
        }

        using DicomFile overlays = DicomFile.Open(folder.File("once/LOOP_overlay.dcm"));
        Assert.Equal(ImageFile.Load(folder.File("once/LOOP_0003_overlay.png")).Pixels, overlays.OpenImage().ReadFrame(2).Pixels);
        Python.Pydicom.Run("segmentation.py", folder.File("once/LOOP_seg_0002.dcm"), folder.File("mask"));
        Mask mask = ImageFile.LoadMask(folder.File("once/LOOP_0002_mask.png"), MaskValues.ZeroOr255);
        Assert.Equal(mask.Pixels, File.ReadAllBytes(folder.File("mask")));
    }

    [Fact]
    public void An_interrupted_loop_is_gone_on_with_and_has_the_same_objects_as_one_that_was_not()
    {
        string path = Make("loop.dcm", new MadeFile("MONOCHROME2", Frames: 3) { Extra = "(0018,1063) DS 12.5\n" });
        string[] arguments = ["predict", path, "--output", folder.File("out"), .. LowThreshold];
        (int status, string output, string error) = CommandProcess.Run(arguments);
        Assert.Equal(["0", "12.5", "25"], Times("out/loop_areas.csv"));
        Assert.True(status == ExitStatus.Done, error);
        Assert.Contains("3 of 3 images, 3 of them the frames of a loop, are segmented", output);
        string[] objects = ["loop_overlay.dcm", "loop_seg.dcm", "loop_report.dcm", "loop_areas.csv", "loop_areas.png"];
        Dictionary<string, byte[]> before = objects.ToDictionary(name => name, name => File.ReadAllBytes(folder.File($"out/{name}")));
        File.Delete(folder.File("out/loop_0002.json"));
        Array.ForEach(objects, name => File.Delete(folder.File($"out/{name}")));
        AgedFile kept = new(folder.File("out/loop_0001_mask.png"));

        AssertDone(CommandProcess.Run([.. arguments, "--resume"]));
        Assert.False(kept.IsWrittenAnew);
        Assert.All(objects, name => Assert.Equal(before[name], File.ReadAllBytes(folder.File($"out/{name}"))));
    }

    [Fact]
    public void A_loop_that_is_done_anew_keeps_no_objects_of_its_earlier_findings()
    {
        string path = Make("loop.dcm", new MadeFile("MONOCHROME2", Frames: 3));
        string[] arguments = ["predict", path, "--output", folder.File("out"), "--resume"];
        AssertDone(CommandProcess.Run([.. arguments, "--seg-frames", "2"]));
        AssertDone(CommandProcess.Run([.. arguments, "--no-overlay", .. LowThreshold]));
        Assert.Equal(
            ["loop_report.dcm", "loop_seg.dcm"],
            Directory.GetFiles(folder.File("out"), "*.dcm").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal));
        AssertDone(CommandProcess.Run([.. arguments, .. LowThreshold]));
        AssertDone(CommandProcess.Run(["predict", path, "--output", folder.File("fresh"), .. LowThreshold]));
        Assert.Equal(File.ReadAllBytes(folder.File("fresh/loop_overlay.dcm")), File.ReadAllBytes(folder.File("out/loop_overlay.dcm")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_a_loop_lacks_as_a_whole_costs_no_frame_its_findings(bool isPart)
    {
        string path = Make("loop.dcm", new MadeFile("MONOCHROME2", Frames: 2));
        string[] part = isPart ? ["--part", "1/1"] : [];
        (int status, string output, string error) = CommandProcess.Run(
            ["predict", path, "--output", folder.File("out"), "--seg-frames", "9", .. LowThreshold, .. part]);
        Assert.Equal(ExitStatus.Failed, status);
        Assert.Contains("has frames 1 to 2, and no frame 9 that --seg-frames asks for", error, StringComparison.Ordinal);
        Assert.Contains("2 of 2 images, 2 of them the frames of a loop, are segmented", output, StringComparison.Ordinal);
        string[] rows = File.ReadAllLines(folder.File("out/summary.csv"));
        Assert.EndsWith(",done,", rows[1], StringComparison.Ordinal);
        Assert.EndsWith(",done,\"has frames 1 to 2, and no frame 9 that --seg-frames asks for\"", rows[2], StringComparison.Ordinal);
        Assert.Equal(2, File.ReadAllText(folder.File("out/gallery.html")).Split("<img ").Length - 1);
        Assert.True(File.Exists(folder.File("out/loop_seg.dcm")));
    }

    [Fact]
    public void A_loop_that_is_damaged_since_keeps_no_results_of_an_earlier_run()
    {
        DicomTools.Need("dump2dcm", "dcmcjpeg");
        string path = Make("in/loop.dcm", new MadeFile("MONOCHROME2", Frames: 2));
        DicomTools.Run("dcmcjpeg", "+eb", path, path);
        string[] arguments = ["predict", folder.File("in"), "--output", folder.File("out"), .. LowThreshold];
        AssertDone(CommandProcess.Run(arguments));
        byte[] content = File.ReadAllBytes(path);
        content.AsSpan(content.AsSpan().LastIndexOf((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]), 3).Clear();
        File.WriteAllBytes(path, content);
        Assert.Equal(ExitStatus.Failed, CommandProcess.Run([.. arguments, "--overwrite"]).Status);
        string[] left = [.. Directory.GetFiles(folder.File("out"), "loop*").Select(file => Path.GetFileName(file)).Order()];
        Assert.Equal(["loop_0001.json", "loop_0001_mask.png", "loop_0001_overlay.png"], left);
    }

    [Fact]
    public void A_file_that_nothing_can_refer_to_has_masks_and_a_line()
    {
        string path = Make("image.dcm", new MadeFile("RGB"));
        DicomTools.Need("dcmodify");
        DicomTools.Run("dcmodify", "-q", "-nb", "-ea", "(0020,000d)", path);
        (int status, _, string error) = CommandProcess.Run(["predict", path, "--output", folder.File("out"), .. LowThreshold]);
        Assert.Equal(ExitStatus.Failed, status);
        Assert.Single(error.Split('\n'), line => line.Contains("StudyInstanceUID", StringComparison.Ordinal));
        Assert.True(File.Exists(folder.File("out/image_mask.png")));
        Assert.Empty(Directory.GetFiles(folder.File("out"), "*.dcm*"));
    }

    [Theory]
    [InlineData("(0020,0013)=1.0")]
    [InlineData("(0020,0013)=IM 12")]
    [InlineData("(0028,0008)=0")]
    public void An_instance_number_that_is_none_and_a_count_of_0_frames_cost_no_object(string change)
    {
        string path = Make("image.dcm", new MadeFile("RGB"));
        DicomTools.Need("dcmodify");
        DicomTools.Run("dcmodify", "-q", "-nb", "-i", change, path);
        AssertDone(CommandProcess.Run(["predict", path, "--output", folder.File("out"), .. LowThreshold]));
        Assert.Equal(
            ["image_overlay.dcm", "image_report.dcm", "image_seg.dcm"],
            Directory.GetFiles(folder.File("out"), "*.dcm").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_report_says_where_the_image_is_unlike_others()
    {
        // All of it is below the window, and so black.
        string path = Make("image.dcm", new MadeFile("MONOCHROME2") { Extra = "(0028,1050) DS 1000\n(0028,1051) DS 10\n" });
        AssertDone(CommandProcess.Run(["predict", path, "--output", folder.File("out"), .. LowThreshold]));
        JsonElement findings = JsonDocument.Parse(File.ReadAllText(folder.File("out/image.json"))).RootElement;
        string warning = findings.GetProperty("warnings")[0].GetString()!;
        Assert.StartsWith("100 % of the image is black", warning, StringComparison.Ordinal);
        Assert.Contains(warning, DicomTools.Run("dsrdump", "+Pl", folder.File("out/image_report.dcm")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_video_and_a_frame_that_is_not_there_get_a_line_and_the_rest_goes_on()
    {
        Make("in/loop.dcm", new MadeFile("MONOCHROME2", Frames: 2));
        File.WriteAllText(folder.File("in/clip.mp4"), "");
        (int status, _, string error) =
            CommandProcess.Run(["predict", folder.File("in"), "--output", folder.File("out"), "--seg-frames", "2,9", .. LowThreshold]);
        Assert.Equal(ExitStatus.Failed, status);
        Assert.Single(error.Split('\n'), line =>
            line.Contains("clip.mp4: a video", StringComparison.Ordinal) && line.Contains("ffmpeg", StringComparison.Ordinal));
        Assert.Single(error.Split('\n'), line => line.Contains("no frame 9", StringComparison.Ordinal));
        Assert.True(File.Exists(folder.File("out/loop_seg_0002.dcm")));
    }

    [Fact]
    public void In_one_folder_a_loops_own_overlay_is_no_image()
    {
        Make("in/loop.dcm", new MadeFile("MONOCHROME2", Frames: 2));
        string[] arguments = ["predict", folder.File("in"), "--output", folder.File("in"), .. LowThreshold];
        AssertDone(CommandProcess.Run([.. arguments, "--overwrite"]));
        byte[] overlay = File.ReadAllBytes(folder.File("in/loop_overlay.dcm"));
        string[] files = Directory.GetFiles(folder.File("in"));
        foreach (string option in (string[])["--overwrite", "--resume"])
        {
            AssertDone(CommandProcess.Run([.. arguments, option]));
            Assert.Equal(files.Order(), Directory.GetFiles(folder.File("in")).Order());
            Assert.Equal(overlay, File.ReadAllBytes(folder.File("in/loop_overlay.dcm")));
        }
    }

    [Fact]
    public void In_a_folder_files_are_found_that_are_called_by_their_UID_and_the_table_of_contents_is_passed_over()
    {
        Make("in/US.1.2.276.0.4", new MadeFile("MONOCHROME2"));
        Make("in/scan.ima", new MadeFile("RGB"));
        File.Copy(folder.File("in/scan.ima"), folder.File("in/DICOMDIR"));
        File.WriteAllText(folder.File("in/notes.3"), "no image");
        AssertDone(CommandProcess.Run(["predict", folder.File("in"), "--output", folder.File("out"), .. LowThreshold]));
        IEnumerable<string> found = Directory.GetFiles(folder.File("out"), "*.json").Select(file => Path.GetFileName(file));
        Assert.Equal(["US.1.2.276.0.4.json", "scan.json"], found.Order(StringComparer.Ordinal));
    }

    private static void AssertDone((int Status, string Output, string Error) ran) => Assert.True(ran.Status == ExitStatus.Done, ran.Error);

    private IEnumerable<string> Times(string table) =>
        File.ReadAllLines(folder.File(table)).Skip(1).Select(static row => row.Split(',')[1]);

    private string Make(string name, MadeFile file)
    {
        DicomTools.Need("dump2dcm");
        string path = folder.File(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        file.Write(folder, path);
        return path;
    }
}
