using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace CMUNeXt.Dicom.Tests;

/// <summary>Debian's Orthanc on loopback, with a data base of its own. Tests that need it are skipped where it is not installed.</summary>
internal sealed class OrthancServer : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder folder;
    private readonly HttpClient http;
    private readonly int dicomPort = FreePort();
    private Process? process;

    public OrthancServer()
    {
        DicomTools.Need("Orthanc", "storescu");
        folder = new TemporaryFolder();
        int port = FreePort();
        Url = $"http://localhost:{port}";
        http = new HttpClient { BaseAddress = new Uri(Url) };
        File.WriteAllText(folder.File("orthanc.json"), $$"""
            { "Name": "test", "StorageDirectory": "{{folder.Path}}/archive", "IndexDirectory": "{{folder.Path}}/archive", "Plugins": [],
              "HttpPort": {{port}}, "DicomPort": {{dicomPort}}, "DicomAet": "ORTHANC", "RemoteAccessAllowed": false,
              "DicomModalities": { "pacs": ["PACS", "localhost", {{ReceiverPort}}] } }
            """);
        try
        {
            Start();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string Url { get; }

    /// <summary>Where its modality "pacs" listens, if a test starts one.</summary>
    public int ReceiverPort { get; } = FreePort();

    /// <summary>Starts it, and waits until it answers.</summary>
    public void Start()
    {
        ProcessStartInfo start = new(File.Exists("/usr/sbin/Orthanc") ? "/usr/sbin/Orthanc" : "Orthanc", [folder.File("orthanc.json")])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        for (Stopwatch clock = Stopwatch.StartNew(); clock.Elapsed < Longest; Thread.Sleep(100))
        {
            try
            {
                http.GetStringAsync("/system").GetAwaiter().GetResult();
                return;
            }
            catch (HttpRequestException)
            {
                Assert.False(process.HasExited, "Orthanc ended.");
            }
        }

        Assert.Fail("Orthanc does not answer.");
    }

    /// <summary>SIGKILL: it cannot do anything about it.</summary>
    public void Kill()
    {
        process!.Kill();
        process.WaitForExit();
    }

    /// <summary>Sends a file as a device would.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">What storescu is to propose, where the file is compressed.</param>
    public void Send(string path, params string[] options) =>
        DicomTools.Run("storescu", [.. options, "localhost", dicomPort.ToString(System.Globalization.CultureInfo.InvariantCulture), path]);

    /// <summary>The plain attributes of all instances, by the server's identifiers.</summary>
    public IReadOnlyDictionary<string, JsonElement> Instances()
    {
        JsonElement Get(string path) => JsonDocument.Parse(http.GetStringAsync(path).GetAwaiter().GetResult()).RootElement;
        JsonElement all = Get("/instances");
        return all.EnumerateArray().Select(id => id.GetString()!).ToDictionary(id => id, id => Get($"/instances/{id}/simplified-tags"));
    }

    /// <summary>Fetches an instance's file.</summary>
    public void Fetch(string instance, string path) =>
        File.WriteAllBytes(path, http.GetByteArrayAsync($"/instances/{instance}/file").GetAwaiter().GetResult());

    public void Dispose()
    {
        if (process is { HasExited: false })
        {
            Kill();
        }

        process?.Dispose();
        http.Dispose();
        folder.Dispose();
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
