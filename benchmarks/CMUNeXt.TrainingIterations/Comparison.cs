using System.Diagnostics;

namespace CMUNeXt.TrainingIterations;

/// <summary>Starts a process for each engine, has them iterate in turn, and prints times, their ratios and the memory of each.</summary>
internal static class Comparison
{
    public static void Run(string[] engines, string[] setting, int iterations)
    {
        Process[] workers = [.. engines.Select(engine => Start(engine, setting))];
        List<double>[] times = [.. engines.Select(_ => new List<double>())];
        double[] losses = new double[engines.Length];
        for (int iteration = 0; iteration < iterations + 2; iteration++)
        {
            for (int i = 0; i < workers.Length; i++)
            {
                string[] answer = Ask(workers[i], "iterate").Split(' ');
                losses[i] = double.Parse(answer[1]);
                if (iteration >= 2)
                {
                    times[i].Add(double.Parse(answer[0]));
                }
            }
        }

        Console.WriteLine(string.Join(' ', setting));
        for (int i = 0; i < workers.Length; i++)
        {
            double median = Median(times[i]);
            double ratio = Median([.. times[i].Zip(times[0], (a, b) => a / b)]);
            Console.WriteLine(
                $"{engines[i],-18} median {median,8:0.0} ms, least {times[i].Min(),8:0.0} ms, {ratio,6:0.00} times the first; "
                + $"peak memory {Ask(workers[i], "memory"),6} MiB; loss of the last iteration {losses[i]:0.00000}");
            workers[i].StandardInput.Close();
            workers[i].WaitForExit();
        }
    }

    private static Process Start(string engine, string[] setting)
    {
        // An executable of its own, or a library that the dotnet command runs.
        string process = Environment.ProcessPath!;
        string[] library = Path.GetFileNameWithoutExtension(process) == "dotnet" ? [typeof(Comparison).Assembly.Location] : [];
        ProcessStartInfo start = new(process, [.. library, .. setting, "--worker", engine])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        return Process.Start(start)!;
    }

    private static string Ask(Process worker, string question)
    {
        worker.StandardInput.WriteLine(question);
        worker.StandardInput.Flush();
        return worker.StandardOutput.ReadLine() ?? throw new InvalidOperationException("An engine's process ended.");
    }

    private static double Median(List<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
