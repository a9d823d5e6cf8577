using System.Diagnostics;

namespace CMUNeXt.Serving;

/// <summary>Images a second over HTTP, beside those that the library computes in process of the same bytes on as many threads.</summary>
internal static class Throughput
{
    private const int Rounds = 3;

    public static async Task<bool> Measure(ServerSettings settings, Case[] cases, TimeSpan time)
    {
        using ServerProcess server = await ServerProcess.Start(settings);
        using Segmenter segmenter = Segmenter.Load(Pretrained.BreastUltrasound, new() { Threads = 1 });
        InProcess(segmenter, settings.Workers, cases, time / 5);
        await OverHttp(server, settings.Workers, cases, time / 5);
        List<double> ratios = [];
        bool areRight = true;
        for (int round = 0; round < Rounds; round++)
        {
            double direct = InProcess(segmenter, settings.Workers, cases, time);
            (double served, int wrong) = await OverHttp(server, settings.Workers, cases, time);
            areRight &= wrong == 0;
            ratios.Add(served / direct);
            Console.WriteLine(
                $"in process {direct:0.0} images/s, over HTTP {served:0.0} images/s: {100 * served / direct:0.0} %; {wrong} wrong");
        }

        Console.WriteLine($"median {100 * ratios.Order().ElementAt(Rounds / 2):0.0} %");
        return areRight;
    }

    private static double InProcess(Segmenter segmenter, int threads, Case[] cases, TimeSpan time)
    {
        int done = 0;
        Stopwatch clock = Stopwatch.StartNew();
        Thread[] all = [.. Enumerable.Range(0, threads).Select(_ => new Thread(() =>
        {
            while (clock.Elapsed < time)
            {
                Case one = cases[Interlocked.Increment(ref done) % cases.Length];
                Case.Compute(segmenter, one.Image);
            }
        }))];
        Array.ForEach(all, thread => thread.Start());
        Array.ForEach(all, thread => thread.Join());
        return done / clock.Elapsed.TotalSeconds;
    }

    private static async Task<(double PerSecond, int Wrong)> OverHttp(ServerProcess server, int workers, Case[] cases, TimeSpan time)
    {
        int next = 0;
        int done = 0;
        int wrong = 0;
        Stopwatch clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, 2 * workers).Select(_ => Task.Run(async () =>
        {
            while (clock.Elapsed < time)
            {
                Case one = cases[Interlocked.Increment(ref next) % cases.Length];
                Answer answer = await server.Segment(one.Image);
                Interlocked.Increment(ref done);
                if (answer.Status != 200 || !answer.Body.AsSpan().SequenceEqual(one.Mask))
                {
                    Interlocked.Increment(ref wrong);
                }
            }
        })));
        return (done / clock.Elapsed.TotalSeconds, wrong);
    }
}
