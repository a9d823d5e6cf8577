using System.Diagnostics;
using System.Text.Json;
using CMUNeXt.Files;

namespace CMUNeXt.Cli.Benchmark;

/// <summary>A worker in a process of its own, seen from the process that measures.</summary>
internal sealed class WorkerProcess : IWorker
{
    /// <summary>The hidden command that makes this program a worker.</summary>
    public const string Command = "benchmark-worker";

    private readonly WorkerTask task;
    private readonly Process process;
    private readonly CancellationToken stop;
    private readonly CancellationTokenRegistration registration;

    private WorkerProcess(WorkerTask task, Process process, CancellationToken stop)
    {
        this.task = task;
        this.process = process;
        this.stop = stop;
        registration = stop.Register(Kill);
    }

    /// <summary>Where the logits are handed over; gone when the worker is.</summary>
    public string LogitsPath => task.LogitsPath;

    /// <summary>Starts this program again, as a worker.</summary>
    /// <exception cref="IOException">It does not start.</exception>
    public static WorkerProcess Start(string backend, BenchmarkCase measured, CancellationToken stop)
    {
        string logits = Path.Combine(Path.GetTempPath(), $"cmunext-benchmark-{Guid.NewGuid():N}.npy");
        Process process = ThisProgram.Start([Command], static start =>
        {
            start.RedirectStandardInput = true;
            start.RedirectStandardOutput = true;

            // A backend's OpenMP shall wait as it does by itself: spinning for a moment, then asleep.
            start.Environment.Remove("OMP_WAIT_POLICY");
            start.Environment.Remove("GOMP_SPINCOUNT");
        });
        return new WorkerProcess(new WorkerTask(backend, measured, logits), process, stop);
    }

    /// <inheritdoc/>
    public (string Engine, float[] Logits) Prepare()
    {
        WorkerAnswer answer = Ask(task);
        return (answer.Engine ?? task.Backend, NpyFile.ReadSingles(task.LogitsPath).Values);
    }

    /// <inheritdoc/>
    public WorkerAnswer Compute(double seconds) => Ask(new WorkerTurn(seconds));

    /// <inheritdoc/>
    public void Dispose()
    {
        registration.Dispose();
        try
        {
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended before its input did.
        }

        if (!process.WaitForExit(TimeSpan.FromSeconds(10)))
        {
            Kill();
            process.WaitForExit();
        }

        process.Dispose();
        File.Delete(task.LogitsPath);
    }

    private WorkerAnswer Ask<T>(T message)
    {
        string? line = null;
        try
        {
            process.StandardInput.WriteLine(ResultJson.ToLine(message));
            process.StandardInput.Flush();
            line = process.StandardOutput.ReadLine();
        }
        catch (IOException)
        {
            // It has ended, which is said below.
        }

        stop.ThrowIfCancellationRequested();
        if (line is null)
        {
            process.WaitForExit();
            throw new BenchmarkFailedException($"{task.Backend}: its process ended with status {process.ExitCode}; "
                + $"the machine may have too little memory for {task.Case}");
        }

        try
        {
            WorkerAnswer answer = ResultJson.Read<WorkerAnswer>(line);
            return answer.Error is null ? answer : throw new BenchmarkFailedException($"{task.Backend}: {answer.Error}");
        }
        catch (JsonException)
        {
            throw new BenchmarkFailedException($"{task.Backend}: its process answered '{line}'");
        }
    }

    private void Kill()
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended.
        }
    }
}
