using System.Diagnostics;
using System.Text;
using CMUNeXt.Tests;

namespace CMUNeXt.Mpi.Tests;

/// <summary>A job of Debian's mpirun; tests are skipped where it is not installed (tests/mpi/install.sh installs it).</summary>
internal sealed class MpiJob : IDisposable
{
    // Far above what any test needs: only a job that hangs takes it.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    private readonly Process process;
    private readonly StringBuilder output = new();
    private readonly StringBuilder error = new();

    private MpiJob(Process process)
    {
        this.process = process;
        process.OutputDataReceived += (_, line) => Append(output, line.Data);
        process.ErrorDataReceived += (_, line) => Append(error, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>The program of the tests.</summary>
    public static string[] Probe => [ChildProcess.Dotnet, Path.Combine(AppContext.BaseDirectory, "CMUNeXt.Mpi.Probe.dll")];

    /// <summary>The product's program.</summary>
    public static string[] Program => [ChildProcess.Dotnet, Path.Combine(AppContext.BaseDirectory, "CMUNeXt.Cli.dll")];

    /// <summary>What was printed on standard output so far.</summary>
    public string Output => Read(output);

    /// <summary>What was printed on standard error so far.</summary>
    public string Error => Read(error);

    public bool HasExited => process.HasExited;

    /// <summary>Starts ranks on this host, more than it has cores if need be.</summary>
    public static MpiJob Start(int ranks, params string[] command) =>
        StartWith(["-n", $"{ranks}", "--oversubscribe", "--bind-to", "none"], command);

    /// <summary>Starts mpirun with its own options and a command.</summary>
    public static MpiJob StartWith(string[] options, string[] command) => Launch("mpirun", [.. options, .. command]);

    /// <summary>Starts a program without mpirun.</summary>
    public static MpiJob StartAlone(string[] command, params (string Name, string Value)[] variables) =>
        Launch(command[0], command[1..], variables);

    /// <summary>Starts any program beside mpirun, which has to be there.</summary>
    public static MpiJob Launch(string program, string[] arguments, params (string Name, string Value)[] variables)
    {
        Assert.SkipUnless(
            (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "mpirun"))),
            "mpirun is not installed: run tests/mpi/install.sh.");
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["OMPI_ALLOW_RUN_AS_ROOT"] = "1";
        start.Environment["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1";

        // mpirun gives the ranks a terminal, which would be set up.
        start.Environment["TERM"] = "dumb";
        foreach ((string name, string value) in variables)
        {
            start.Environment[name] = value;
        }

        return new MpiJob(Process.Start(start)!);
    }

    /// <summary>Runs ranks to the end.</summary>
    public static (int Status, string Output, string Error) Run(int ranks, params string[] command)
    {
        using MpiJob job = Start(ranks, command);
        return job.WaitForExit();
    }

    /// <summary>Runs the product's program without mpirun.</summary>
    public static (int Status, string Output, string Error) RunAlone(params string[] arguments)
    {
        using MpiJob job = StartAlone([.. Program, .. arguments]);
        return job.WaitForExit();
    }

    public (int Status, string Output, string Error) WaitForExit()
    {
        Assert.True(process.WaitForExit(Longest), $"The job hangs: {Output}{Error}");
        process.WaitForExit();
        return (process.ExitCode, Output, Error);
    }

    /// <summary>Waits until something is so.</summary>
    public void WaitUntil(Func<bool> isSo)
    {
        Stopwatch watch = Stopwatch.StartNew();
        while (!isSo())
        {
            Assert.True(!HasExited && watch.Elapsed < Longest, $"The job ended or hangs: {Output}{Error}");
            Thread.Sleep(20);
        }
    }

    /// <summary>The processes of the ranks that run a program in a folder of their own, by rank.</summary>
    public static Dictionary<int, int> RanksOf(string folder)
    {
        Dictionary<int, int> found = [];
        foreach (string path in Directory.GetDirectories("/proc").Where(path => int.TryParse(Path.GetFileName(path), out _)))
        {
            try
            {
                string[] environment = File.ReadAllText(Path.Combine(path, "environ")).Split('\0');
                if (File.ReadAllText(Path.Combine(path, "cmdline")).Split('\0').Contains(folder)
                    && environment.FirstOrDefault(one => one.StartsWith("OMPI_COMM_WORLD_RANK=", StringComparison.Ordinal)) is { } rank)
                {
                    found[int.Parse(rank.Split('=')[1])] = int.Parse(Path.GetFileName(path));
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It has ended meanwhile.
            }
        }

        return found;
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
        }

        process.Dispose();
    }

    private static void Append(StringBuilder text, string? line)
    {
        if (line is not null)
        {
            lock (text)
            {
                text.Append(line).Append('\n');
            }
        }
    }

    private static string Read(StringBuilder text)
    {
        lock (text)
        {
            return text.ToString();
        }
    }
}
