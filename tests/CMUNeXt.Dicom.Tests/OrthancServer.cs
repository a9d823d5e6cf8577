using System.Diagnostics;
using System.Text.Json;
using CMUNeXt.Tests;

namespace CMUNeXt.Dicom.Tests;

/// <summary>Debian's Orthanc on loopback, with a data base of its own. Tests that need it are skipped where it is not installed.</summary>
internal sealed class OrthancServer : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder folder;
    private readonly HttpClient http = new();
    private int dicomPort;
    private Process? process;

    public OrthancServer()
    {
        DicomTools.Need("Orthanc", "storescu");
        folder = new TemporaryFolder();
        try
        {
            Url = FreePort.Listen(StartOn);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string Url { get; }

    // No other test's Orthanc has it.
    private string Name => Path.GetFileName(folder.Path);

    /// <summary>Starts it again where it was, and waits until it answers.</summary>
    public void Start() => StartAt(Url);

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

    /// <summary>Has it know a modality of this machine that results can be sent on to.</summary>
    public void AddModality(string name, int port)
    {
        using StringContent modality = new($$"""{ "AET": "RECEIVER", "Host": "localhost", "Port": {{port}} }""");
        using HttpResponseMessage answer = http.PutAsync($"{Url}/modalities/{name}", modality).GetAwaiter().GetResult();
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>The plain attributes of all instances, by the server's identifiers.</summary>
    public IReadOnlyDictionary<string, JsonElement> Instances()
    {
        JsonElement Get(string path) => JsonDocument.Parse(http.GetStringAsync(Url + path).GetAwaiter().GetResult()).RootElement;
        JsonElement all = Get("/instances");
        return all.EnumerateArray().Select(id => id.GetString()!).ToDictionary(id => id, id => Get($"/instances/{id}/simplified-tags"));
    }

    /// <summary>Fetches an instance's file.</summary>
    public void Fetch(string instance, string path) =>
        File.WriteAllBytes(path, http.GetByteArrayAsync($"{Url}/instances/{instance}/file").GetAwaiter().GetResult());

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

    private string StartOn(int port)
    {
        dicomPort = FreePort.Find();
        File.WriteAllText(folder.File("orthanc.json"), $$"""
            { "Name": "{{Name}}", "StorageDirectory": "{{folder.Path}}/archive", "IndexDirectory": "{{folder.Path}}/archive", "Plugins": [],
              "HttpPort": {{port}}, "DicomPort": {{dicomPort}}, "DicomAet": "ORTHANC", "RemoteAccessAllowed": false }
            """);
        string url = $"http://localhost:{port}";
        StartAt(url);
        return url;
    }

    private void StartAt(string url)
    {
        ProcessStartInfo start = new(File.Exists("/usr/sbin/Orthanc") ? "/usr/sbin/Orthanc" : "Orthanc", [folder.File("orthanc.json")])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        process?.Dispose();
        process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        for (Stopwatch clock = Stopwatch.StartNew(); clock.Elapsed < Longest; Thread.Sleep(100))
        {
            // It ends where a port is taken, and whoever has taken it may answer meanwhile.
            if (process.HasExited)
            {
                throw new IOException("Orthanc has ended.");
            }

            try
            {
                if (http.GetStringAsync(url + "/system").GetAwaiter().GetResult().Contains($"\"{Name}\"", StringComparison.Ordinal))
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
            }
        }

        Assert.Fail("Orthanc does not answer.");
    }
}
