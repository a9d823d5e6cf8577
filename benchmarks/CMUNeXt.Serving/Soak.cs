using System.Diagnostics;

namespace CMUNeXt.Serving;

/// <summary>Many requests, each answer held against the library's own, and the server's memory after every twentieth of them.</summary>
internal static class Soak
{
    public static async Task<bool> Measure(ServerSettings settings, Case[] cases, int requests)
    {
        const int Samples = 20;
        using ServerProcess server = await ServerProcess.Start(settings);
        int wrong = 0;
        List<double> memory = [];
        Stopwatch clock = Stopwatch.StartNew();
        for (int sample = 0; sample < Samples; sample++)
        {
            int first = sample * (requests / Samples);
            await Parallel.ForEachAsync(
                Enumerable.Range(first, requests / Samples),
                new ParallelOptions { MaxDegreeOfParallelism = 2 * settings.Workers },
                async (i, stop) =>
                {
                    Case one = cases[i % cases.Length];
                    Answer answer = await server.Segment(one.Image, stop);
                    if (answer.Status != 200 || !answer.Body.AsSpan().SequenceEqual(one.Mask))
                    {
                        Interlocked.Increment(ref wrong);
                    }
                });
            memory.Add(server.ResidentBytes / 1048576.0);
        }

        Console.WriteLine($"{requests} requests in {clock.Elapsed.TotalSeconds:0} s, {wrong} wrong");
        Console.WriteLine($"resident MiB after each {requests / Samples}: {string.Join(' ', memory.Select(mib => $"{mib:0}"))}");
        Console.WriteLine($"the most after the first {requests / Samples}: {100 * (memory.Skip(1).Max() / memory[0] - 1):+0.0;-0.0} %");
        return wrong == 0;
    }
}
