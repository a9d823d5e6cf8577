using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CMUNeXt.Server.Serving;
using CMUNeXt.Tests;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace CMUNeXt.Server.Tests;

/// <summary>A server as a whole: overload, metrics, description, stop.</summary>
public sealed partial class ServingTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("*/*")]
    [InlineData("image/png")]
    public async Task Overload_is_refused_with_429_and_the_rest_is_answered(string accepted)
    {
        await using WebApplication app = await SegmentationServer.Listen(
            RunningServer.Options with { Workers = 1, QueueLimit = 2 }, like: null, Stop);
        SegmentationQueue queue = app.Services.GetRequiredService<SegmentationQueue>();
        Uri address = new(app.Urls.First());
        using HttpClient client = new() { BaseAddress = address };
        client.DefaultRequestHeaders.Accept.ParseAdd(accepted);

        // The only worker is held, so that the queue fills up however slow the clients are.
        using ManualResetEventSlim open = new();
        TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<int> held = queue.Run(1, stop => Hold(begun, open, stop), Stop);
        Task<HttpResponseMessage>[] waiting;
        try
        {
            await begun.Task;
            waiting = [Segment(), Segment()];
            Wait.Until("full queue", () => queue.RefuseIfFull() is not null);
            using HttpResponseMessage refused = await Segment();
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
            Assert.Equal("application/problem+json", refused.Content.Headers.ContentType?.MediaType);

            // Three images of 50 ms each, which is what a first one is taken for; the header has whole seconds, and never 0.
            JsonNode problem = (await refused.Content.ReadFromJsonAsync<JsonNode>(Stop))!;
            Assert.Equal(0.15, (double)problem["retry_after_seconds"]!);
            Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter?.Delta);
            Assert.Contains("Retry-After", (string)problem["error"]!, StringComparison.Ordinal);

            // Before its body is read: none comes here.
            foreach (string path in (string[])["/api/v1/segment", "/v2/models/breast-ultrasound/infer"])
            {
                Assert.StartsWith("HTTP/1.1 429 ", await AnswerToHead(address, path), StringComparison.Ordinal);
            }
        }
        finally
        {
            open.Set();
        }

        Assert.All(await Task.WhenAll(waiting), static answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        Assert.Equal(HttpStatusCode.OK, (await Segment()).StatusCode);
        await held;
        await app.StopAsync(Stop);

        Task<HttpResponseMessage> Segment() =>
            client.PostAsync("/api/v1/segment", new ByteArrayContent(RunningServer.SmallImage(1)), Stop);
    }

    [Fact]
    public async Task Bodies_that_together_take_too_much_memory_are_refused_until_there_is_room()
    {
        const int Length = 700_000;
        await using RunningServer server = await RunningServer.Start(RunningServer.Options with { BodiesLimit = 1 << 20 });
        using TcpClient slow = new(server.Address.Host, server.Address.Port);
        await using NetworkStream stream = slow.GetStream();
        string head = $"POST /api/v1/segment HTTP/1.1\r\nHost: localhost\r\nContent-Length: {Length}\r\n\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head), Stop);
        await stream.WriteAsync(new byte[Length - 1], Stop);
        await WaitForBodies(server, static size => size >= Length);
        HttpResponseMessage refused = await server.Segment(new byte[Length]);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        JsonNode problem = (await refused.Content.ReadFromJsonAsync<JsonNode>(Stop))!;
        Assert.InRange((double)problem["retry_after_seconds"]!, 0, 60);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await server.Segment(new byte[2 << 20])).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await server.Segment(RunningServer.SmallImage(1))).StatusCode);

        // No image: once that is said, its memory is free.
        await stream.WriteAsync(new byte[1], Stop);
        byte[] answer = new byte[12];
        await stream.ReadExactlyAsync(answer, Stop);
        Assert.Equal("HTTP/1.1 422", Encoding.ASCII.GetString(answer));
        await WaitForBodies(server, static size => size == 0);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await server.Segment(new byte[Length])).StatusCode);
    }

    [Fact]
    public async Task Metrics_count_images_and_say_nothing_of_them()
    {
        await using RunningServer server = await RunningServer.Start();
        double before = await Metric(server, "cmunext_images_total");
        for (int i = 0; i < 3; i++)
        {
            using HttpResponseMessage response = await server.Segment(RunningServer.SmallImage(i));
        }

        Assert.True(await Metric(server, "cmunext_images_total") >= before + 3);
        string text = await server.Client.GetStringAsync("/metrics", Stop);
        Assert.All(
            ["cmunext_queue_duration_seconds_bucket", "cmunext_decode_duration_seconds_bucket", "cmunext_compute_duration_seconds_bucket",
                "cmunext_encode_duration_seconds_bucket", "cmunext_queue_length"],
            name => Assert.Contains(name, text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_weights_are_listed()
    {
        await using RunningServer server = await RunningServer.Start();
        JsonNode answer = (await server.Client.GetFromJsonAsync<JsonNode>("/api/v1/weights", Stop))!;
        JsonNode weights = Assert.Single(answer["weights"]!.AsArray())!;
        Assert.Equal(("breast-ultrasound", Pretrained.BreastUltrasound.Sha256), ((string)weights["name"]!, (string)weights["sha256"]!));
    }

    [Fact]
    public async Task A_stop_loses_no_request_under_way()
    {
        RunningServer server = await RunningServer.Start(RunningServer.Options with { Workers = 1, QueueLimit = 64 });
        byte[] image = RunningServer.SmallImage(1);
        double before = await Metric(server, "cmunext_images_total");
        Task<HttpResponseMessage>[] requests = [.. Enumerable.Range(0, 30).Select(_ => server.Segment(image))];

        // All have arrived.
        await Wait.Until("last request", async () =>
        {
            Assert.DoesNotContain(requests, request => request.IsCompleted && request.Result.StatusCode != HttpStatusCode.OK);
            return await Metric(server, "cmunext_queue_length") + await Metric(server, "cmunext_images_total") - before >= 29;
        });

        ValueTask stopped = server.Stop();
        HttpResponseMessage[] responses = await Task.WhenAll(requests);
        await stopped;
        Assert.All(responses, response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
    }

    [Fact]
    public async Task A_stop_that_cuts_an_upload_off_logs_no_failure()
    {
        TextWriter standard = Console.Error;
        StringWriter log = new();
        Console.SetError(log);
        try
        {
            RunningServer server = await RunningServer.Start(
                RunningServer.Options with { DrainTimeout = TimeSpan.FromMilliseconds(100) });
            using TcpClient slow = new(server.Address.Host, server.Address.Port);
            await using NetworkStream stream = slow.GetStream();
            string head = "POST /api/v1/segment HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n";
            await stream.WriteAsync(Encoding.ASCII.GetBytes(head), Stop);
            await WaitForBodies(server, static size => size > 0);
            await server.Stop();
        }
        finally
        {
            Console.SetError(standard);
        }

        Assert.DoesNotContain("request failed", log.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_loads_from_nowhere_else()
    {
        await using RunningServer server = await RunningServer.Start();
        using HttpResponseMessage page = await server.Client.GetAsync("/", Stop);
        Assert.Equal("text/html", page.Content.Headers.ContentType?.MediaType);
        string policy = Assert.Single(page.Headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith("default-src 'none'; script-src 'self'; style-src 'self'", policy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_that_a_browser_has_is_not_sent_again()
    {
        await using RunningServer server = await RunningServer.Start();
        using HttpResponseMessage page = await server.Client.GetAsync("/", Stop);
        string tag = page.Headers.ETag!.ToString();
        foreach ((string known, HttpStatusCode status) in new[]
        {
            (tag, HttpStatusCode.NotModified), ($"W/{tag}", HttpStatusCode.NotModified),
            ($"\"another\", {tag}", HttpStatusCode.NotModified), ("*", HttpStatusCode.NotModified), ("\"another\"", HttpStatusCode.OK),
        })
        {
            using HttpRequestMessage request = new(HttpMethod.Get, "/");
            request.Headers.TryAddWithoutValidation("If-None-Match", known);
            using HttpResponseMessage response = await server.Client.SendAsync(request, Stop);
            Assert.Equal((known, status), (known, response.StatusCode));
        }
    }

    [Fact]
    public async Task What_answers_get_answers_head()
    {
        await using RunningServer server = await RunningServer.Start();
        foreach (string path in (string[])["/", "/openapi.json", "/metrics", "/api/v1/weights", "/v2", "/health/ready"])
        {
            using HttpResponseMessage whole = await server.Client.GetAsync(path, Stop);
            using HttpRequestMessage request = new(HttpMethod.Head, path);
            using HttpResponseMessage head = await server.Client.SendAsync(request, Stop);
            Assert.Equal((path, HttpStatusCode.OK), (path, head.StatusCode));
            Assert.Equal(whole.Content.Headers.ContentType, head.Content.Headers.ContentType);
            Assert.Empty(await head.Content.ReadAsByteArrayAsync(Stop));
        }

        using HttpRequestMessage post = new(HttpMethod.Head, "/api/v1/segment");
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await server.Client.SendAsync(post, Stop)).StatusCode);
    }

    // It may name a patient.
    [Fact]
    public async Task No_cache_keeps_an_answer()
    {
        using FakeArchive archive = new(static _ => "[]"u8.ToArray());
        await using RunningServer server = await RunningServer.Start(RunningServer.Options with { Archive = archive.Address });
        using HttpResponseMessage studies = await server.Client.GetAsync("/api/v1/archive/studies?search=Doe", Stop);
        using HttpResponseMessage found = await server.Segment(RunningServer.SmallImage(1));
        Assert.All((HttpResponseMessage[])[studies, found], static answer =>
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.True(answer.Headers.CacheControl?.NoStore);
        });
        using HttpResponseMessage page = await server.Client.GetAsync("/", Stop);
        Assert.False(page.Headers.CacheControl?.NoStore);
    }

    [Fact]
    public async Task With_a_certificate_it_speaks_tls_alone()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        DateTimeOffset now = DateTimeOffset.UtcNow;
        using X509Certificate2 certificate = new CertificateRequest(
            "CN=localhost", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        await using SegmentationServer server = await SegmentationServer.Start(
            RunningServer.Options with { Certificates = [certificate] }, Stop);
        Assert.Equal("https", server.Address.Scheme);
        using HttpClientHandler trusting = new()
        {
            ServerCertificateCustomValidationCallback = (_, shown, _, _) =>
            shown!.Thumbprint == certificate.Thumbprint
        };
        using HttpClient client = new(trusting) { BaseAddress = server.Address };
        Assert.Contains("CMUNeXt", await client.GetStringAsync("/", Stop), StringComparison.Ordinal);
        using HttpClient plain = new() { BaseAddress = new UriBuilder(server.Address) { Scheme = "http" }.Uri };
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => plain.GetAsync("/", Stop));
    }

    private static int Hold(TaskCompletionSource begun, ManualResetEventSlim open, CancellationToken stop)
    {
        begun.SetResult();
        open.Wait(stop);
        return 0;
    }

    private static async Task<string?> AnswerToHead(Uri address, string path)
    {
        using TcpClient client = new(address.Host, address.Port);
        await using NetworkStream stream = client.GetStream();
        string head = $"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head), Stop);
        using StreamReader reader = new(stream);
        return await reader.ReadLineAsync(Stop);
    }

    private static Task WaitForBodies(RunningServer server, Func<double, bool> isReached) =>
        Wait.Until("such size of the bodies", async () => isReached(await Metric(server, "cmunext_bodies_size_bytes")));

    private static async Task<double> Metric(RunningServer server, string name)
    {
        string text = await server.Client.GetStringAsync("/metrics", Stop);
        return Lines().Matches(text).Where(line => line.Groups[1].Value == name)
            .Sum(line => double.Parse(line.Groups[2].Value, CultureInfo.InvariantCulture));
    }

    [GeneratedRegex(@"^(\w+)(?:\{[^}]*\})? (\S+)", RegexOptions.Multiline)]
    private static partial Regex Lines();
}
