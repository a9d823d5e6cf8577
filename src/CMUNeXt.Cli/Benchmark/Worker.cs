using System.Diagnostics;
using CMUNeXt.Files;
using CMUNeXt.Networks;
using CMUNeXt.Tensors;

namespace CMUNeXt.Cli.Benchmark;

/// <summary>
/// The process of one backend: reads a line, does what it asks, answers with a line, and waits for the next with its threads at rest. It
/// ends with its input.
/// </summary>
internal sealed class Worker(TextReader input, TextWriter output)
{
    private const int WarmUpCalls = 2;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);

    // Threads that spin for work stop after some milliseconds without any. Ten times as long, and something is wrong.
    private static readonly TimeSpan LongestUnrest = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(20);

    /// <summary>Works until there is no more input, or something fails.</summary>
    /// <returns>The exit status.</returns>
    public int Run()
    {
        try
        {
            if (input.ReadLine() is { } first)
            {
                Serve(ResultJson.Read<WorkerTask>(first));
            }

            return ExitStatus.Done;
        }
        catch (Exception e)
        {
            Answer(new WorkerAnswer { Error = $"{e.GetType().Name}: {e.Message}" });
            return ExitStatus.Failed;
        }
    }

    private void Serve(WorkerTask task)
    {
        using Network network = NetworkWeights.GiveBackAfter(() => Open(task));
        NetworkDescription description = network.Description;
        float[] images = FormulaWeights.Images(checked(task.Case.Batch * description.Channels * task.Case.Size * task.Case.Size));
        using PreparedCall call = network.Prepare(images, task.Case.Batch, task.Case.Size, task.Case.Size);
        Stopwatch clock = Stopwatch.StartNew();
        for (int calls = 0; calls < WarmUpCalls || clock.Elapsed < WarmUp; calls++)
        {
            call.Run();
        }

        NpyFile.WriteSingles(task.LogitsPath, [task.Case.Batch, description.Outputs, task.Case.Size, task.Case.Size], call.CopyLogits());
        Rest();
        Answer(new WorkerAnswer { Engine = network.Engine, PeakMemoryMib = ProcessFigures.OfThisProcess().PeakMemoryMib });
        while (input.ReadLine() is { } line)
        {
            List<double> times = Measure(call, TimeSpan.FromSeconds(ResultJson.Read<WorkerTurn>(line).Seconds));
            Answer(new WorkerAnswer { Milliseconds = times, PeakMemoryMib = ProcessFigures.OfThisProcess().PeakMemoryMib });
        }
    }

    private static Network Open(WorkerTask task)
    {
        (NetworkDescription description, StateDict weights) = task.Case.Load();
        return Contenders.Open(task.Backend, description, weights, task.Case);
    }

    // The first call finds cold caches and threads asleep, and does not count.
    private static List<double> Measure(PreparedCall call, TimeSpan duration)
    {
        call.Run();
        List<double> times = [];
        Stopwatch clock = Stopwatch.StartNew();
        do
        {
            long start = Stopwatch.GetTimestamp();
            call.Run();
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        while (clock.Elapsed < duration);

        Rest();
        return times;
    }

    /// <summary>Waits until the process no longer takes any time of the processor.</summary>
    private static void Rest()
    {
        Stopwatch clock = Stopwatch.StartNew();
        TimeSpan used;
        do
        {
            TimeSpan before = Environment.CpuUsage.TotalTime;
            Thread.Sleep(Glance);
            used = Environment.CpuUsage.TotalTime - before;
        }
        while (used > Glance / 4 && clock.Elapsed < LongestUnrest);

        if (used > Glance / 4)
        {
            throw new InvalidOperationException(
                "its threads do not come to rest when there is nothing to compute, which would take time from the others");
        }
    }

    private void Answer(WorkerAnswer answer)
    {
        output.WriteLine(ResultJson.ToLine(answer));
        output.Flush();
    }
}
