using System.Text.Json;
using System.Text.Json.Nodes;
using CMUNeXt.Dicom;
using CMUNeXt.Dicom.Tests;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Masks;
using CMUNeXt.Server.Serving;
using CMUNeXt.Tests;
using CMUNeXt.Weights;

namespace CMUNeXt.Server.Tests;

/// <summary>
/// The page in a <see cref="Browser"/>. Screenshots stay in the folder PageTests beside the tests' assembly.
/// </summary>
public sealed class PageTests(Browser browser) : IClassFixture<Browser>
{
    private static readonly string Screenshots = Path.Combine(AppContext.BaseDirectory, "PageTests");

    [Theory]
    [InlineData("example")]
    [InlineData("paste")]
    [InlineData("drop")]
    [InlineData("choosers")]
    [InlineData("order")]
    [InlineData("ranked")]
    [InlineData("removal")]
    [InlineData("turned")]
    [InlineData("broken")]
    [InlineData("keyed")]
    [InlineData("thresholds")]
    [InlineData("brush")]
    [InlineData("size")]
    [InlineData("other")]
    [InlineData("holes")]
    [InlineData("begun")]
    [InlineData("slider")]
    [InlineData("another")]
    [InlineData("eraser")]
    [InlineData("lasso")]
    [InlineData("keyboard")]
    [InlineData("palm")]
    [InlineData("touch")]
    [InlineData("narrow")]
    [InlineData("low")]
    [InlineData("steady")]
    [InlineData("scale")]
    [InlineData("resolution")]
    [InlineData("tissue")]
    [InlineData("pair")]
    [InlineData("folders")]
    [InlineData("warnings")]
    [InlineData("strip")]
    [InlineData("reference")]
    [InlineData("report")]
    [InlineData("reprint")]
    [InlineData("reload")]
    [InlineData("against")]
    [InlineData("insecure")]
    [InlineData("copies")]
    [InlineData("uncommitted")]
    [InlineData("denied")]
    [InlineData("display")]
    [InlineData("deep")]
    [InlineData("crowd")]
    [InlineData("contour")]
    [InlineData("numbered")]
    [InlineData("colors")]
    [InlineData("moving")]
    [InlineData("arrows")]
    [InlineData("fingers")]
    [InlineData("lifted")]
    [InlineData("language")]
    [InlineData("spoken")]
    [InlineData("accessibility")]
    public Task A_person_works_the_page(string scenario) => Work(scenario);

    [Theory]
    [InlineData("US1_UNCI.dcm")]
    [InlineData("OBXXXX1A_rle_2frame.dcm")]
    public Task A_person_opens_a_dicom_file(string name) => Work("dicom", Reference.Path("data", "dicom", name));

    [Fact]
    public Task A_person_corrects_one_frame_and_no_other() => Work("frames", Reference.Path("data", "dicom", "OBXXXX1A_rle_2frame.dcm"));

    [Theory]
    [InlineData("asked")]
    [InlineData("calipers")]
    [InlineData("forgotten")]
    [InlineData("framed")]
    [InlineData("overtaken")]
    public Task A_person_works_on_the_frames_of_a_loop(string scenario) =>
        Work(scenario, Reference.Path("data", "dicom", "OBXXXX1A_rle_2frame.dcm"));

    [Fact]
    public Task A_person_follows_a_lesion_through_a_loop_enlarged() =>
        Work("followed", Reference.Path("data", "dicom", "OBXXXX1A_rle_2frame.dcm"));

    [Fact]
    public Task Images_that_are_called_by_their_uids_keep_their_names_apart() =>
        Work("uids", Reference.Path("data", "dicom", "US1_UNCI.dcm"));

    [Fact]
    public Task A_correction_lasts_through_other_frames_and_weights_where_the_browser_keeps_none()
    {
        ServerOptions both = RunningServer.Options with
        {
            Weights = [new("first", Pretrained.BreastUltrasound), new("second", RunningServer.Strict)],
        };
        return Work("unhashed", Reference.Path("data", "dicom", "OBXXXX1A_rle_2frame.dcm"), both);
    }

    [Fact]
    public async Task A_loop_is_saved_with_every_frame_that_was_corrected()
    {
        string folder = await Work("loop", Reference.Path("data", "dicom", "OBXXXX1A_rle_2frame.dcm"));
        using SavedSession saved = new(Path.Combine(folder, "session.zip"));
        Assert.Equal(["1", "2"], saved.Rows.Select(static row => row["frame"]));
        string[] names = ["image_0001", "image_0002"];
        Assert.All(names.Zip(saved.Rows), pair =>
        {
            (string name, Dictionary<string, string> row) = pair;
            Assert.Equal(("image.dcm", "true"), (row["file"], row["corrected"]));
            Assert.Equal(row["area_px"], $"{saved.MaskOf(name).Area()}");
            Assert.Equal(row["frame"], $"{saved.ContoursOf(name)["frame"]}");
        });
        Assert.NotEqual(saved.MaskOf(names[0]).Pixels, saved.MaskOf(names[1]).Pixels);
        Assert.All(names, (name, frame) => AssertFrame(frame, saved.OverlayOf(name), folder));
    }

    [Fact]
    public async Task All_that_is_saved_is_as_it_was_when_it_was_asked_for()
    {
        const string Name = "image_0001";
        string folder = await Work("meanwhile", Reference.Path("data", "dicom", "OBXXXX1A_rle_2frame.dcm"));
        using SavedSession saved = new(Path.Combine(folder, "session.zip"));
        Dictionary<string, string> row = Assert.Single(saved.Rows);
        Assert.Equal(("1", "true"), (row["frame"], row["corrected"]));
        Mask mask = saved.MaskOf(Name);
        Assert.Equal(row["area_px"], $"{mask.Area()}");
        JsonObject contours = saved.ContoursOf(Name);
        Assert.Equal(1, (int)contours["frame"]!);
        Assert.Equal(mask.Pixels, Fill(contours["contours"]!, mask));
        AssertFrame(0, saved.OverlayOf(Name), folder);
    }

    [Fact]
    public async Task Images_of_the_archive_lead_back_to_it_from_what_is_saved()
    {
        using SavedSession saved = new(Path.Combine(await Work("identified"), "session.zip"));
        string[] identifiers = [Identifier('1'), Identifier('2')];
        Assert.Equal(identifiers, saved.Rows.Select(static row => row["archive_image"]));
        string[] names = [.. saved.Rows.Select(static row => row["file"])];
        Assert.Equal(["2024-01-02 Image 1 11111111", "2024-01-02 Image 1 22222222"], names);
        Assert.Equal(identifiers, names.Select(name => (string?)saved.ContoursOf(name)["archive_image"]));

        static string Identifier(char digit) => string.Join('-', Enumerable.Repeat(new string(digit, 8), 5));
    }

    [Fact]
    public async Task A_mask_is_stored_as_of_the_frame_and_by_the_weights_that_made_it()
    {
        using OrthancServer archive = new();
        archive.Send(Reference.Path("data", "dicom", "OBXXXX1A_rle_2frame.dcm"), "-xr");
        await Work("provenance", options: RunningServer.Options with
        {
            Archive = new Uri(archive.Url),
            Weights = [new("first", Pretrained.BreastUltrasound), new("second", Pretrained.BreastUltrasound)],
        });
    }

    [Fact]
    public async Task A_correction_comes_back_under_the_weights_that_it_was_made_with()
    {
        using OrthancServer archive = new();
        archive.Send(Reference.Path("data", "dicom", "OBXXXX1A_rle_2frame.dcm"), "-xr");
        using TemporaryFolder folder = new();
        string other = folder.File("other.safetensors");
        LoadedWeights weights = Pretrained.BreastUltrasound;
        WeightsFile.Save(other, weights.State, weights.Describe() with { Recipe = "another" });
        await Work("remembered", options: RunningServer.Options with
        {
            Archive = new Uri(archive.Url),
            Weights = [new("first", weights), new("second", WeightsFile.Load(other))],
        });
    }

    [Fact]
    public async Task A_person_opens_studies_of_the_archive_and_stores_a_corrected_mask()
    {
        using OrthancServer archive = new();
        archive.Send(Reference.Path("data", "dicom", "US1_UNCI.dcm"), "-R");
        archive.Send(Reference.Path("data", "dicom", "OBXXXX1A_rle_2frame.dcm"), "-xr");
        await Work("archive", options: RunningServer.Options with { Archive = new Uri(archive.Url) });
        string[] modalities =
            [.. archive.Instances().Values.Select(static tags => tags.GetProperty("Modality").GetString()!).Order(StringComparer.Ordinal)];
        Assert.Equal(["OT", "SEG", "SEG", "SR", "SR", "US", "US"], modalities);
    }

    [Fact]
    public Task What_is_shown_names_the_weights_that_found_it_until_others_have()
    {
        ServerOptions both = RunningServer.Options with
        {
            Weights = [new("first", Pretrained.BreastUltrasound), new("second", Pretrained.BreastUltrasound)],
        };
        return Work("awaited", options: both);
    }

    [Fact]
    public Task A_person_asks_for_what_the_threshold_of_presence_leaves_out()
    {
        ServerOptions both = RunningServer.Options with
        {
            Weights = [new("strict", RunningServer.Strict), new("plain", Pretrained.BreastUltrasound)],
        };
        return Work("presence", options: both);
    }

    [Fact]
    public async Task A_mask_and_an_overlay_are_saved_of_the_image_and_not_of_how_it_is_displayed()
    {
        string folder = await Work("single");
        Image phantom = ImageFile.Load(RunningServer.Phantoms[0]);
        using Segmenter segmenter = Segmenter.Load(Pretrained.BreastUltrasound);
        Mask found = segmenter.Segment(phantom).Mask;
        Mask saved = ImageFile.LoadMask(Path.Combine(folder, "phantom_0001_mask.png"), MaskValues.ZeroOr255);
        Assert.Equal(found.Pixels, saved.Pixels);
        AssertOverlay(found, phantom, ImageFile.Load(Path.Combine(folder, "phantom_0001_overlay.png")), []);
    }

    [Fact]
    public async Task Everything_is_saved_as_the_library_finds_it()
    {
        using SavedSession saved = new(Path.Combine(await Work("save"), "session.zip"));
        Image phantom = ImageFile.Load(RunningServer.Phantoms[0]);
        using Segmenter segmenter = Segmenter.Load(Pretrained.BreastUltrasound);
        Segmentation found = segmenter.Segment(phantom);
        Mask corrected = saved.MaskOf("corrected");
        IReadOnlyList<Lesion> drawn = Lesion.Find(corrected, Array.ConvertAll(corrected.Pixels, static value => (float)value));
        Assert.Equal(found.Lesions.Count + 1, drawn.Count);
        Assert.InRange(corrected.Area() - found.Area, (160 * 160) - 400, (160 * 160) + 400);
        PixelSize size = new(0.1, 0.2);
        SavedImage[] images =
        [
            new("phantom_0001", found.Mask, found.Lesions, found.Presence, null),
            new("measured", found.Mask, found.Lesions, found.Presence, size) { IsReviewed = true },
            new("corrected", corrected, drawn, found.Presence, size) { IsCorrected = true },
        ];
        string[] names =
        [
            "NOTICE.txt",
            "session.csv",
            .. images.SelectMany(static image =>
                new[] { $"{image.Name}_contours.json", $"{image.Name}_mask.png", $"{image.Name}_overlay.png" }),
        ];
        Assert.Equal(names.Order(StringComparer.Ordinal), saved.Names);
        Assert.Equal(images.Length, saved.Rows.Count);
        foreach ((SavedImage image, Dictionary<string, string> row) in images.Zip(saved.Rows))
        {
            Assert.Equal(image.Row, row);
            Assert.Equal(image.Mask.Pixels, saved.MaskOf(image.Name).Pixels);
            AssertContours(image, saved.ContoursOf(image.Name));
            AssertOverlay(image.Mask, phantom, saved.OverlayOf(image.Name), image.Lesions);
        }
    }

    [Fact]
    public async Task A_name_is_no_formula_in_the_table_and_a_number_below_0_stays_one()
    {
        using SavedSession saved = new(Path.Combine(await Work("formula"), "session.zip"));
        Assert.Equal(["'=1+1, \"2\".png", "'-1.png", "'\uff1d1.png"], saved.Rows.Select(static row => row["file"]));
        Assert.All(saved.Rows, static row => Assert.Equal("-1.2500", row["presence"]));
    }

    // Of the loop's two frames the overlay is more like this one.
    private static void AssertFrame(int frame, Image overlay, string folder)
    {
        using DicomFile file = DicomFile.Open(Path.Combine(folder, "images", "image.dcm"));
        DicomImage loop = file.OpenImage();
        Assert.True(Likeness(loop.ReadFrame(frame)) > Likeness(loop.ReadFrame(1 - frame)));

        int Likeness(Image image) => overlay.Pixels.Zip(image.Pixels).Count(static pair => pair.First == pair.Second);
    }

    private static void AssertContours(SavedImage image, JsonObject told)
    {
        Assert.Contains("not a medical device", (string)told["notice"]!, StringComparison.Ordinal);
        Assert.Equal(image.Mask.Pixels, Fill(told["contours"]!, image.Mask));
        told.Remove("notice");
        told.Remove("contours");
        Assert.True(JsonNode.DeepEquals(image.Facts, told), told.ToJsonString());
    }

    // By the even-odd rule: each edge up or down turns over all that lies to its right.
    private static byte[] Fill(JsonNode contours, Mask mask)
    {
        byte[] pixels = new byte[mask.Pixels.Length];
        foreach (int[][] corners in contours.Deserialize<int[][][]>()!)
        {
            for (int i = 0; i < corners.Length; i++)
            {
                (int x, int from, int to) = (corners[i][0], corners[i][1], corners[(i + 1) % corners.Length][1]);
                for (int y = Math.Min(from, to); y < Math.Max(from, to); y++)
                {
                    foreach (ref byte pixel in pixels.AsSpan((y * mask.Width) + x, mask.Width - x))
                    {
                        pixel ^= 1;
                    }
                }
            }
        }

        return pixels;
    }

    // In color on either side of the contour, and the gray image itself a few pixels away; of several lesions each has its number above it.
    private static void AssertOverlay(Mask mask, Image image, Image overlay, IReadOnlyList<Lesion> lesions)
    {
        const int Away = 3;
        Assert.Equal((mask.Width, mask.Height, 3), (overlay.Width, overlay.Height, overlay.Channels));
        bool[] isNear = new bool[mask.Pixels.Length];
        for (int i = 0; i < isNear.Length; i++)
        {
            (int y, int x) = Math.DivRem(i, mask.Width);
            if (!IsBesideContour(mask, x, y))
            {
                continue;
            }

            Assert.True(overlay.Pixels[3 * i] > overlay.Pixels[(3 * i) + 2] + 100, $"no contour at {x}, {y}");
            int left = Math.Max(0, x - Away);
            int right = Math.Min(mask.Width - 1, x + Away);
            for (int row = Math.Max(0, y - Away); row <= Math.Min(mask.Height - 1, y + Away); row++)
            {
                isNear.AsSpan((row * mask.Width) + left, right - left + 1).Fill(true);
            }
        }

        ReadOnlySpan<byte> white = [byte.MaxValue, byte.MaxValue, byte.MaxValue];
        int size = Math.Max(12, (int)Math.Round(mask.Width / 40.0));
        foreach (BoundingBox box in lesions.Count > 1 ? lesions.Select(static lesion => lesion.Box) : [])
        {
            bool isNumbered = false;
            for (int row = box.Y - (2 * size); row < box.Y; row++)
            {
                int left = (row * mask.Width) + box.X + (box.Width / 2) - size;
                isNumbered |= overlay.Pixels.AsSpan(3 * left, 6 * size).IndexOf(white) >= 0;
                isNear.AsSpan(left, 2 * size).Fill(true);
            }

            Assert.True(isNumbered, $"no number above {box}");
        }

        Assert.DoesNotContain(
            Enumerable.Range(0, isNear.Length),
            i => !isNear[i] && overlay.Pixels.AsSpan(3 * i, 3).ContainsAnyExcept(image.Pixels[i]));
    }

    private static bool IsBesideContour(Mask mask, int x, int y)
    {
        int value = At(x, y);
        return At(x - 1, y) != value || At(x + 1, y) != value || At(x, y - 1) != value || At(x, y + 1) != value;

        int At(int column, int row) =>
            column < 0 || row < 0 || column >= mask.Width || row >= mask.Height ? 0 : mask.Pixels[(row * mask.Width) + column];
    }

    private async Task<string> Work(string scenario, string? dicom = null, ServerOptions? options = null)
    {
        Browser.Need();
        string folder = Path.Combine(Screenshots, scenario);
        Directory.CreateDirectory(Path.Combine(folder, "images"));
        foreach (string phantom in RunningServer.Phantoms)
        {
            File.Copy(phantom, Path.Combine(folder, "images", Path.GetFileName(phantom)), overwrite: true);
        }

        using Segmenter segmenter = Segmenter.Load(Pretrained.BreastUltrasound);
        Mask mask = segmenter.Segment(ImageFile.Load(RunningServer.Phantoms[0])).Mask;
        ImageFile.SaveMask(Path.Combine(folder, "mask.png"), mask, MaskValues.ZeroOr255);
        ImageFile.SaveMask(Path.Combine(folder, "images", "phantom_0001_mask.png"), mask, MaskValues.ZeroOr255);
        ImageFile.SavePng(Path.Combine(folder, "images", "white.png"), RunningServer.White);
        File.WriteAllBytes(Path.Combine(folder, "images", "measured.png"), RunningServer.PhantomWithPixelSize);
        foreach (int orientation in (int[])[3, 6])
        {
            File.WriteAllBytes(Path.Combine(folder, "images", $"turned{orientation}.jpg"), TurnedImage.Jpeg(orientation));
            File.WriteAllBytes(Path.Combine(folder, "images", $"turned{orientation}.png"), TurnedImage.Png(orientation));
            File.WriteAllBytes(Path.Combine(folder, "images", $"turned{orientation}.webp"), TurnedImage.WebP(orientation));
        }

        if (dicom is not null)
        {
            File.Copy(dicom, Path.Combine(folder, "images", "image.dcm"), overwrite: true);
        }

        await using RunningServer server = await RunningServer.Start(options);
        await browser.Work(server.Address, scenario, folder);
        return folder;
    }
}
