using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using CMUNeXt.Tests;

namespace CMUNeXt.Cli.Tests;

/// <summary>The built program, started as a process of its own.</summary>
internal sealed class CommandProcess : IDisposable
{
    // Far above what any test needs: only a program that hangs takes it.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    private readonly Process process;
    private readonly StringBuilder printed = new();
    private readonly StringBuilder told = new();
    private readonly Task<string> output;
    private readonly Task<string> error;

    private CommandProcess(Process process)
    {
        this.process = process;
        output = Read(process.StandardOutput, printed);
        error = Read(process.StandardError, told);
    }

    public bool HasExited => process.HasExited;

    private static string Host => ChildProcess.Dotnet;

    private static string Program => Path.Combine(AppContext.BaseDirectory, "CMUNeXt.Cli.dll");

    public static CommandProcess Start(params string[] arguments)
    {
        ProcessStartInfo start = new(Host, [Program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };

        // Threads that wait for each other give way: the machine may be busy with other tests.
        start.Environment["OMP_WAIT_POLICY"] = "passive";
        return new CommandProcess(Process.Start(start)!);
    }

    /// <summary>Starts with a folder of its own for temporary files, which need not be there.</summary>
    public static CommandProcess StartWithTemporaryFolder(string folder, params string[] arguments)
    {
        ProcessStartInfo start = new(Host, [Program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["TMPDIR"] = folder;
        return new CommandProcess(Process.Start(start)!);
    }

    /// <summary>Runs to the end where no file may grow beyond a number of blocks (of 512 or 1024 bytes, as the shell has it).</summary>
    public static (int Status, string Output, string Error) RunWithFileLimit(int blocks, params string[] arguments)
    {
        ProcessStartInfo start = new("/bin/sh", ["-c", $"ulimit -f {blocks}; exec \"$0\" \"$@\"", Host, Program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // The runtime itself maps its code from a file that would be too large.
        start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        using CommandProcess started = new(Process.Start(start)!);
        return started.WaitForExit();
    }

    /// <summary>Runs to the end where neither the program nor one that it starts may have a managed heap of more mebibytes.</summary>
    public static (int Status, string Output, string Error) RunWithHeapLimit(int mebibytes, params string[] arguments)
    {
        ProcessStartInfo start = new(Host, [Program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_GCHeapHardLimit"] = $"{mebibytes << 20:X}";
        using CommandProcess started = new(Process.Start(start)!);
        return started.WaitForExit();
    }

    /// <summary>Runs a copy of the program to the end, with backends from a folder of its own.</summary>
    public static (int Status, string Output, string Error) RunInstalled(string program, string dataHome, params string[] arguments)
    {
        ProcessStartInfo start = new(Host, [program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["XDG_DATA_HOME"] = dataHome;

        // TorchSharp looks there, too, for native libraries that are missing beside it.
        start.Environment["NUGET_PACKAGES"] = Path.Combine(dataHome, "packages");
        using CommandProcess started = new(Process.Start(start)!);
        return started.WaitForExit();
    }

    /// <summary>Runs to the end in a folder, which relative paths begin at.</summary>
    public static (int Status, string Output, string Error) RunIn(string folder, params string[] arguments)
    {
        ProcessStartInfo start = new(Host, [Program, .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using CommandProcess started = new(Process.Start(start)!);
        return started.WaitForExit();
    }

    /// <summary>Runs to the end as one of the processes that mpirun starts.</summary>
    public static (int Status, string Output, string Error) RunAsRank(int rank, int ranks, params string[] arguments)
    {
        ProcessStartInfo start = new(Host, [Program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["OMPI_COMM_WORLD_RANK"] = $"{rank}";
        start.Environment["OMPI_COMM_WORLD_SIZE"] = $"{ranks}";
        using CommandProcess started = new(Process.Start(start)!);
        return started.WaitForExit();
    }

    /// <summary>Runs to the end.</summary>
    public static (int Status, string Output, string Error) Run(params string[] arguments)
    {
        using CommandProcess started = Start(arguments);
        return started.WaitForExit();
    }

    /// <summary>Waits for the end, and gives what was written, its lines ended by LF on every system.</summary>
    public (int Status, string Output, string Error) WaitForExit()
    {
        Assert.True(process.WaitForExit(Longest), "the program does not end");
        return (process.ExitCode, Lines(output), Lines(error));

        static string Lines(Task<string> written) => written.GetAwaiter().GetResult().Replace("\r\n", "\n", StringComparison.Ordinal);
    }

    /// <summary>Waits until the program prints where it answers.</summary>
    /// <exception cref="IOException">It ends before, as it does where its port is taken.</exception>
    public Uri WaitForAddress()
    {
        Match said = Match.Empty;
        Wait.Until("address", () => process.HasExited || (said = Regex.Match(TextOf(printed), "https?://[^/ ]+/")).Success);
        return said.Success ? new Uri(said.Value) : throw new IOException($"The program has ended: {WaitForExit().Error}");
    }

    /// <summary>Waits until the program has written something on standard error.</summary>
    public void WaitForError(string text) => Wait.Until($"\"{text}\"", () =>
    {
        Assert.False(process.HasExited, "the program has ended");
        return TextOf(told).Contains(text, StringComparison.Ordinal);
    });

    /// <summary>SIGKILL: the program cannot do anything about it.</summary>
    public void Kill()
    {
        process.Kill();
        WaitForExit();
    }

    /// <summary>
    /// SIGINT, as from Ctrl+C; SIGTERM, which the program takes alike, where the tests run in the background of a shell script: its
    /// children ignore SIGINT.
    /// </summary>
    public void Interrupt()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no signals here.");
        using Process kill = Process.Start("kill", [IgnoresInterrupt() ? "-TERM" : "-INT", $"{process.Id}"]);
        kill.WaitForExit();
    }

    private static async Task<string> Read(StreamReader reader, StringBuilder text)
    {
        char[] buffer = new char[4096];
        while (await reader.ReadAsync(buffer) is > 0 and int count)
        {
            lock (text)
            {
                text.Append(buffer, 0, count);
            }
        }

        return TextOf(text);
    }

    private static string TextOf(StringBuilder text)
    {
        lock (text)
        {
            return text.ToString();
        }
    }

    // The second of the signals that the process ignores, counted from the lowest bit of a hexadecimal number.
    private bool IgnoresInterrupt() => File.Exists("/proc/self/status")
        && File.ReadLines($"/proc/{process.Id}/status").First(line => line.StartsWith("SigIgn:", StringComparison.Ordinal)) is { } line
        && (Convert.ToUInt64(line["SigIgn:".Length..].Trim(), 16) & 2) != 0;

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill();
        }

        process.Dispose();
    }
}
