using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace CMUNeXt.Serving;

/// <summary>The program that serves, and its workers.</summary>
internal sealed record ServerSettings(string Program, int Workers)
{
    /// <summary>The images that wait, as the server has it.</summary>
    public int QueueLimit => 64 * Workers;
}

/// <summary>An answer: its status (0 where there was none), what it held, how long it took, what it said of coming again.</summary>
internal readonly record struct Answer(int Status, byte[] Body, TimeSpan Time, TimeSpan? RetryAfter);

/// <summary>A server in a process of its own.</summary>
internal sealed partial class ServerProcess : IDisposable
{
    private const int Terminate = 15;

    private readonly Process process;

    private ServerProcess(Process process, Uri address)
    {
        this.process = process;
        Client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = int.MaxValue })
        {
            BaseAddress = address,
            Timeout = TimeSpan.FromMinutes(2),
        };
    }

    public HttpClient Client { get; }

    public Uri Address => Client.BaseAddress!;

    /// <summary>What it wrote to standard error.</summary>
    public string Errors { get; private set; } = "";

    /// <summary>The bytes of memory that are its own and resident.</summary>
    public long ResidentBytes
    {
        get
        {
            process.Refresh();
            return process.WorkingSet64;
        }
    }

    /// <summary>The most that they ever were.</summary>
    public long MostResidentBytes
    {
        get
        {
            process.Refresh();
            return process.PeakWorkingSet64;
        }
    }

    /// <summary>Starts it on a port, 0 for a free one, and waits until it is ready.</summary>
    public static async Task<ServerProcess> Start(ServerSettings settings, int port = 0)
    {
        ServerProcess server = await StartToListen(settings, port);
        while ((await server.Client.GetAsync("/health/ready")).StatusCode != HttpStatusCode.OK)
        {
            await Task.Delay(10);
        }

        return server;
    }

    /// <summary>Starts it, and waits for the line with its address alone.</summary>
    public static async Task<ServerProcess> StartToListen(ServerSettings settings, int port = 0)
    {
        ProcessStartInfo start = new(settings.Program, ["serve", "--port", $"{port}", "--workers", $"{settings.Workers}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        Process process = Process.Start(start)!;
        string line = await process.StandardOutput.ReadLineAsync()
            ?? throw new InvalidOperationException(await process.StandardError.ReadToEndAsync());
        ServerProcess server = new(process, new Uri(AddressPattern().Match(line).Value));
        process.ErrorDataReceived += (_, e) => server.Errors += e.Data;
        process.BeginErrorReadLine();
        return server;
    }

    /// <summary>Segments an image.</summary>
    public async Task<Answer> Segment(byte[] image, CancellationToken stop = default)
    {
        long started = Stopwatch.GetTimestamp();
        try
        {
            using HttpRequestMessage request = new(HttpMethod.Post, "/api/v1/segment") { Content = new ByteArrayContent(image) };
            request.Headers.Accept.ParseAdd("image/png");
            using HttpResponseMessage response = await Client.SendAsync(request, stop);
            byte[] body = await response.Content.ReadAsByteArrayAsync(stop);
            TimeSpan time = Stopwatch.GetElapsedTime(started);
            return new Answer((int)response.StatusCode, body, time, RetryAfter(response.StatusCode, body));
        }
        catch (HttpRequestException)
        {
            return new Answer(0, [], Stopwatch.GetElapsedTime(started), null);
        }
    }

    // To the millisecond, where the header has whole seconds.
    private static TimeSpan? RetryAfter(HttpStatusCode status, byte[] body)
    {
        if (status != HttpStatusCode.TooManyRequests)
        {
            return null;
        }

        using JsonDocument problem = JsonDocument.Parse(body);
        return TimeSpan.FromSeconds(problem.RootElement.GetProperty("retry_after_seconds").GetDouble());
    }

    /// <summary>The sum of a metric over its labels.</summary>
    public async Task<double> Metric(string name) => Lines().Matches(await Client.GetStringAsync("/metrics"))
        .Where(line => line.Groups[1].Value == name).Sum(line => double.Parse(line.Groups[2].Value, CultureInfo.InvariantCulture));

    /// <summary>Asks it to stop, and waits until it has.</summary>
    public async Task<int> Stop()
    {
        _ = SendSignal(process.Id, Terminate);
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    /// <summary>Ends it at once.</summary>
    public async Task Kill()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill();
        }

        Client.Dispose();
        process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);

    [GeneratedRegex(@"http://\S+")]
    private static partial Regex AddressPattern();

    [GeneratedRegex(@"^(\w+)(?:\{[^}]*\})? (\S+)", RegexOptions.Multiline)]
    private static partial Regex Lines();
}
