namespace CMUNeXt.Serving;

/// <summary>A hundred requests whose clients go: whether anything is computed afterwards.</summary>
internal static class Cancelled
{
    private const int Rounds = 5;
    private const int Requests = 20;

    public static async Task<bool> Measure(ServerSettings settings, Case[] cases)
    {
        using ServerProcess server = await ServerProcess.Start(settings);
        double computedLater = 0;
        double computedBefore = 0;
        double cancelled = 0;
        for (int round = 0; round < Rounds; round++)
        {
            double images = await server.Metric("cmunext_images_total");
            double left = await server.Metric("cmunext_requests_cancelled_total");
            using CancellationTokenSource gone = new();
            Task[] sent = [.. Enumerable.Range(0, Requests).Select(i => server.Segment(cases[i % cases.Length].Image, gone.Token))];
            while (await server.Metric("cmunext_queue_length") == 0)
            {
                await Task.Yield();
            }

            await gone.CancelAsync();
            await Task.WhenAll(sent.Select(task => task.ContinueWith(static _ => { }, TaskScheduler.Default)));

            // Long enough for the server to notice, and shorter than an image.
            while (await server.Metric("cmunext_workers_busy") > 0)
            {
                await Task.Yield();
            }

            double noticed = await server.Metric("cmunext_images_total");
            await Task.Delay(500);
            computedBefore += noticed - images;
            computedLater += await server.Metric("cmunext_images_total") - noticed;
            cancelled += await server.Metric("cmunext_requests_cancelled_total") - left;
        }

        Console.WriteLine(
            $"of {Rounds * Requests} requests {cancelled} were canceled, {computedBefore} images computed before; "
            + $"afterwards {computedLater}");
        return computedLater == 0;
    }
}
