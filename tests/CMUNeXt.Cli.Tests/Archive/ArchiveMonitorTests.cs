using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using CMUNeXt.Dicom.Tests;
using CMUNeXt.Tests;

namespace CMUNeXt.Cli.Tests.Archive;

/// <summary>What the worker tells of itself: logs, health and metrics.</summary>
public sealed class ArchiveMonitorTests : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder folder = new();
    private readonly HttpClient http = new();

    public void Dispose()
    {
        http.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Metrics_count_what_was_segmented_and_skipped_and_each_line_of_the_log_is_json_without_a_name()
    {
        using OrthancServer server = new();
        DicomTools.Need("dump2dcm");
        new MadeFile("RGB").Write(folder, folder.File("image.dcm"));
        server.Send(folder.File("image.dcm"));

        // A photometric interpretation that is not read.
        new MadeFile("CMYK") { InstanceUid = "1.2.3.4.6" }.Write(folder, folder.File("cmyk.dcm"));
        server.Send(folder.File("cmyk.dcm"));
        using CommandProcess worker = Start(server.Url);
        http.BaseAddress = worker.WaitForAddress();
        string metrics = await Until(
            "/metrics", text => Value(text, "cmunext_instances_total") + Value(text, "cmunext_instances_skipped_total") == 2);
        Assert.Equal(1, Value(metrics, "cmunext_instances_total"));
        Assert.Equal(3, Value(metrics, "cmunext_objects_stored_total"));
        Assert.Equal(1, Value(metrics, "cmunext_instance_duration_seconds_count"));
        Assert.Equal(HttpStatusCode.OK, await StatusOf("/health/ready"));

        worker.Kill();
        string[] lines = worker.WaitForExit().Error.Trim().Split('\n');
        JsonElement[] log = [.. lines.Select(static line => JsonDocument.Parse(line).RootElement)];
        Assert.All(log, line => Assert.Equal("CMUNeXt.Dicom.Orthanc.ArchiveWorker", line.GetProperty("Category").GetString()));
        JsonElement segmented = Assert.Single(log, line => Message(line).StartsWith("segmented", StringComparison.Ordinal));
        Assert.Equal(3, segmented.GetProperty("State").GetProperty("Stored").GetInt32());
        JsonElement skipped = Assert.Single(log, line => Message(line).StartsWith("skipped", StringComparison.Ordinal));
        Assert.Equal("Warning", skipped.GetProperty("LogLevel").GetString());
        Assert.Contains("PhotometricInterpretation", Message(skipped));
        Assert.DoesNotContain(lines, static line => line.Contains("Phantom", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_an_archive_the_worker_lives_and_is_not_ready()
    {
        using CommandProcess worker = Start("http://localhost:1");
        http.BaseAddress = worker.WaitForAddress();
        string metrics = await Until("/metrics", text => Value(text, "cmunext_archive_unanswered_total") > 0);
        using HttpRequestMessage byAnotherName = new(HttpMethod.Get, "/metrics") { Headers = { Host = "evil.example" } };
        using HttpResponseMessage refused = await http.SendAsync(byAnotherName, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.MisdirectedRequest, refused.StatusCode);
        Assert.Equal(0, Value(metrics, "cmunext_instances_total"));
        Assert.Equal(HttpStatusCode.OK, await StatusOf("/health/live"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusOf("/health/ready"));
        worker.Kill();
    }

    [Fact]
    public void A_port_that_is_taken_is_one_line()
    {
        using TcpListener taken = new(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;
        using CommandProcess worker = Start("http://localhost:1", port);
        (int status, _, string error) = worker.WaitForExit();
        Assert.Equal(ExitStatus.Failed, status);
        Assert.Contains($":{port}", Assert.Single(error.Trim().Split('\n')));
    }

    private static string Message(JsonElement line) => line.GetProperty("Message").GetString()!;

    // Of a counter that nothing was added to yet there is no line.
    private static double Value(string metrics, string name)
    {
        string? line = metrics.Split('\n').FirstOrDefault(line => line.StartsWith(name + ' ', StringComparison.Ordinal)
            || line.StartsWith(name + '{', StringComparison.Ordinal));
        return line is null ? 0 : double.Parse(line[line.LastIndexOf(' ')..], CultureInfo.InvariantCulture);
    }

    private CommandProcess Start(string archive, int port = 0) => CommandProcess.Start(
        "dicom", "--orthanc", archive, "--state", folder.File("state.json"), "--from-start",
        "--metrics-port", port.ToString(CultureInfo.InvariantCulture));

    private async Task<HttpStatusCode> StatusOf(string path)
    {
        using HttpResponseMessage response = await http.GetAsync(path, TestContext.Current.CancellationToken);
        return response.StatusCode;
    }

    private async Task<string> Until(string path, Func<string, bool> isThere)
    {
        string text = "";
        for (Stopwatch clock = Stopwatch.StartNew(); clock.Elapsed < Longest; await Task.Delay(200, TestContext.Current.CancellationToken))
        {
            try
            {
                text = await http.GetStringAsync(path, TestContext.Current.CancellationToken);
                if (isThere(text))
                {
                    return text;
                }
            }
            catch (HttpRequestException)
            {
            }
        }

        Assert.Fail($"{path} does not say what it should: {text}");
        return text;
    }
}
