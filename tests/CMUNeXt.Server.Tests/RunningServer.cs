using System.Net;
using CMUNeXt.Imaging;
using CMUNeXt.Server.Serving;
using CMUNeXt.Tests;

// Meters are the whole process's: a server of another test at the same time would be counted too.
[assembly: CollectionBehavior(CollectionBehavior.CollectionPerAssembly)]

namespace CMUNeXt.Server.Tests;

/// <summary>A server on a free port of the loopback address, ready, and a client of it.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private readonly SegmentationServer server;

    private RunningServer(SegmentationServer server)
    {
        this.server = server;
        Client = new HttpClient { BaseAddress = server.Address };
    }

    public HttpClient Client { get; }

    public Uri Address => server.Address;

    /// <summary>What is served where a test does not say otherwise.</summary>
    public static ServerOptions Options { get; } = new() { Port = 0, Weights = [new("breast-ultrasound", Pretrained.BreastUltrasound)] };

    /// <summary>The encoded phantoms that come with the repository.</summary>
    public static string[] Phantoms { get; } = [.. Directory.GetFiles(Repository.Path("examples"), "*.png").Order(StringComparer.Ordinal)];

    public static async Task<RunningServer> Start(ServerOptions? options = null)
    {
        RunningServer started = new(await SegmentationServer.Start(options ?? Options, TestContext.Current.CancellationToken));
        HttpStatusCode ready;
        do
        {
            ready = (await started.Client.GetAsync("/health/ready", TestContext.Current.CancellationToken)).StatusCode;
        }
        while (ready == HttpStatusCode.ServiceUnavailable);

        Assert.Equal(HttpStatusCode.OK, ready);
        return started;
    }

    /// <summary>A small grey image as PNG, of noise that its number chooses.</summary>
    public static byte[] SmallImage(int number)
    {
        byte[] pixels = new byte[64 * 48];
        new Random(number).NextBytes(pixels);
        return ImageFile.EncodePng(new Images.Image(64, 48, 1, pixels));
    }

    public Task<HttpResponseMessage> Segment(byte[] body, string query = "") =>
        Client.PostAsync($"/api/v1/segment{query}", new ByteArrayContent(body), TestContext.Current.CancellationToken);

    /// <summary>Stops the server, while the client stays.</summary>
    public ValueTask Stop() => server.DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await server.DisposeAsync();
    }
}
