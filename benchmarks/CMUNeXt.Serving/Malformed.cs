using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace CMUNeXt.Serving;

/// <summary>
/// Requests that are wrong in many ways: each is refused with a 4xx (501 for what is not spoken) or its connection is closed.
/// </summary>
internal static class Malformed
{
    private const int AtOnce = 16;

    // The number of its kind.
    private const int Bomb = 11;

    // A request that never becomes whole ends after the time for headers, or for a body that comes too slowly.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(15);

    public static async Task<bool> Measure(ServerSettings settings, Case[] cases, int requests)
    {
        using ServerProcess server = await ServerProcess.Start(settings);
        Random random = new(11);
        WrongRequest bomb = WrongRequest.Make(Bomb, random, cases[0].Image);
        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => Exchange(server.Address, bomb)));
        Console.WriteLine($"{AtOnce} zip bombs at once: at most {server.MostResidentBytes / 1048576.0:0} MiB resident");
        Dictionary<string, int> outcomes = [];
        List<string> faults = [];
        double slowest = 0;
        await Parallel.ForEachAsync(
            Enumerable.Range(0, requests),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce },
            async (i, _) =>
            {
                WrongRequest wrong;
                lock (random)
                {
                    wrong = WrongRequest.Make(i, random, cases[i % cases.Length].Image);
                }

                Stopwatch clock = Stopwatch.StartNew();
                string answer = await Exchange(server.Address, wrong);
                string outcome = answer.Length == 0 ? "closed" : answer.Split(' ')[1];
                lock (random)
                {
                    slowest = Math.Max(slowest, clock.Elapsed.TotalSeconds);
                    outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
                    bool isRefused = outcome is "closed" or "501" || outcome.StartsWith('4');
                    if (!isRefused || answer.Contains("   at ", StringComparison.Ordinal) || clock.Elapsed > Longest)
                    {
                        faults.Add($"{wrong.Kind}: {answer[..Math.Min(answer.Length, 200)]}");
                    }
                }
            });
        bool isHealthy = (await server.Client.GetAsync("/health/ready")).IsSuccessStatusCode
            && (await server.Segment(cases[0].Image)).Body.AsSpan().SequenceEqual(cases[0].Mask);
        Console.WriteLine(
            $"{requests} requests: {string.Join(", ", outcomes.OrderBy(one => one.Key).Select(one => $"{one.Value} x {one.Key}"))}; "
            + $"slowest {slowest:0.0} s");
        Console.WriteLine(
            $"afterwards {(isHealthy ? "healthy" : "not healthy")}, {server.ResidentBytes / 1048576.0:0} MiB; {faults.Count} faults; "
            + $"standard error: {(server.Errors.Length == 0 ? "nothing" : server.Errors)}");
        faults.Take(10).ToList().ForEach(Console.WriteLine);
        return isHealthy && faults.Count == 0 && !server.Errors.Contains("   at ", StringComparison.Ordinal);
    }

    private static async Task<string> Exchange(Uri address, WrongRequest wrong)
    {
        using TcpClient client = new();
        await client.ConnectAsync(address.Host, address.Port);
        StringBuilder answer = new();
        try
        {
            NetworkStream stream = client.GetStream();
            await stream.WriteAsync(wrong.Bytes);
            if (wrong.EndsConnection)
            {
                client.Client.Shutdown(SocketShutdown.Send);
            }

            byte[] block = new byte[4096];
            using CancellationTokenSource late = new(Longest + TimeSpan.FromSeconds(5));
            for (int count; (count = await stream.ReadAsync(block, late.Token)) > 0;)
            {
                answer.Append(Encoding.Latin1.GetString(block, 0, count));
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // Closed in the middle, or never: the time tells.
        }

        return answer.ToString();
    }
}
