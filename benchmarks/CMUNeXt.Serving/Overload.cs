using System.Collections.Concurrent;
using System.Diagnostics;

namespace CMUNeXt.Serving;

/// <summary>
/// Four times as many requests as the server can compute, sent at even distances whatever becomes of them: the times of those accepted, the
/// times of those refused, and whether retry_after_seconds is how long what was ahead of them really took.
/// </summary>
internal static class Overload
{
    private const double Factor = 4;

    // The client has the same cores. Its code is compiled while it asks another server than the one that is judged.
    private static readonly TimeSpan Rehearsal = TimeSpan.FromSeconds(8);

    public static async Task<bool> Measure(ServerSettings settings, Case[] cases, TimeSpan time)
    {
        using (ServerProcess another = await ServerProcess.Start(settings))
        {
            await Send(another, settings, cases, Rehearsal);
        }

        using ServerProcess server = await ServerProcess.Start(settings);
        (Sent[] all, Totals total, double seconds) = await Send(server, settings, cases, time);
        ReportWhere(all, total.Waited / total.Images, total.Served / total.Images);
        return Report(all, settings, total.Served / total.Images, all.Length / seconds);
    }

    private static async Task<(Sent[] All, Totals Total, double Seconds)> Send(
        ServerProcess server, ServerSettings settings, Case[] cases, TimeSpan time)
    {
        double mean = await MeanService(server, cases, settings.Workers);
        double rate = Factor * settings.Workers / mean;
        Totals before = await Totals.Of(server);
        ConcurrentBag<Sent> all = [];
        Stopwatch clock = Stopwatch.StartNew();
        List<Task> open = [];
        for (int i = 0; clock.Elapsed < time; i++)
        {
            double due = i / rate;
            while (clock.Elapsed.TotalSeconds < due)
            {
                await Task.Delay(1);
            }

            Case one = cases[i % cases.Length];
            open.Add(Task.Run(async () =>
            {
                double at = clock.Elapsed.TotalSeconds;
                Answer answer = await server.Segment(one.Image);
                all.Add(new Sent(at, answer, answer.Status == 200 && !answer.Body.AsSpan().SequenceEqual(one.Mask)));
            }));
        }

        await Task.WhenAll(open);
        double seconds = clock.Elapsed.TotalSeconds;
        return ([.. all], await Totals.Of(server) - before, seconds);
    }

    private static bool Report(Sent[] all, ServerSettings settings, double mean, double rate)
    {
        Sent[] accepted = [.. all.Where(sent => sent.Answer.Status == 200).OrderBy(sent => sent.At)];
        Sent[] refused = [.. all.Where(sent => sent.Answer.Status == 429)];
        double[] times = [.. accepted.Select(sent => sent.Answer.Time.TotalSeconds).Order()];
        double bound = 1.5 * (settings.QueueLimit + settings.Workers) / settings.Workers * mean;
        double[] refusals = [.. refused.Select(sent => sent.Answer.Time.TotalMilliseconds).Order()];
        Console.WriteLine(
            $"{rate:0} requests/s for {settings.Workers} workers of {1000 * mean:0.0} ms an image; "
            + $"accepted {accepted.Length}, refused {refused.Length}, other {all.Length - accepted.Length - refused.Length}, "
            + $"wrong {all.Count(sent => sent.IsWrong)}");
        Console.WriteLine(
            $"accepted: median {1000 * At(times, 0.5):0} ms, p99 {1000 * At(times, 0.99):0} ms; "
            + $"1.5 x (queue + workers) / workers x mean = {1000 * bound:0} ms; p99 / median {At(times, 0.99) / At(times, 0.5):0.00}");
        Console.WriteLine(
            $"refused: median {At(refusals, 0.5):0.0} ms, p99 {At(refusals, 0.99):0.0} ms, slowest {refusals.LastOrDefault():0.0} ms");
        double[] ratios = [.. refused.Select(sent => RetryRatio(sent, accepted)).Where(ratio => ratio > 0).Order()];
        Console.WriteLine(
            $"retry_after_seconds over the time that what was ahead took: median {At(ratios, 0.5):0.00}, "
            + $"p5 {At(ratios, 0.05):0.00}, p95 {At(ratios, 0.95):0.00}");
        return accepted.Length + refused.Length == all.Length && !all.Any(sent => sent.IsWrong);
    }

    // Where the time of an accepted request goes, and when it is long.
    private static void ReportWhere(Sent[] all, double waited, double served)
    {
        Sent[] accepted = [.. all.Where(sent => sent.Answer.Status == 200)];
        double mean = accepted.Average(sent => sent.Answer.Time.TotalSeconds);
        Console.WriteLine(
            $"accepted, mean: {1000 * mean:0} ms, of them {1000 * waited:0} for a worker, {1000 * served:0.0} of work, "
            + $"{1000 * (mean - waited - served):0.0} besides");
        IEnumerable<double> slowest = accepted.GroupBy(sent => (int)sent.At).OrderBy(second => second.Key)
            .Select(second => second.Max(sent => sent.Answer.Time.TotalMilliseconds));
        Console.WriteLine($"the slowest sent in each second, ms: {string.Join(' ', slowest.Select(ms => $"{ms:0}"))}");
    }

    // What was ahead of a refused request is done when the one accepted last before it is.
    private static double RetryRatio(Sent refused, Sent[] accepted)
    {
        Sent ahead = accepted.LastOrDefault(sent => sent.At <= refused.At);
        double took = ahead.At + ahead.Answer.Time.TotalSeconds - refused.At;
        return took > 0 && refused.Answer.RetryAfter is { } retry ? retry.TotalSeconds / took : 0;
    }

    private static async Task<double> MeanService(ServerProcess server, Case[] cases, int workers)
    {
        const int Warm = 20;
        for (int i = 0; i < Warm; i++)
        {
            await server.Segment(cases[i % cases.Length].Image);
        }

        Totals before = await Totals.Of(server);
        int images = 20 * workers;
        await Task.WhenAll(Enumerable.Range(0, workers).Select(async w =>
        {
            for (int i = 0; i < images / workers; i++)
            {
                await server.Segment(cases[(i + w) % cases.Length].Image);
            }
        }));
        return ((await Totals.Of(server)).Served - before.Served) / images;
    }

    private static double At(double[] sorted, double part) =>
        sorted.Length == 0 ? 0 : sorted[(int)Math.Min(sorted.Length - 1, part * sorted.Length)];

    // Images computed since the server's start, and the seconds that they waited for a worker and were worked on.
    private readonly record struct Totals(double Images, double Waited, double Served)
    {
        public static async Task<Totals> Of(ServerProcess server) => new(
            await server.Metric("cmunext_images_total"),
            await server.Metric("cmunext_queue_duration_seconds_sum"),
            await server.Metric("cmunext_decode_duration_seconds_sum") + await server.Metric("cmunext_compute_duration_seconds_sum")
                + await server.Metric("cmunext_encode_duration_seconds_sum"));

        public static Totals operator -(Totals total, Totals before) =>
            new(total.Images - before.Images, total.Waited - before.Waited, total.Served - before.Served);
    }

    private readonly record struct Sent(double At, Answer Answer, bool IsWrong);
}
