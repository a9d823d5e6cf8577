using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using CMUNeXt.Files;
using CMUNeXt.Server.Api;
using CMUNeXt.Server.Archive;
using CMUNeXt.Server.InferenceProtocol;
using CMUNeXt.Server.Security;
using CMUNeXt.Server.Serving;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace CMUNeXt.Server;

/// <summary>A server for segmentation over HTTP: a page for people, and an API for programs.</summary>
public sealed class SegmentationServer : IAsyncDisposable
{
    private const int QueuedForWorker = 64;

    private readonly WebApplication app;

    private SegmentationServer(WebApplication app, Task warmedUp)
    {
        this.app = app;
        WarmedUp = warmedUp;
    }

    /// <summary>Where the page is.</summary>
    public Uri Address => new(app.Urls.First());

    /// <summary>Ends when the networks are warmed up, or with what prevented it.</summary>
    internal Task WarmedUp { get; }

    /// <summary>Starts to listen. Networks are warmed up meanwhile; <c>/health/ready</c> says when they are.</summary>
    /// <param name="options">What is served, where, and within which limits.</param>
    /// <param name="stop">Ends the start.</param>
    /// <returns>The server; disposing of it stops it, once the requests under way are answered.</returns>
    /// <exception cref="ArgumentException">
    /// The host is no loopback address and there is no API key, it is no address at all, a key is shorter than
    /// <see cref="ServerOptions.ShortestKey"/>, or weights have a name that is not possible or that others have.
    /// </exception>
    /// <exception cref="BadFileException">Weights are none that are served.</exception>
    /// <exception cref="IOException">The port is taken, or the address is none of this machine's.</exception>
    public static async Task<SegmentationServer> Start(ServerOptions options, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!HostCheck.IsLoopback(options.Host) && options.ApiKeys.Count == 0)
        {
            throw new ArgumentException(
                $"To listen on {options.Host}, which other machines reach, an API key is needed; the command takes them from --key-file.");
        }

        if (options.ApiKeys.Any(
            static key => string.IsNullOrWhiteSpace(key) || key.Length < ServerOptions.ShortestKey || !Ascii.IsValid(key)))
        {
            throw new ArgumentException(
                $"An API key has at least {ServerOptions.ShortestKey} characters, all ASCII; openssl rand -hex 32 makes a good one.");
        }

        if (options.Archive is not null)
        {
            ScratchFolder.RemoveAbandoned();
        }

        WebApplication app = await Listen(options, like: null, stop).ConfigureAwait(false);
        WarmUp warmUp = app.Services.GetRequiredService<WarmUp>();
        return new SegmentationServer(app, Task.Run(() => warmUp.Run(app.Lifetime.ApplicationStopping), stop));
    }

    /// <summary>Starts to listen, and no more.</summary>
    /// <param name="options">What is served, where, and within which limits.</param>
    /// <param name="like">What another server of the same weights has, for what takes time to make; null makes all.</param>
    /// <param name="stop">Ends the start.</param>
    /// <inheritdoc cref="Start" path="/exception"/>
    internal static async Task<WebApplication> Listen(ServerOptions options, IServiceProvider? like, CancellationToken stop)
    {
        WebApplicationBuilder builder = MonitoredHost.CreateBuilder(kestrel => Bind(kestrel, options));
        builder.WebHost.UseKestrelHttpsConfiguration();
        AddServices(builder.Services, options);
        if (options.LogRequests)
        {
            RequestLog.Add(builder);
        }

        if (like is not null)
        {
            builder.Services.AddSingleton(like.GetRequiredService<ServedWeightsList>());
            builder.Services.AddSingleton(like.GetRequiredService<IOptions<JsonOptions>>());
        }

        WebApplication app = builder.Build();
        await MonitoredHost.Start(app, Prepare, options.Host, stop).ConfigureAwait(false);
        return app;

        void Prepare()
        {
            Use(app, options);
            Map(app);
            Readiness readiness = app.Services.GetRequiredService<Readiness>();
            SegmentationQueue queue = app.Services.GetRequiredService<SegmentationQueue>();
            app.Lifetime.ApplicationStopping.Register(() =>
            {
                readiness.Drain();
                queue.Drain(options.DrainTimeout);
            });
        }
    }

    /// <summary>Stops: nothing new is taken, and what is under way is answered.</summary>
    public async ValueTask DisposeAsync()
    {
        await app.StopAsync().ConfigureAwait(false);
        await WarmedUp.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await app.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Adds what the endpoints need.</summary>
    internal static void AddServices(IServiceCollection services, ServerOptions options)
    {
        services.Configure<HostOptions>(host => host.ShutdownTimeout = options.DrainTimeout);
        services.AddSingleton(options);
        services.AddSingleton<ServerMetrics>();
        services.AddSingleton<BodyMemory>();
        services.AddSingleton<SegmentEndpoint>();
        services.AddSingleton<InferenceModels>();
        services.AddSingleton<InferenceEndpoints>();
        services.AddSingleton<Readiness>();
        services.AddSingleton<WarmUp>();
        services.AddSingleton<ArchiveEndpoints>();
        services.AddSingleton(_ => new ServedWeightsList(options.Weights, options.Flips));
        int workers = options.WorkersHere;
        services.AddSingleton(provider => new SegmentationQueue(
            workers, options.QueueLimit ?? (workers * QueuedForWorker), provider.GetRequiredService<ServerMetrics>()));
        services.ConfigureHttpJsonOptions(static json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
        });

        // By gzip and deflate, as answers are compressed.
        services.AddRequestDecompression(static decompression => decompression.DecompressionProviders.Remove("br"));
        services.AddResponseCompression(static compression =>
        {
            compression.EnableForHttps = true;
            compression.MimeTypes = ["application/json", "application/octet-stream"];
            compression.Providers.Add<GzipCompressionProvider>();
            compression.Providers.Add<DeflateCompressionProvider>();
        });
        services.AddRequestTimeouts(timeouts => timeouts.DefaultPolicy = new() { Timeout = options.Timeout });
        services.AddProblemDetails(problems => problems.CustomizeProblemDetails = FailureAnswer.AddError);
        services.AddExceptionHandler<FailureAnswer>();
        services.Configure<RouteHandlerOptions>(static handlers => handlers.ThrowOnBadRequest = true);
        services.AddHealthChecks().AddCheck<Readiness>("ready");
        services.AddMetrics();
        services.AddSingleton(static _ => new PrometheusMetrics(
            ServerMetrics.MeterName, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime"));
    }

    private static void Bind(KestrelServerOptions kestrel, ServerOptions options)
    {
        kestrel.Limits.MaxRequestBodySize = options.BodyLimit;
        kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 1024, gracePeriod: TimeSpan.FromSeconds(5));
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        if (IPAddress.TryParse(options.Host, out IPAddress? address))
        {
            kestrel.Listen(address, options.Port, Secure);
        }
        else if (!string.Equals(options.Host, "localhost", StringComparison.OrdinalIgnoreCase))
        {
            throw new ArgumentException($"'{options.Host}' is no address: give one of this machine's, 0.0.0.0 for all.");
        }
        else if (options.Port == 0)
        {
            kestrel.Listen(IPAddress.Loopback, 0, Secure);
        }
        else
        {
            kestrel.ListenLocalhost(options.Port, Secure);
        }

        void Secure(ListenOptions listen)
        {
            if (options.Certificates.Count > 0)
            {
                listen.UseHttps(new HttpsConnectionAdapterOptions
                {
                    ServerCertificate = options.Certificates[0],
                    ServerCertificateChain = [.. options.Certificates.Skip(1)],
                });
            }
        }
    }

    private static void Use(WebApplication app, ServerOptions options)
    {
        if (options.LogRequests)
        {
            RequestLog.Use(app);
        }

        SecurityHeaders.Use(app);
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        HostCheck.Use(app, options.Host, "; to be reached by other names it listens on 0.0.0.0, with keys");
        MonitoredHost.UseRouting(app);
        ApiKeys.Use(app, options.ApiKeys);
        OriginCheck.Use(app, options.Host, hasKeys: options.ApiKeys.Count > 0);
        app.UseRequestTimeouts();
        SteadyBody.Use(app);
        InferenceEndpoints.UseCompression(app);
    }

    private static void Map(WebApplication app)
    {
        PageFiles.Map(app);
        MonitoredHost.MapMonitoring(app);
        MapApi(app);
    }

    /// <summary>Maps what OpenAPI describes.</summary>
    internal static void MapApi(WebApplication app)
    {
        RouteGroupBuilder segmentation = app.MapGroup(string.Empty).WithTags("Segmentation");
        segmentation.MapGet("/api/v1/weights", WeightsAnswer.Of).WithSummary("The weights that are served, the default first.");
        app.Services.GetRequiredService<SegmentEndpoint>().Map(segmentation);
        app.Services.GetRequiredService<ArchiveEndpoints>().Map(app);
        app.Services.GetRequiredService<InferenceEndpoints>().Map(app);
    }
}
