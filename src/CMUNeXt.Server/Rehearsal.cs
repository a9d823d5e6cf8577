using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using CMUNeXt.Server.Serving;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace CMUNeXt.Server;

/// <summary>
/// Asks a server as clients do, until the just-in-time compiler has nothing left to do. It compiles whatever was called thirty times once
/// more, on the processors that compute images: seconds of work, which would make the answers of a server late that is busy from its start.
/// The server that is asked lives for the rehearsal alone, on a port and with a key of its own, so that nobody waits behind a rehearsed
/// request or is refused for it.
/// </summary>
/// <param name="options">Those of the server that starts.</param>
/// <param name="services">What it has.</param>
internal sealed class Rehearsal(ServerOptions options, IServiceProvider services)
{
    // More than the calls after which code is compiled once more.
    private const int Calls = 40;

    // Methods: some are always left that are seldom called.
    private const int NothingLeft = 100;

    // Longer than the compiler waits for a pause in which nothing new is called.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    private readonly SegmentationQueue queue = services.GetRequiredService<SegmentationQueue>();
    private readonly string weights = services.GetRequiredService<ServedWeightsList>().All[0].Name;
    private readonly int workers = options.WorkersHere;

    /// <summary>Rehearses, for ten seconds at most.</summary>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="InvalidOperationException">A request was not answered as it should be.</exception>
    public async Task Run(CancellationToken stop)
    {
        string key = RandomNumberGenerator.GetHexString(32);
        WebApplication app = await SegmentationServer.Listen(
            new ServerOptions
            {
                Port = 0,
                Weights = options.Weights,
                ApiKeys = [key],
                Workers = options.Workers,
                QueueLimit = 0,
                DrainTimeout = options.DrainTimeout,
            },
            services,
            stop).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable disposing = app.ConfigureAwait(false);
        app.Services.GetRequiredService<PrometheusMetrics>().Begin();
        using HttpClient client = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(app.Urls.First()) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using CancellationTokenSource enough = CancellationTokenSource.CreateLinkedTokenSource(stop);
        enough.CancelAfter(Longest);
        try
        {
            // Calls are counted from the first pause on.
            await Round(client, 1, enough.Token).ConfigureAwait(false);
            long compiled;
            do
            {
                compiled = JitInfo.GetCompiledMethodCount();
                await Round(client, Calls, enough.Token).ConfigureAwait(false);
            }
            while (JitInfo.GetCompiledMethodCount() - compiled > NothingLeft);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            // Enough.
        }
        finally
        {
            // A request that the client gave up goes on: what it needs is disposed of after it, or its failure would be logged.
            await app.StopAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    /// <summary>Waits until nothing was compiled for a while, for ten seconds at most.</summary>
    /// <param name="stop">Ends it.</param>
    public static async Task Settle(CancellationToken stop)
    {
        Stopwatch clock = Stopwatch.StartNew();
        long compiled;
        do
        {
            compiled = JitInfo.GetCompiledMethodCount();
            await Task.Delay(Pause, stop).ConfigureAwait(false);
        }
        while (JitInfo.GetCompiledMethodCount() > compiled && clock.Elapsed < Longest);
    }

    private async Task Round(HttpClient client, int calls, CancellationToken stop)
    {
        IReadOnlyList<RehearsedRequest> requests = RehearsedRequest.All(weights);
        foreach (RehearsedRequest request in requests)
        {
            await Parallel.ForEachAsync(
                Enumerable.Range(0, calls),
                new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = stop },
                async (_, token) =>
                {
                    while (!queue.IsIdle)
                    {
                        await Task.Delay(Pause / 10, token).ConfigureAwait(false);
                    }

                    await Send(client, request, token).ConfigureAwait(false);
                }).ConfigureAwait(false);
        }

        // So many at once that most are refused.
        await Task.WhenAll(Enumerable.Range(0, workers + calls).Select(_ => Send(client, requests[0], stop))).ConfigureAwait(false);
        await Settle(stop).ConfigureAwait(false);
    }

    private static async Task Send(HttpClient client, RehearsedRequest request, CancellationToken stop)
    {
        using HttpRequestMessage message = request.Message();
        using HttpResponseMessage response = await client.SendAsync(message, stop).ConfigureAwait(false);
        if (response.StatusCode != request.Expected && response.StatusCode != HttpStatusCode.TooManyRequests)
        {
            throw new InvalidOperationException($"{message.RequestUri} answered {(int)response.StatusCode}.");
        }
    }
}
