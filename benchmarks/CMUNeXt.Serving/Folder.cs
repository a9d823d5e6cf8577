using System.Diagnostics;
using System.Net;
using CMUNeXt.Server;

namespace CMUNeXt.Serving;

/// <summary>
/// A viewer that sends a folder of images at once, and each that is refused again after the whole seconds of Retry-After, while a person at
/// another computer sends an image now and then: how long the folder takes, and how long the person waits. The server runs in this process,
/// with a queue of another length than the program's.
/// </summary>
internal static class Folder
{
    private const int Images = 300;

    // Between two images of the person.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    public static async Task<bool> Measure(ServerSettings settings, Case[] cases, int queueLimit)
    {
        await using SegmentationServer server = await SegmentationServer.Start(new()
        {
            Port = 0,
            Weights = [new("breast-ultrasound", Pretrained.BreastUltrasound)],
            Workers = settings.Workers,
            QueueLimit = queueLimit,
        });
        using HttpClient viewer = new() { BaseAddress = server.Address };
        using HttpClient person = new() { BaseAddress = server.Address };
        while ((await viewer.GetAsync("/health/ready")).StatusCode != HttpStatusCode.OK)
        {
            await Task.Delay(Pause);
        }

        Stopwatch clock = Stopwatch.StartNew();
        Task<int[]> folder = Task.WhenAll(Enumerable.Range(0, Images).Select(i => Insist(viewer, cases[i % cases.Length])));
        List<double> waits = [];
        for (int i = 0; !folder.IsCompleted; i++)
        {
            await Task.Delay(Pause);
            long started = Stopwatch.GetTimestamp();
            await Insist(person, cases[i % cases.Length]);
            waits.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        int[] refusals = await folder;
        Console.WriteLine(
            $"queue of {queueLimit}: {Images} images in {clock.Elapsed.TotalSeconds:0.0} s, refused {refusals.Sum()} times; "
            + "meanwhile an image of another client took "
            + $"{waits.Order().ElementAt(waits.Count / 2):0} ms (median) and {waits.Max():0} ms (longest)");
        return true;
    }

    // Until it is answered.
    private static async Task<int> Insist(HttpClient client, Case one)
    {
        for (int refusals = 0; ; refusals++)
        {
            using HttpRequestMessage request = new(HttpMethod.Post, "/api/v1/segment") { Content = new ByteArrayContent(one.Image) };
            request.Headers.Accept.ParseAdd("image/png");
            using HttpResponseMessage response = await client.SendAsync(request);
            if (response.StatusCode != HttpStatusCode.TooManyRequests)
            {
                response.EnsureSuccessStatusCode();
                return refusals;
            }

            await Task.Delay(response.Headers.RetryAfter!.Delta!.Value);
        }
    }
}
