using System.Diagnostics;

namespace CMUNeXt.Serving;

/// <summary>
/// Many requests, each answer held against the library's own, and the mean of the server's memory in each twentieth of them.
/// </summary>
internal static class Soak
{
    private const int Parts = 20;
    private const int SamplesOfPart = 10;

    public static async Task<bool> Measure(ServerSettings settings, Case[] cases, int requests)
    {
        using ServerProcess server = await ServerProcess.Start(settings);
        int wrong = 0;
        List<double> memory = [];
        Stopwatch clock = Stopwatch.StartNew();
        int count = requests / Parts / SamplesOfPart;
        for (int part = 0; part < Parts; part++)
        {
            double sum = 0;
            for (int sample = 0; sample < SamplesOfPart; sample++)
            {
                wrong += await Send(server, cases, ((part * SamplesOfPart) + sample) * count, count, 2 * settings.Workers);
                sum += server.ResidentBytes / 1048576.0;
            }

            memory.Add(sum / SamplesOfPart);
        }

        Console.WriteLine($"{Parts * SamplesOfPart * count} requests in {clock.Elapsed.TotalSeconds:0} s, {wrong} wrong");
        Console.WriteLine($"mean resident MiB of each {SamplesOfPart * count}: {string.Join(' ', memory.Select(mib => $"{mib:0}"))}");
        Console.WriteLine($"the most after the first, over the second: {100 * (memory.Skip(1).Max() / memory[1] - 1):+0.0;-0.0} %");
        return wrong == 0;
    }

    private static async Task<int> Send(ServerProcess server, Case[] cases, int first, int count, int clients)
    {
        int wrong = 0;
        await Parallel.ForEachAsync(
            Enumerable.Range(first, count),
            new ParallelOptions { MaxDegreeOfParallelism = clients },
            async (i, stop) =>
            {
                Case one = cases[i % cases.Length];
                Answer answer = await server.Segment(one.Image, stop);
                if (answer.Status != 200 || !answer.Body.AsSpan().SequenceEqual(one.Mask))
                {
                    Interlocked.Increment(ref wrong);
                }
            });
        return wrong;
    }
}
