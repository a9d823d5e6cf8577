using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using CMUNeXt.Dicom;
using CMUNeXt.Dicom.Tests;
using CMUNeXt.Drawing.Overlays;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Server.Serving;
using CMUNeXt.Tests;

namespace CMUNeXt.Server.Tests;

/// <summary>Every answer is the library's own result for the same bytes.</summary>
public sealed class SegmentTests
{
    private static readonly JsonSerializerOptions Names = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null, false)]
    [InlineData(0.05, false)]
    [InlineData(0.9, true)]
    [InlineData(null, true, true)]
    public async Task An_answer_is_what_the_library_finds(double? threshold, bool all, bool flips = false)
    {
        await using RunningServer server = await RunningServer.Start(RunningServer.Options with { Flips = flips });
        using Segmenter segmenter = Segmenter.Load(
            Pretrained.BreastUltrasound, new() { Threads = 1, Threshold = threshold, IgnorePresence = all, Flips = flips });
        foreach (byte[] encoded in RunningServer.Phantoms.Select(File.ReadAllBytes).Append(RunningServer.SmallImage(1)))
        {
            Image image = ImageFile.Decode(encoded, "image");
            Segmentation expected = segmenter.Segment(image);
            string query = $"?include=probability,mask,image&all={(all ? "true" : "false")}"
                + (threshold is null ? "" : FormattableString.Invariant($"&threshold={threshold}"));
            using HttpResponseMessage response = await server.Segment(encoded, query);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            JsonObject answer = (await response.Content.ReadFromJsonAsync<JsonObject>(Stop))!;

            Assert.Equal((image.Width, image.Height), ((int)answer["width"]!, (int)answer["height"]!));
            Assert.Equal(threshold ?? Pretrained.BreastUltrasound.Describe().Threshold, (double)answer["threshold"]!);
            Assert.Equal(expected.Presence, (double)answer["presence"]!);
            Assert.Equal(expected.PresenceThreshold?.Score, (double?)answer["presence_threshold"]);
            Assert.Equal(expected.Area, (int)answer["area"]!);
            Assert.Equal(flips ? "mean of flips" : null, (string?)answer["settings"]);
            Assert.Equal(Pretrained.BreastUltrasound.Sha256, (string?)answer["weights_sha256"]);
            Assert.True(JsonNode.DeepEquals(JsonSerializer.SerializeToNode(expected.Lesions, Names), answer["lesions"]));
            Assert.Equal(expected.Mask.Pixels.Select(value => value == 0 ? (byte)0 : (byte)255), Decode(answer, "mask").Pixels);
            Assert.Equal(image.Pixels, Decode(answer, "image").Pixels);

            // The 8-bit probability decides as the probability itself, at each of its thresholds.
            byte[] levels = Decode(answer, "probability").Pixels;
            for (int k = 0; k < 255; k++)
            {
                float decided = (float)((k + 0.5) / 255);
                Assert.Equal(expected.Probabilities[0].Count(p => p > decided), levels.Count(level => level > k));
            }
        }
    }

    [Fact]
    public async Task The_mask_and_the_contours_come_alone_where_they_are_accepted()
    {
        await using RunningServer server = await RunningServer.Start();
        using Segmenter segmenter = Segmenter.Load(Pretrained.BreastUltrasound, new() { Threads = 1 });
        Image image = ImageFile.Load(RunningServer.Phantoms[0]);
        Segmentation expected = segmenter.Segment(image);

        using HttpResponseMessage mask = await Accept("image/png");
        Assert.Equal(ImageFile.EncodePng(expected.Mask, MaskValues.ZeroOr255), await mask.Content.ReadAsByteArrayAsync(Stop));
        using HttpResponseMessage contours = await Accept("image/svg+xml");
        Assert.Equal(ContourSvg.Of(expected.Mask), await contours.Content.ReadAsStringAsync(Stop));
        using HttpResponseMessage all = await server.Segment(File.ReadAllBytes(RunningServer.Phantoms[0]), "?include=svg,overlay");
        JsonObject answer = (await all.Content.ReadFromJsonAsync<JsonObject>(Stop))!;
        Assert.Equal(ContourSvg.Of(expected.Mask), (string?)answer["svg"]);
        OverlayOptions options = new() { Tint = OverlayOptions.UsualTint, Labels = OverlayLabel.Of(expected.Lesions) };
        Assert.Equal(Overlay.Draw(image, null, expected.Mask, options).Pixels, Decode(answer, "overlay").Pixels);

        async Task<HttpResponseMessage> Accept(string type)
        {
            using HttpRequestMessage request = new(HttpMethod.Post, "/api/v1/segment");
            request.Content = new ByteArrayContent(File.ReadAllBytes(RunningServer.Phantoms[0]));
            request.Headers.Accept.ParseAdd(type);
            HttpResponseMessage response = await server.Client.SendAsync(request, Stop);
            Assert.Equal(type, response.Content.Headers.ContentType?.MediaType);
            return response;
        }
    }

    [Fact]
    public async Task An_overlay_says_that_nothing_is_found_and_that_the_image_is_unlike_others()
    {
        ServerOptions options = RunningServer.Options with { Weights = [new("strict", RunningServer.Strict)] };
        await using RunningServer server = await RunningServer.Start(options);
        Image phantom = ImageFile.Load(RunningServer.Phantoms[0]);
        Image white = new(300, 200, 1, [.. Enumerable.Repeat(byte.MaxValue, 300 * 200)]);
        OverlayLabel unlike = new("unlike the images of the training", 0, 0);
        (Image Image, OverlayLabel[] First)[] cases = [(phantom, []), (white, [unlike])];
        foreach ((Image image, OverlayLabel[] first) in cases)
        {
            using HttpResponseMessage response = await server.Segment(ImageFile.EncodePng(image), "?include=overlay");
            JsonObject answer = (await response.Content.ReadFromJsonAsync<JsonObject>(Stop))!;
            OverlayLabel[] labels = [.. first, new("no finding, which is no diagnosis", 0, image.Height)];
            Image expected = Overlay.Draw(image, null, null, new OverlayOptions { Labels = labels });
            Assert.NotEqual(Overlay.Draw(image, null, null).Pixels, expected.Pixels);
            Assert.Equal(expected.Pixels, Decode(answer, "overlay").Pixels);
        }
    }

    [Theory]
    [InlineData("image/png;q=0, application/json", "application/json")]
    [InlineData("application/json, image/png;q=0.1", "application/json")]
    [InlineData("application/json, image/png, image/svg+xml, application/problem+json", "application/json")]
    [InlineData("image/png;q=0.1, */*;q=0.5", "application/json")]
    [InlineData("application/json;q=0.5, image/png;q=0.1, image/svg+xml", "image/svg+xml")]
    [InlineData("text/html, image/png;q=0.8, */*;q=0.1", "image/png")]
    [InlineData("text/html", "application/json")]
    [InlineData("IMAGE/PNG", "image/png")]
    [InlineData("Image/SVG+xml, APPLICATION/json;q=0.5", "image/svg+xml")]
    [InlineData("Application/JSON, image/png;q=0.5", "application/json")]
    public async Task The_type_that_is_preferred_is_answered(string accepted, string type)
    {
        await using RunningServer server = await RunningServer.Start();
        using HttpRequestMessage request = new(HttpMethod.Post, "/api/v1/segment");
        request.Content = new ByteArrayContent(RunningServer.SmallImage(1));
        request.Headers.TryAddWithoutValidation("Accept", accepted);
        using HttpResponseMessage response = await server.Client.SendAsync(request, Stop);
        Assert.Equal((HttpStatusCode.OK, type), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
    }

    [Theory]
    [InlineData(1, 64, 48)]
    [InlineData(3, 64, 48)]
    [InlineData(6, 48, 64)]
    public async Task An_answer_is_of_the_upright_image_and_says_how_the_file_turns_it(int orientation, int width, int height)
    {
        await using RunningServer server = await RunningServer.Start();
        foreach (byte[] encoded in (byte[][])[TurnedImage.Png(orientation), TurnedImage.WebP(orientation)])
        {
            using HttpResponseMessage response = await server.Segment(encoded, "?include=image");
            JsonObject answer = (await response.Content.ReadFromJsonAsync<JsonObject>(Stop))!;
            Assert.Equal((orientation, width, height), ((int)answer["orientation"]!, (int)answer["width"]!, (int)answer["height"]!));
            Image upright = Decode(answer, "image");
            Assert.Equal((width, height), (upright.Width, upright.Height));
        }
    }

    [Fact]
    public async Task A_png_with_its_pixels_size_is_measured()
    {
        await using RunningServer server = await RunningServer.Start();
        using HttpResponseMessage response = await server.Segment(RunningServer.PhantomWithPixelSize);
        JsonObject answer = (await response.Content.ReadFromJsonAsync<JsonObject>(Stop))!;
        Assert.Equal("[0.1,0.2]", answer["mm_per_pixel"]!.ToJsonString());
        Assert.Null(answer["mm_per_pixel_boxes"]);
        Assert.Equal((int)answer["area"]! * 0.02, (double)answer["area_mm2"]!, 9);
        Assert.InRange((double)answer["lesions"]![0]!["long_axis_mm"]!, 1, 100);
    }

    [Fact]
    public async Task Where_nothing_is_found_the_area_is_0_if_the_size_of_a_pixel_is_known()
    {
        ServerOptions options = RunningServer.Options with { Weights = [new("strict", RunningServer.Strict)] };
        await using RunningServer server = await RunningServer.Start(options);
        using HttpResponseMessage measured = await server.Segment(RunningServer.PhantomWithPixelSize);
        JsonObject answer = (await measured.Content.ReadFromJsonAsync<JsonObject>(Stop))!;
        Assert.Empty(answer["lesions"]!.AsArray());
        Assert.Equal(0, (int)answer["area"]!);
        Assert.Equal<double?>(0, (double?)answer["area_mm2"]);
        using HttpResponseMessage unmeasured = await server.Segment(File.ReadAllBytes(RunningServer.Phantoms[0]));
        JsonObject without = (await unmeasured.Content.ReadFromJsonAsync<JsonObject>(Stop))!;
        Assert.Empty(without["lesions"]!.AsArray());
        Assert.False(without.ContainsKey("area_mm2"));
    }

    [Theory]
    [InlineData("US1_UNCI.dcm")]
    [InlineData("made.dcm")]
    public async Task A_dicom_file_of_a_device_or_one_that_is_made_is_segmented(string name)
    {
        using TemporaryFolder folder = new();
        bool isMade = name == "made.dcm";
        string path = isMade ? folder.File(name) : Reference.Path("data", "dicom", name);
        if (isMade)
        {
            new MadeFile("RGB").Write(folder, path);
        }

        await using RunningServer server = await RunningServer.Start();
        using Segmenter segmenter = Segmenter.Load(Pretrained.BreastUltrasound, new() { Threads = 1, IgnorePresence = true });
        using DicomFile file = DicomFile.Open(path);
        Image image = file.OpenImage().ReadFrame(0);
        using HttpResponseMessage response = await server.Segment(File.ReadAllBytes(path), "?include=image&all=true");
        JsonObject answer = (await response.Content.ReadFromJsonAsync<JsonObject>(Stop))!;
        Assert.Equal(image.Pixels, Decode(answer, "image").Pixels);
        Assert.Equal((1, segmenter.Segment(image).Area), ((int)answer["frames"]!, (int)answer["area"]!));
    }

    // Columns 0 to 18 are tissue; of what is beside it the file says nothing, and no lesion is outlined.
    [Fact]
    public async Task The_size_of_a_pixel_comes_with_the_tissue_that_it_is_of()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("beside.dcm");
        new MadeFile("MONOCHROME2") { Extra = MadeFile.Region.Replace("UL 37", "UL 18", StringComparison.Ordinal) }.Write(folder, path);
        await using RunningServer server = await RunningServer.Start();

        // Whatever is outlined, in the tissue or beside it.
        foreach (string threshold in (string[])["0.999999999", "0.000000001"])
        {
            using HttpResponseMessage response = await server.Segment(File.ReadAllBytes(path), $"?threshold={threshold}&all=true");
            JsonObject answer = (await response.Content.ReadFromJsonAsync<JsonObject>(Stop))!;
            Assert.Equal(threshold.StartsWith("0.0", StringComparison.Ordinal), answer["lesions"]!.AsArray().Count > 0);
            Assert.Equal("[0.2,0.3]", answer["mm_per_pixel"]!.ToJsonString());
            Assert.Equal("[[0,0,19,21]]", answer["mm_per_pixel_boxes"]!.ToJsonString());
        }
    }

    [Fact]
    public async Task An_image_that_is_no_ultrasound_is_warned_of()
    {
        await using RunningServer server = await RunningServer.Start();
        using HttpResponseMessage response = await server.Segment(ImageFile.EncodePng(RunningServer.White));
        JsonObject answer = (await response.Content.ReadFromJsonAsync<JsonObject>(Stop))!;
        Assert.NotEmpty(InputCheck.Warnings(RunningServer.White));
        Assert.Equal(InputCheck.Warnings(RunningServer.White), answer["warnings"]!.AsArray().Select(warning => (string)warning!));
    }

    [Fact]
    public async Task A_form_of_images_is_answered_with_one_answer_for_each_under_its_name()
    {
        await using RunningServer server = await RunningServer.Start();
        using Segmenter segmenter = Segmenter.Load(Pretrained.BreastUltrasound, new() { Threads = 1 });
        using MultipartFormDataContent form = [];
        foreach (string path in RunningServer.Phantoms)
        {
            form.Add(new ByteArrayContent(File.ReadAllBytes(path)), "image", Path.GetFileName(path));
        }

        using HttpResponseMessage response = await server.Client.PostAsync("/api/v1/segment", form, Stop);
        JsonArray answers = (await response.Content.ReadFromJsonAsync<JsonArray>(Stop))!;
        Assert.Equal(
            RunningServer.Phantoms.Select(path => (Path.GetFileName(path), segmenter.Segment(ImageFile.Load(path)).Area)),
            answers.Select(answer => ((string)answer!["file"]!, (int)answer["area"]!)));
    }

    [Fact]
    public async Task Requests_at_once_are_not_mixed_up()
    {
        await using RunningServer server = await RunningServer.Start(RunningServer.Options with { Workers = 2, QueueLimit = 64 });
        using Segmenter segmenter = Segmenter.Load(
            Pretrained.BreastUltrasound, new() { Threads = 1, Threshold = 0.02, IgnorePresence = true });
        byte[][] images = [.. Enumerable.Range(0, 40).Select(RunningServer.SmallImage)];
        HttpResponseMessage[] responses = await Task.WhenAll(images.Select(image => server.Segment(image, "?threshold=0.02&all=true")));
        for (int i = 0; i < images.Length; i++)
        {
            Segmentation expected = segmenter.Segment(ImageFile.Decode(images[i], "image"));
            JsonObject answer = (await responses[i].Content.ReadFromJsonAsync<JsonObject>(Stop))!;
            Assert.Equal((expected.Area, expected.Presence), ((int)answer["area"]!, (double)answer["presence"]!));
        }
    }

    private static Image Decode(JsonObject answer, string part) => ImageFile.Decode(Convert.FromBase64String((string)answer[part]!), part);
}
