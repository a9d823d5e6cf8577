using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using CMUNeXt.Dicom.Tests;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Server.Serving;

namespace CMUNeXt.Server.Tests;

/// <summary>What is wrong is refused with problem details of one line, and the server goes on.</summary>
public sealed class RefusalTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Damaged_images_are_refused_and_the_server_goes_on()
    {
        await using RunningServer server = await RunningServer.Start();
        byte[] whole = File.ReadAllBytes(RunningServer.Phantoms[0]);
        Random random = new(7);
        for (int i = 0; i < 300; i++)
        {
            byte[] noise = new byte[random.Next(1, 4000)];
            random.NextBytes(noise);
            byte[] truncated = whole[..random.Next(1, whole.Length - 12)];
            await AssertRefused(await server.Segment(noise), HttpStatusCode.UnprocessableEntity);
            await AssertRefused(await server.Segment(truncated), HttpStatusCode.UnprocessableEntity);
        }

        using HttpResponseMessage good = await server.Segment(whole);
        Assert.Equal(HttpStatusCode.OK, good.StatusCode);
    }

    [Theory]
    [InlineData("?weights=none", HttpStatusCode.NotFound)]
    [InlineData("?weights=../../etc/passwd", HttpStatusCode.NotFound)]
    [InlineData("?threshold=0", HttpStatusCode.BadRequest)]
    [InlineData("?threshold=1", HttpStatusCode.BadRequest)]
    [InlineData("?threshold=NaN", HttpStatusCode.BadRequest)]
    [InlineData("?threshold=a", HttpStatusCode.BadRequest)]
    [InlineData("?threshold=", HttpStatusCode.BadRequest)]
    [InlineData("?threshold=0.5&threshold=0.9", HttpStatusCode.BadRequest)]
    [InlineData("?frame=1.0", HttpStatusCode.BadRequest)]
    [InlineData("?all=1", HttpStatusCode.BadRequest)]
    [InlineData("?all=maybe", HttpStatusCode.BadRequest)]
    [InlineData("?include=everything", HttpStatusCode.BadRequest)]
    [InlineData("?thresh=0.2", HttpStatusCode.BadRequest)]
    public async Task Wrong_parameters_are_refused_in_words(string query, HttpStatusCode status)
    {
        await using RunningServer server = await RunningServer.Start();
        JsonNode problem = await AssertRefused(await server.Segment(RunningServer.SmallImage(1), query), status);
        string? detail = (string?)problem["detail"];
        Assert.NotNull(detail);
        Assert.DoesNotContain("Failed to bind", detail, StringComparison.Ordinal);
    }

    // A much longer one, all of it outlined, took minutes to draw, or the process down.
    [Theory]
    [InlineData(1, 65_536)]
    [InlineData(65_536, 1)]
    public async Task An_image_that_is_too_long_is_refused_and_the_server_goes_on(int width, int height)
    {
        const string Query = "?include=overlay,svg&all=true&threshold=0.0000001";
        await using RunningServer server = await RunningServer.Start();
        byte[] line = ImageFile.EncodePng(new Image(width, height, 1, new byte[width * height]));
        await AssertRefused(await server.Segment(line, Query), HttpStatusCode.UnprocessableEntity);
        byte[] longest = ImageFile.EncodePng(new Image(Math.Min(width, 65_535), Math.Min(height, 65_535), 1, new byte[65_535]));
        Assert.Equal(HttpStatusCode.OK, (await server.Segment(longest, Query)).StatusCode);
    }

    [Fact]
    public async Task Of_a_form_a_bad_part_without_a_name_is_told_by_its_place()
    {
        await using RunningServer server = await RunningServer.Start();
        using MultipartFormDataContent form = new()
        {
            { new ByteArrayContent(RunningServer.SmallImage(1)), "image", "good.png" },
            { new StringContent("hello"), "text" },
        };
        JsonNode problem = await AssertRefused(
            await server.Client.PostAsync("/api/v1/segment", form, Stop), HttpStatusCode.UnprocessableEntity);
        Assert.StartsWith("part 2 of the form: ", (string?)problem["detail"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_image_is_told_that_DICOM_files_are_read_too()
    {
        await using RunningServer server = await RunningServer.Start();
        JsonNode problem = await AssertRefused(await server.Segment("hello"u8.ToArray()), HttpStatusCode.UnprocessableEntity);
        Assert.EndsWith(
            ", and no DICOM file: a bare data set becomes one with \"dcmconv --read-dataset IN OUT\"", (string?)problem["detail"],
            StringComparison.Ordinal);
    }

    // A few kilobytes that become 16 MiB, and one frame of them.
    [Fact]
    public async Task What_a_deflated_file_becomes_is_counted()
    {
        const int Frame = DeflatedFile.Side * DeflatedFile.Side;
        await using RunningServer server = await RunningServer.Start(RunningServer.Options with { BodiesLimit = 4 << 20 });
        byte[] large = DeflatedFile.Write(new byte[64 * Frame]);
        await AssertRefused(await server.Segment(large), HttpStatusCode.RequestEntityTooLarge);
        using MultipartFormDataContent form = new() { { new ByteArrayContent(large), "image", "loop.dcm" } };
        await AssertRefused(await server.Client.PostAsync("/api/v1/segment", form, Stop), HttpStatusCode.RequestEntityTooLarge);
        string tensor = $$"""
            {"inputs":[{"name":"image","datatype":"BYTES","shape":[1],"data":["{{Convert.ToBase64String(large)}}"],
            "parameters": {"content_type":"base64"} }] }
            """;
        using HttpResponseMessage inferred =
            await server.Client.PostAsync("/v2/models/breast-ultrasound-images/infer", new StringContent(tensor), Stop);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, inferred.StatusCode);
        using HttpResponseMessage good = await server.Segment(DeflatedFile.Write(new byte[Frame]));
        Assert.Equal(HttpStatusCode.OK, good.StatusCode);
    }

    [Fact]
    public async Task Bodies_that_are_none_are_refused()
    {
        await using RunningServer server = await RunningServer.Start(
            RunningServer.Options with { BodyLimit = 100_000, ImageLimit = 2, PixelLimit = 3000 });
        await AssertRefused(await server.Segment([]), HttpStatusCode.BadRequest);
        JsonNode large = await AssertRefused(await server.Segment(new byte[100_001]), HttpStatusCode.RequestEntityTooLarge);
        Assert.Contains("cmunext predict", (string)large["detail"]!, StringComparison.Ordinal);
        await AssertRefused(await server.Segment(RunningServer.SmallImage(1)), HttpStatusCode.UnprocessableEntity);
        await AssertRefused(await Send(server, "multipart/form-data; boundary=b", "--b--\r\n"), HttpStatusCode.BadRequest);
        await AssertRefused(await Send(server, "multipart/form-data", "--b--\r\n"), HttpStatusCode.BadRequest);
        await AssertRefused(
            await Send(server, "multipart/form-data; boundary=b", "--b\r\nA: b\r\n\r\nends too early"), HttpStatusCode.BadRequest);
        string part = "--b\r\nContent-Disposition: form-data; name=i; filename=x\r\n\r\nx\r\n";
        await AssertRefused(
            await Send(server, "multipart/form-data; boundary=b", part + part + part + "--b--\r\n"), HttpStatusCode.RequestEntityTooLarge);
        await AssertRefused(await Send(server, "multipart/form-data; boundary=b", part + "--b--\r\n"), HttpStatusCode.UnprocessableEntity);
        using ByteArrayContent zipped = new(RunningServer.SmallImage(1)) { Headers = { ContentEncoding = { "gzip" } } };
        await AssertRefused(await server.Client.PostAsync("/api/v1/segment", zipped, Stop), HttpStatusCode.UnsupportedMediaType);
        await AssertRefused(await server.Client.GetAsync("/api/v1/segment", Stop), HttpStatusCode.MethodNotAllowed);
        await AssertRefused(await server.Client.GetAsync("/api/v2/nothing", Stop), HttpStatusCode.NotFound);
    }

    // What Kestrel does not even take for a request ends the connection, with a 4xx or without.
    [Fact]
    public async Task Requests_that_are_none_leave_the_server_healthy()
    {
        await using RunningServer server = await RunningServer.Start();
        Random random = new(3);
        for (int i = 0; i < 200; i++)
        {
            byte[] noise = new byte[random.Next(1, 2000)];
            random.NextBytes(noise);
            byte[] request = (i % 4) switch
            {
                0 => noise,
                1 => Encoding.ASCII.GetBytes($"GET /{new string('a', 20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                2 => Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: localhost\r\nX: {new string('a', 100_000)}\r\n\r\n"),
                _ => Encoding.ASCII.GetBytes("POST /api/v1/segment HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n"),
            };
            string answer = await Exchange(server.Address, request);
            Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 4", StringComparison.Ordinal), answer);
        }

        using HttpResponseMessage good = await server.Segment(RunningServer.SmallImage(1));
        Assert.Equal(HttpStatusCode.OK, good.StatusCode);
    }

    // It began fast: its mean rate alone would let it stand still for long.
    [Fact]
    public async Task A_body_that_stands_still_is_refused()
    {
        await using RunningServer server = await RunningServer.Start();
        using TcpClient client = new();
        await client.ConnectAsync(server.Address.Host, server.Address.Port, Stop);
        string head = "POST /api/v1/segment HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 1000000\r\n\r\n";
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head + new string('a', 500_000)), Stop);
        using StreamReader reader = new(client.GetStream());
        Assert.StartsWith("HTTP/1.1 408", await reader.ReadLineAsync(Stop), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("[::1]", true)]
    [InlineData("evil.example", false)]
    [InlineData("localhost.evil.example", false)]
    [InlineData("192.168.1.1", false)]
    public async Task Another_hosts_name_is_refused_on_the_loopback_address(string host, bool accepted)
    {
        await using RunningServer server = await RunningServer.Start();
        using HttpRequestMessage request = new(HttpMethod.Get, "/api/v1/weights") { Headers = { Host = host } };
        using HttpResponseMessage response = await server.Client.SendAsync(request, Stop);
        Assert.Equal(accepted ? HttpStatusCode.OK : HttpStatusCode.MisdirectedRequest, response.StatusCode);
        string body = await response.Content.ReadAsStringAsync(Stop);
        Assert.Equal(!accepted, body.Contains("is asked as localhost", StringComparison.Ordinal));

        // Whatever the answer is.
        Assert.Equal(["nosniff"], response.Headers.GetValues("X-Content-Type-Options"));
        Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
    }

    [Theory]
    [InlineData("/api/v1/weights", "cross-site", "cors", "https://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("/api/v1/weights", "same-site", "cors", "http://localhost:3000", HttpStatusCode.Forbidden)]
    [InlineData("/api/v1/weights", "cross-site", "navigate", null, HttpStatusCode.Forbidden)]
    [InlineData("/api/v1/weights", null, null, "https://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("/api/v1/weights", null, null, "null", HttpStatusCode.Forbidden)]
    [InlineData("/", "cross-site", "no-cors", null, HttpStatusCode.Forbidden)]
    [InlineData("/", "cross-site", "navigate", null, HttpStatusCode.OK)]
    [InlineData("/", "none", "navigate", null, HttpStatusCode.OK)]
    [InlineData("/api/v1/weights", "same-origin", "cors", "https://behind.a.proxy", HttpStatusCode.OK)]
    [InlineData("/api/v1/weights", null, null, "http://127.0.0.1:5080", HttpStatusCode.OK)]
    [InlineData("/api/v1/weights", null, null, "http://[::1]:5080", HttpStatusCode.OK)]
    [InlineData("/api/v1/weights", null, null, null, HttpStatusCode.OK)]
    public async Task What_a_page_elsewhere_sends_is_refused(string path, string? site, string? mode, string? origin, HttpStatusCode status)
    {
        await using RunningServer server = await RunningServer.Start();
        using HttpResponseMessage response = await Ask(
            server, path, ("Sec-Fetch-Site", site), ("Sec-Fetch-Mode", mode), ("Origin", origin));
        Assert.Equal(status, response.StatusCode);
    }

    [Fact]
    public async Task What_a_form_elsewhere_sends_is_refused()
    {
        await using RunningServer server = await RunningServer.Start();
        using HttpRequestMessage request = new(HttpMethod.Post, "/api/v1/segment")
        {
            Content = new ByteArrayContent(RunningServer.SmallImage(1)),
            Headers = { { "Sec-Fetch-Site", "cross-site" }, { "Sec-Fetch-Mode", "navigate" } },
        };
        await AssertRefused(await server.Client.SendAsync(request, Stop), HttpStatusCode.Forbidden);
    }

    // A browser says no site where the page came without TLS.
    [Fact]
    public async Task Behind_a_proxy_the_pages_own_origin_is_the_host_that_the_proxy_was_asked_for()
    {
        await using RunningServer server = await RunningServer.Start();
        (string, string?) origin = ("Origin", "http://proxy.example:8080");
        using HttpResponseMessage own = await Ask(server, "/api/v1/weights", origin, ("X-Forwarded-Host", "proxy.example:8080"));
        Assert.Equal(HttpStatusCode.OK, own.StatusCode);
        using HttpResponseMessage two = await Ask(
            server, "/api/v1/weights", origin, ("X-Forwarded-Host", "proxy.example:8080, inner.example"));
        Assert.Equal(HttpStatusCode.OK, two.StatusCode);
        await AssertRefused(
            await Ask(server, "/api/v1/weights", origin, ("X-Forwarded-Host", "other.example")), HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task A_program_that_shows_a_key_may_name_any_origin()
    {
        const string Key = "a key of some length";
        await using RunningServer server = await RunningServer.Start(RunningServer.Options with { ApiKeys = [Key] });
        using HttpResponseMessage response = await Ask(
            server, "/api/v1/weights", ("Origin", "https://clinic.example"), ("X-API-Key", Key));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        using HttpResponseMessage ofBrowser = await Ask(server, "/api/v1/weights", ("Sec-Fetch-Site", "same-site"), ("X-API-Key", Key));
        Assert.Equal(HttpStatusCode.OK, ofBrowser.StatusCode);
    }

    // A key that is missing in a configuration would otherwise let everybody in.
    [Theory]
    [InlineData("")]
    [InlineData("short")]
    [InlineData("                    ")]
    [InlineData("a key \u201cof some length\u201d")]
    public async Task A_key_that_is_none_is_refused(string key)
    {
        ArgumentException e = await Assert.ThrowsAsync<ArgumentException>(
            () => RunningServer.Start(RunningServer.Options with { ApiKeys = ["a key of some length", key] }));
        Assert.Contains("at least 16 characters", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_keys_a_request_has_to_show_one()
    {
        await using RunningServer server = await RunningServer.Start(
            RunningServer.Options with { ApiKeys = ["first key of some length", "second key of some length"] });
        foreach (string path in new[] { "/api/v1/weights", "/metrics", "/nothing" })
        {
            await AssertRefused(await server.Client.GetAsync(path, Stop), HttpStatusCode.Unauthorized);
        }

        await AssertRefused(await server.Segment(RunningServer.SmallImage(1)), HttpStatusCode.Unauthorized);
        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("/", Stop)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("/health/live", Stop)).StatusCode);
        foreach ((string name, string value, HttpStatusCode status) in new[]
        {
            ("Authorization", "Bearer second key of some length", HttpStatusCode.OK),
            ("X-API-Key", "first key of some length", HttpStatusCode.OK),
            ("Authorization", "Bearer third key of some length", HttpStatusCode.Unauthorized),
            ("Authorization", "Basic first key of some length", HttpStatusCode.Unauthorized),
            ("X-API-Key", "first key of some lengt", HttpStatusCode.Unauthorized), ("X-API-Key", "", HttpStatusCode.Unauthorized),
        })
        {
            using HttpRequestMessage request = new(HttpMethod.Get, "/api/v1/weights");
            request.Headers.TryAddWithoutValidation(name, value);
            using HttpResponseMessage response = await server.Client.SendAsync(request, Stop);
            Assert.Equal(status, response.StatusCode);
            Assert.Equal(status == HttpStatusCode.Unauthorized, response.Headers.WwwAuthenticate.ToString() == "Bearer");
        }
    }

    [Theory]
    [InlineData("0.0.0.0", "an API key is needed")]
    [InlineData("example.org", "an API key is needed")]
    public async Task Other_machines_are_not_listened_to_without_a_key(string host, string message)
    {
        ArgumentException refusal = await Assert.ThrowsAsync<ArgumentException>(
            () => SegmentationServer.Start(RunningServer.Options with { Host = host }, Stop));
        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_a_plain_failure()
    {
        await using RunningServer server = await RunningServer.Start();
        await Assert.ThrowsAnyAsync<IOException>(
            () => SegmentationServer.Start(RunningServer.Options with { Host = "127.0.0.1", Port = server.Address.Port }, Stop));
    }

    [Fact]
    public async Task Answers_that_take_too_much_memory_are_refused()
    {
        await using RunningServer server = await RunningServer.Start(RunningServer.Options with { BodiesLimit = 40_000 });
        foreach ((string query, HttpStatusCode status) in new[]
        {
            ("", HttpStatusCode.OK), ("?include=image,overlay,probability", HttpStatusCode.RequestEntityTooLarge),
        })
        {
            using MultipartFormDataContent form = [];
            for (int i = 0; i < 4; i++)
            {
                form.Add(new ByteArrayContent(RunningServer.SmallImage(i)), "image", $"{i}.png");
            }

            using HttpResponseMessage response = await server.Client.PostAsync($"/api/v1/segment{query}", form, Stop);
            Assert.Equal(status, response.StatusCode);
        }
    }

    [Theory]
    [InlineData(40_000_000, 320_000_000)]
    [InlineData(300_000_000, 2_147_483_584)]
    [InlineData(long.MaxValue, 2_147_483_584)]
    public void A_large_limit_of_pixels_is_no_small_one_of_bytes(long pixels, int bytes) =>
        Assert.Equal(bytes, ReceivedImage.LimitsFor(pixels).InflatedBytes);

    private static async Task<JsonNode> AssertRefused(HttpResponseMessage response, HttpStatusCode status)
    {
        using (response)
        {
            string text = await response.Content.ReadAsStringAsync(Stop);
            Assert.True(status == response.StatusCode, $"{response.StatusCode}: {text}");
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
            JsonNode problem = JsonNode.Parse(text)!;
            Assert.Equal((int)status, (int)problem["status"]!);
            Assert.Equal((string?)problem["detail"] ?? (string?)problem["title"], (string?)problem["error"]);
            Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
            return problem;
        }
    }

    private static async Task<HttpResponseMessage> Ask(RunningServer server, string path, params (string Name, string? Value)[] headers)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, path);
        foreach ((string name, string? value) in headers.Where(static header => header.Value is not null))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await server.Client.SendAsync(request, Stop);
    }

    private static Task<HttpResponseMessage> Send(RunningServer server, string type, string body)
    {
        ByteArrayContent content = new(Encoding.ASCII.GetBytes(body));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        return server.Client.PostAsync("/api/v1/segment", content, Stop);
    }

    private static async Task<string> Exchange(Uri address, byte[] request)
    {
        using TcpClient client = new();
        await client.ConnectAsync(address.Host, address.Port, Stop);
        using StreamReader reader = new(client.GetStream(), Encoding.Latin1);
        try
        {
            await client.GetStream().WriteAsync(request, Stop);
            client.Client.Shutdown(SocketShutdown.Send);
            return await reader.ReadToEndAsync(Stop);
        }
        catch (IOException)
        {
            return "";
        }
    }
}
