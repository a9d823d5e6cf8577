using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CMUNeXt.Dicom;
using CMUNeXt.Dicom.Orthanc;
using CMUNeXt.Dicom.Tests;
using CMUNeXt.Dicom.Tests.Orthanc;
using CMUNeXt.Drawing.Overlays;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Masks;
using CMUNeXt.Tests;

namespace CMUNeXt.Server.Tests;

/// <summary>Studies of a real Orthanc: found, their images segmented, masks stored beside them.</summary>
public sealed class ArchiveTests : IDisposable
{
    private const string NoSuchImage = "00000000-00000000-00000000-00000000-00000000";

    private readonly TemporaryFolder folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Studies_are_found_by_a_part_of_name_or_identifier_and_show_no_results_of_ours()
    {
        using OrthancServer archive = new();
        Send(archive, "examples_ybr_color.dcm", "US1_UNCI.dcm", "gdcm-US-ALOKA-16.dcm");
        await using RunningServer server = await Serve(archive);
        Assert.Equal(archive.Url + "/", (string)(await Get(server, ""))["address"]!);
        JsonArray all = (await Get(server, "/studies"))["studies"]!.AsArray();
        Assert.Equal(3, all.Count);
        string[] dates = [.. all.Select(static study => (string)study!["date"]!)];
        Assert.Equal(dates.OrderDescending(StringComparer.Ordinal), dates);
        using (OrthancArchive studies = new(new Uri(archive.Url)))
        {
            Assert.Equal(dates[0], Assert.Single(await studies.FindStudiesAsync("", 1, Stop)).Date);
        }

        JsonNode first = all.First(static study => (string)study!["patient_id"]! == "204")!;
        foreach (string search in (string[])["204", "pla"])
        {
            JsonNode found = await Get(server, $"/studies?search={search}");
            Assert.Equal((string)first["id"]!, (string)Assert.Single(found["studies"]!.AsArray())!["id"]!);
            Assert.True((bool)found["are_all"]!);
        }

        Assert.Empty((await Get(server, "/studies?search=nobody*%5C"))["studies"]!.AsArray());
        JsonNode image = Assert.Single(await Images(server, first))!;
        Assert.Equal(30, (int)image["frames"]!);

        await Store(server, (string)image["id"]!, Square(320, 240), "&frame=7");
        Assert.Single(await Images(server, first));
    }

    [Fact]
    public async Task An_image_is_segmented_as_its_file_is_and_each_frame_as_the_library_does()
    {
        using OrthancServer archive = new();
        Send(archive, "US1_UNCI.dcm", "OBXXXX1A_rle_2frame.dcm");
        await using RunningServer server = await Serve(archive);
        foreach (string id in archive.Instances().Keys)
        {
            archive.Fetch(id, folder.File("image.dcm"));
            using DicomFile file = DicomFile.Open(folder.File("image.dcm"));
            DicomImage image = file.OpenImage();
            for (int frame = 1; frame <= image.FrameCount; frame++)
            {
                string query = $"?include=probability,mask&frame={frame}";
                JsonNode found = await Answer(await server.Client.PostAsync($"/api/v1/archive/images/{id}/segment{query}", null, Stop));
                JsonNode sent = await Answer(await server.Segment(File.ReadAllBytes(file.Name), query));
                Assert.Equal(Plain(sent), Plain(found));
                using Segmenter segmenter = Segmenter.Load(Pretrained.BreastUltrasound, new() { Threads = 1 });
                Segmentation expected = segmenter.Segment(image.ReadFrame(frame - 1));
                Assert.Equal((frame, image.FrameCount), ((int)found["frame"]!, (int)found["frames"]!));
                Assert.Equal(expected.Area, (int)found["area"]!);
            }
        }
    }

    [Fact]
    public async Task A_corrected_mask_comes_into_its_study_once_and_bit_for_bit()
    {
        using OrthancServer archive = new();
        Send(archive, "US1_UNCI.dcm");
        await using RunningServer server = await Serve(archive);
        (string source, JsonElement tags) = Assert.Single(archive.Instances());
        (int width, int height) = SizeOf(tags);
        byte[] mask = Square(width, height);
        for (int again = 0; again < 2; again++)
        {
            JsonNode answer = await Answer(await Store(server, source, mask, "&corrected=true"));
            Assert.Equal(3, answer["stored"]!.AsArray().Count);
        }

        IReadOnlyDictionary<string, JsonElement> instances = archive.Instances();
        Assert.Equal(4, instances.Count);
        archive.Fetch(source, folder.File("source.dcm"));
        foreach ((string id, JsonElement stored) in instances.Where(one => one.Key != source))
        {
            Assert.Equal(tags.GetProperty("StudyInstanceUID").GetString(), stored.GetProperty("StudyInstanceUID").GetString());
            archive.Fetch(id, folder.File("result.dcm"));
            DicomTools.AssertValid(folder.File("result.dcm"), folder.File("source.dcm"));
            if (stored.GetProperty("Modality").GetString() == "SEG")
            {
                Assert.Equal(
                    "SEMIAUTOMATIC", stored.GetProperty("SegmentSequence")[0].GetProperty("SegmentAlgorithmType").GetString());
                Python.Pydicom.Run("segmentation.py", folder.File("result.dcm"), folder.File("mask"));
                byte[] expected = Array.ConvertAll(ImageFile.DecodeGray(mask, "mask").Pixels, static value => (byte)(value / 255));
                Assert.Equal(expected, File.ReadAllBytes(folder.File("mask")));
            }
        }

        // One that was outlined against the presence threshold says so, and is another object.
        await Answer(await Store(server, source, mask, "&corrected=true&all=true"));
        Assert.Equal(7, archive.Instances().Count);
    }

    [Fact]
    public async Task Masks_of_a_series_are_a_series_of_each_kind_that_says_what_a_person_has_done()
    {
        DicomTools.Need("dump2dcm");
        using OrthancServer archive = new();
        foreach (string uid in (string[])["1.2.3.4.5", "1.2.3.4.6"])
        {
            new MadeFile("MONOCHROME2") { InstanceUid = uid }.Write(folder, folder.File("image.dcm"));
            archive.Send(folder.File("image.dcm"));
        }

        await using RunningServer server = await Serve(archive);
        string[] images = [.. archive.Instances().Keys];
        byte[][] masks = [Square(MadeFile.Width, MadeFile.Height), Specks(MadeFile.Width, MadeFile.Height, 3)];
        foreach (string query in (string[])["", "&corrected=true"])
        {
            foreach ((string image, byte[] mask) in images.Zip(masks))
            {
                await Answer(await Store(server, image, mask, query));
            }
        }

        JsonElement[] stored = [.. archive.Instances().Where(one => !images.Contains(one.Key)).Select(static one => one.Value)];
        IGrouping<string, string>[] series =
        [
            .. stored.GroupBy(
                static one => one.GetProperty("SeriesInstanceUID").GetString()!,
                static one => one.GetProperty("SeriesDescription").GetString()!),
        ];
        Assert.All(series, static one => Assert.Equal(2, one.Count()));
        Assert.Equal(
            [
                "Lesion contours corrected by a person, not for diagnosis", "Lesion contours seen by a person, not for diagnosis",
                "Lesion masks corrected by a person, not for diagnosis", "Lesion masks seen by a person, not for diagnosis",
                "Lesion measurements corrected by a person, not for diagnosis", "Lesion measurements seen by a person, not for diagnosis",
            ],
            series.Select(static one => Assert.Single(one.Distinct())).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Of_two_masks_of_an_image_each_says_when_it_was_stored_and_the_first_stays_as_it_was()
    {
        using OrthancServer archive = new();
        Send(archive, "US1_UNCI.dcm");
        await using RunningServer server = await Serve(archive);
        (string source, JsonElement tags) = Assert.Single(archive.Instances());
        (int width, int height) = SizeOf(tags);
        await Answer(await Store(server, source, Square(width, height), "&corrected=true"));
        Dictionary<string, string> earlier = Times();
        await Answer(await Store(server, source, Specks(width, height, 3), "&corrected=true"));
        await Answer(await Store(server, source, Square(width, height), "&corrected=true"));
        Dictionary<string, string> all = Times();
        Assert.Equal((3, 6), (earlier.Count, all.Count));
        Assert.All(earlier, one => Assert.Equal(one.Value, all[one.Key]));

        // Segmentation, report and overlay of a mask have one time.
        Assert.Equal(2, all.Values.Distinct().Count());

        Dictionary<string, string> Times() => archive.Instances().Where(one => one.Key != source).ToDictionary(
            static one => one.Key,
            static one => $"{one.Value.GetProperty("ContentDate")} {one.Value.GetProperty("ContentTime")}");
    }

    [Theory]
    [InlineData(1, "mask")]
    [InlineData(3, "overlay")]
    public async Task Where_the_archive_refuses_one_object_it_has_the_others_and_the_answer_says_which_is_missing(int place, string name)
    {
        const string Request = "POST /instances";
        new MadeFile("MONOCHROME2").Write(folder, folder.File("image.dcm"));
        using FaultyArchive archive = new(File.ReadAllBytes(folder.File("image.dcm")));
        archive.Fault = request => request is Request && archive.Count(Request) == place ? 500 : 0;
        await using RunningServer server = await RunningServer.Start(RunningServer.Options with { Archive = new Uri(archive.Url) });
        await AssertRefused(
            502, await Store(server, NoSuchImage, Square(MadeFile.Width, MadeFile.Height), ""),
            $"The archive refuses the {name} (Not implemented yet: Cannot transcode to one of [ ]); the rest is stored.");
        Assert.Equal(3, archive.Count(Request));
    }

    [Fact]
    public async Task What_stays_in_the_temporary_folder_after_a_kill_goes_when_the_server_starts()
    {
        string left = Directory.CreateTempSubdirectory("cmunext-mask-").FullName;
        File.WriteAllText(Path.Combine(left, "mask.dcm.part"), "of a patient");
        File.WriteAllText(Path.Combine(left, "cmunext.held"), "\u0001");
        await using RunningServer server = await RunningServer.Start(
            RunningServer.Options with { Archive = new Uri("http://localhost:1") });
        Assert.False(Directory.Exists(left));
    }

    [Fact]
    public async Task What_is_stored_says_that_the_image_is_unlike_others_and_that_nothing_is_outlined()
    {
        using OrthancServer archive = new();
        Send(archive, "US1_UNCI.dcm");
        await using RunningServer server = await Serve(archive);
        (string source, JsonElement tags) = Assert.Single(archive.Instances());
        (int width, int height) = SizeOf(tags);
        byte[] empty = ImageFile.EncodePng(new Mask(width, height, new byte[width * height]), MaskValues.ZeroOr255);
        await Answer(await Store(server, source, empty, "&corrected=true"));
        Dictionary<string, byte[]> files = [];
        foreach ((string id, JsonElement stored) in archive.Instances())
        {
            archive.Fetch(id, folder.File("file.dcm"));
            files[stored.GetProperty("Modality").GetString()!] = File.ReadAllBytes(folder.File("file.dcm"));
        }

        using DicomFile image = DicomFile.Parse(files["US"], "image");
        Image pixels = image.OpenImage().ReadFrame(0);
        string warning = InputCheck.Warnings(pixels)[0];
        Assert.Contains(warning, Encoding.Latin1.GetString(files["SR"]), StringComparison.Ordinal);
        OverlayLabel[] labels =
            [new("unlike the images of the training", 0, 0), new("no finding, which is no diagnosis", 0, height)];
        using DicomFile overlay = DicomFile.Parse(files["OT"], "overlay");
        Assert.Equal(
            Overlay.Draw(pixels, null, null, new OverlayOptions { Labels = labels }).Pixels, overlay.OpenImage().ReadFrame(0).Pixels);
    }

    [Fact]
    public async Task What_cannot_be_is_refused_in_words()
    {
        await using RunningServer none = await RunningServer.Start();
        Assert.Null((await Get(none, ""))["address"]);
        await AssertRefused(404, await none.Client.GetAsync("/api/v1/archive/studies", Stop), "--orthanc");
        await using RunningServer away = await RunningServer.Start(RunningServer.Options with { Archive = new Uri("http://localhost:1") });
        await AssertRefused(502, await away.Client.GetAsync("/api/v1/archive/studies", Stop), "does not answer");

        using OrthancServer archive = new();
        Send(archive, "US1_UNCI.dcm");
        (string image, JsonElement tags) = Assert.Single(archive.Instances());
        (int width, int height) = SizeOf(tags);
        await using RunningServer server = await Serve(archive);
        string path = $"/api/v1/archive/images/{image}";
        await AssertRefused(404, await server.Client.GetAsync("/api/v1/archive/studies/..%2F..%2Fsystem/images", Stop), "identifier");
        await AssertRefused(404, await server.Client.GetAsync($"/api/v1/archive/studies/{NoSuchImage}/images", Stop), "identifier");
        await AssertRefused(404, await Store(server, NoSuchImage, [1], ""), "identifier");
        await AssertRefused(400, await server.Client.PostAsync($"{path}/segment?frame=2", null, Stop), "from 1 to 1, not 2");
        await AssertRefused(400, await server.Client.GetAsync("/api/v1/archive/studies?name=Doe", Stop), "there is search");
        await AssertRefused(400, await server.Client.PostAsync($"{path}/segment?corrected=true", null, Stop), "no parameter 'corrected'");
        await AssertRefused(415, await server.Client.PostAsync($"{path}/mask", new StringContent("mask"), Stop), "image/png");
        await AssertRefused(422, await Store(server, image, Square(10, 10), ""), "10 x 10");
        await AssertRefused(422, await Store(server, image, [1, 2, 3], ""), "the mask");
        await AssertRefused(422, await Store(server, image, [1, 2, 3], "", "Image/PNG;name=mask"), "the mask");
        await AssertRefused(422, await Store(server, image, Specks(width, height, 1001), ""), "1001 lesions");
        Assert.Single(archive.Instances());
    }

    [Theory]
    [InlineData("<html>Please log in.</html>")]
    [InlineData("{}")]
    [InlineData("""[{"ID":null}]""")]
    public async Task What_is_no_orthanc_is_told_of(string answer)
    {
        using FakeArchive proxy = new(_ => Encoding.UTF8.GetBytes(answer));
        await using RunningServer server = await RunningServer.Start(RunningServer.Options with { Archive = proxy.Address });
        await AssertRefused(502, await server.Client.GetAsync("/api/v1/archive/studies", Stop), "is no Orthanc");
        await AssertRefused(502, await server.Client.GetAsync($"/api/v1/archive/studies/{NoSuchImage}/images", Stop), "is no Orthanc");
        File.WriteAllBytes(folder.File("file.dcm"), [1]);
        using OrthancArchive archive = new(proxy.Address);
        await Assert.ThrowsAsync<HttpRequestException>(() => archive.StoreAsync(folder.File("file.dcm"), Stop));
    }

    [Fact]
    public async Task A_damaged_image_of_the_archive_counts_as_failed()
    {
        using FakeArchive archive = new(static _ => new byte[1024]);
        await using RunningServer server = await RunningServer.Start(RunningServer.Options with { Archive = archive.Address });
        string path = $"/api/v1/archive/images/{NoSuchImage}/segment";
        await AssertRefused(422, await server.Client.PostAsync(path, null, Stop), "no DICOM file");
        Assert.Contains(
            "\ncmunext_images_failed_total 1\n", await server.Client.GetStringAsync("/metrics", Stop), StringComparison.Ordinal);
    }

    private static async Task AssertRefused(int status, HttpResponseMessage response, string words)
    {
        Assert.Equal((HttpStatusCode)status, response.StatusCode);
        Assert.Contains(words, (string)(await Answer(response))["error"]!, StringComparison.Ordinal);
    }

    private static void Send(OrthancServer archive, params string[] names)
    {
        foreach (string name in names)
        {
            string[] options = name switch
            {
                "OBXXXX1A_rle_2frame.dcm" => ["-xr"],
                "examples_ybr_color.dcm" => ["-xy"],
                _ => ["-R"],
            };
            archive.Send(Reference.Path("data", "dicom", name), options);
        }
    }

    private static Task<RunningServer> Serve(OrthancServer archive) =>
        RunningServer.Start(RunningServer.Options with { Archive = new Uri(archive.Url) });

    private static async Task<JsonNode> Get(RunningServer server, string path) =>
        (await server.Client.GetFromJsonAsync<JsonNode>($"/api/v1/archive{path}", Stop))!;

    private static async Task<JsonArray> Images(RunningServer server, JsonNode study) =>
        (await Get(server, $"/studies/{(string)study["id"]!}/images"))["images"]!.AsArray();

    private static async Task<JsonNode> Answer(HttpResponseMessage response) =>
        (await response.Content.ReadFromJsonAsync<JsonNode>(Stop))!;

    private static Task<HttpResponseMessage> Store(
        RunningServer server, string image, byte[] mask, string query, string type = "image/png")
    {
        ByteArrayContent content = new(mask) { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } };
        return server.Client.PostAsync($"/api/v1/archive/images/{image}/mask?threshold=0.5{query}", content, Stop);
    }

    // All but the times.
    private static string Plain(JsonNode answer)
    {
        answer.AsObject().Remove("milliseconds");
        answer.AsObject().Remove("file");
        return answer.ToJsonString();
    }

    private static (int Width, int Height) SizeOf(JsonElement tags) => (
        int.Parse(tags.GetProperty("Columns").GetString()!, CultureInfo.InvariantCulture),
        int.Parse(tags.GetProperty("Rows").GetString()!, CultureInfo.InvariantCulture));

    // Single pixels, each with a gap around it.
    private static byte[] Specks(int width, int height, int count)
    {
        byte[] pixels = new byte[width * height];
        int each = width / 2;
        for (int i = 0; i < count; i++)
        {
            pixels[(2 * (i / each) * width) + (2 * (i % each))] = 1;
        }

        return ImageFile.EncodePng(new Mask(width, height, pixels), MaskValues.ZeroOr255);
    }

    private static byte[] Square(int width, int height)
    {
        byte[] pixels = new byte[width * height];
        for (int y = height / 4; y < height / 2; y++)
        {
            pixels.AsSpan((y * width) + (width / 4), width / 4).Fill(1);
        }

        return ImageFile.EncodePng(new Mask(width, height, pixels), MaskValues.ZeroOr255);
    }
}
