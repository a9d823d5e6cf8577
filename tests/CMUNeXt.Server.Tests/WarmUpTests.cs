using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.AspNetCore.Builder;

namespace CMUNeXt.Server.Tests;

/// <summary>What goes on before a server is ready.</summary>
public sealed class WarmUpTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_request_of_a_rehearsal_is_answered_as_it_should_be()
    {
        await using RunningServer server = await RunningServer.Start();
        foreach (RehearsedRequest request in RehearsedRequest.All("breast-ultrasound"))
        {
            using HttpRequestMessage message = request.Message();
            using HttpResponseMessage response = await server.Client.SendAsync(message, Stop);
            Assert.Equal((request.Path, request.Expected), (request.Path, response.StatusCode));
        }
    }

    [Fact]
    public async Task A_rehearsal_leaves_the_server_as_it_is()
    {
        await using WebApplication app = await SegmentationServer.Listen(RunningServer.Options, like: null, Stop);
        await new Rehearsal(RunningServer.Options, app.Services).Run(Stop);
        using HttpClient client = new() { BaseAddress = new Uri(app.Urls.First()) };
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.GetAsync("/health/ready", Stop)).StatusCode);
        using ByteArrayContent image = new(RunningServer.SmallImage(1));
        Assert.Equal(HttpStatusCode.OK, (await client.PostAsync("/api/v1/segment", image, Stop)).StatusCode);
        await app.StopAsync(Stop);
    }

    /// <summary>A request is held back as it begins, so that whatever does not wait for it is gone when it goes on.</summary>
    [Fact]
    public async Task A_rehearsal_that_is_stopped_while_a_request_is_under_way_logs_nothing()
    {
        await using WebApplication app = await SegmentationServer.Listen(RunningServer.Options, like: null, Stop);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        int begun = 0;
        using MeterListener requests = new();
        requests.InstrumentPublished = static (instrument, self) =>
        {
            if (instrument.Name == "http.server.active_requests")
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        requests.SetMeasurementEventCallback<long>((_, change, _, _) =>
        {
            if (change > 0)
            {
                begun++;
                _ = stop.CancelAsync();
                Thread.Sleep(500);
            }
        });
        requests.Start();

        TextWriter standard = Console.Error;
        StringWriter log = new();
        Console.SetError(log);
        try
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(
                () => new Rehearsal(RunningServer.Options, app.Services).Run(stop.Token));
        }
        finally
        {
            Console.SetError(standard);
        }

        Assert.Equal(1, begun);
        Assert.Equal(string.Empty, log.ToString());
        await app.StopAsync(Stop);
    }

    [Fact]
    public async Task Nothing_is_counted_before_the_server_is_ready()
    {
        await using RunningServer server = await RunningServer.Start();
        string metrics = await server.Client.GetStringAsync("/metrics", Stop);
        Assert.Contains("cmunext_workers_busy 0", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("cmunext_images_total", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("cmunext_compute_duration_seconds_count", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("/api/v1/segment", metrics, StringComparison.Ordinal);
    }
}
