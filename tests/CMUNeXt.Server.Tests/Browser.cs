using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using CMUNeXt.Tests;

namespace CMUNeXt.Server.Tests;

/// <summary>
/// Debian's Chromium, worked by tests/server/page.mjs through Playwright: one for all scenarios, each of which has a context of its own.
/// Tests are skipped where they are not installed (tests/server/install.sh).
/// </summary>
public sealed class Browser : IDisposable
{
    // A scenario takes seconds; one that hangs would hang all tests.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    private readonly ConcurrentQueue<string> errors = new();
    private Process? node;

    /// <summary>Skips the running test where the browser is not installed.</summary>
    public static void Need()
    {
        bool isInstalled = File.Exists("/usr/bin/chromium")
            && Directory.Exists(Repository.Path("tests", "server", "node_modules", "playwright-core"));
        Assert.SkipUnless(isInstalled, "Chromium or Playwright is not installed: run tests/server/install.sh.");
    }

    /// <summary>Works a scenario, which has to succeed.</summary>
    public async Task Work(Uri address, string scenario, string folder)
    {
        if (node?.HasExited != false)
        {
            node?.Dispose();
            node = Start();
        }

        using CancellationTokenSource late = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        late.CancelAfter(Longest);
        await using CancellationTokenRegistration kill = late.Token.Register(() => node.Kill(entireProcessTree: true));
        await node.StandardInput.WriteLineAsync(JsonSerializer.Serialize<string[]>([address.ToString(), scenario, folder]));
        await node.StandardInput.FlushAsync(CancellationToken.None);
        string? answer = await node.StandardOutput.ReadLineAsync(CancellationToken.None);
        Assert.False(late.IsCancellationRequested, $"The browser did not end within {Longest}.");
        Assert.True(answer is not null, $"The browser has ended. {string.Join('\n', errors)}");
        string failure = JsonSerializer.Deserialize<string>(answer)!;
        Assert.True(failure.Length == 0, failure);
    }

    public void Dispose()
    {
        node?.StandardInput.Close();
        if (node?.WaitForExit(TimeSpan.FromSeconds(10)) == false)
        {
            node.Kill(entireProcessTree: true);
        }

        node?.Dispose();
    }

    private Process Start()
    {
        errors.Clear();
        Process started = Process.Start(new ProcessStartInfo("node", [Repository.Path("tests", "server", "page.mjs")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        started.ErrorDataReceived += (_, told) => errors.Enqueue(told.Data ?? "");
        started.BeginErrorReadLine();
        return started;
    }
}
