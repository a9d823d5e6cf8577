using System.Buffers.Binary;
using System.Net;
using CMUNeXt.Files;
using CMUNeXt.Imaging;
using CMUNeXt.Masks;
using CMUNeXt.Server.Serving;
using CMUNeXt.Tests;
using CMUNeXt.Weights;

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

    /// <summary>The same weights with a presence threshold that no image exceeds, so that nothing is outlined.</summary>
    public static LoadedWeights Strict
    {
        get
        {
            LoadedWeights plain = Pretrained.BreastUltrasound;
            PresenceThreshold beyondAll = new() { Score = 1000, Specificity = 0.5, HealthyImages = 1 };
            return new LoadedWeights(plain.Path, plain.State, plain.Describe() with { Presence = beyondAll }, default);
        }
    }

    /// <summary>The encoded phantoms that come with the repository.</summary>
    public static string[] Phantoms { get; } = [.. Directory.GetFiles(Repository.Path("examples"), "*.png").Order(StringComparer.Ordinal)];

    /// <summary>An image that is no ultrasound.</summary>
    public static Images.Image White { get; } = new(64, 64, 1, [.. Enumerable.Repeat(byte.MaxValue, 64 * 64)]);

    /// <summary>The first phantom, whose pixels are said to be 0.1 mm wide and 0.2 mm high.</summary>
    public static byte[] PhantomWithPixelSize
    {
        get
        {
            const int AfterHeader = 33;
            const int Across = 10_000;
            const int Down = 5_000;
            byte[] png = File.ReadAllBytes(Phantoms[0]);
            byte[] chunk = [0, 0, 0, 9, .. "pHYs"u8, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0];
            BinaryPrimitives.WriteInt32BigEndian(chunk.AsSpan(8), Across);
            BinaryPrimitives.WriteInt32BigEndian(chunk.AsSpan(12), Down);
            BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(17), Crc32.Of(chunk.AsSpan(4, 13)));
            return [.. png[..AfterHeader], .. chunk, .. png[AfterHeader..]];
        }
    }

    public static async Task<RunningServer> Start(ServerOptions? options = null)
    {
        RunningServer started = new(await SegmentationServer.Start(options ?? Options, TestContext.Current.CancellationToken));
        await started.server.WarmedUp;
        Assert.Equal(HttpStatusCode.OK, (await started.Client.GetAsync("/health/ready", TestContext.Current.CancellationToken)).StatusCode);
        return started;
    }

    /// <summary>A small gray image as PNG, of noise that its number chooses.</summary>
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
