using System.Diagnostics;

namespace CMUNeXt.Serving;

/// <summary>From the start of the program to the page, and to the first mask.</summary>
internal static class StartTime
{
    private const int Rounds = 5;

    public static async Task<bool> Measure(ServerSettings settings)
    {
        byte[] image = Case.Make(256)[0].Image;
        List<double> pages = [];
        List<double> masks = [];
        for (int round = 0; round < Rounds; round++)
        {
            Stopwatch clock = Stopwatch.StartNew();
            using ServerProcess server = await ServerProcess.StartToListen(settings);
            string page = await server.Client.GetStringAsync("/");
            pages.Add(clock.Elapsed.TotalMilliseconds);
            Answer first = await server.Segment(image);
            masks.Add(clock.Elapsed.TotalMilliseconds);
            if (!page.Contains("<title>CMUNeXt", StringComparison.Ordinal) || first.Status != 200)
            {
                return false;
            }
        }

        Console.WriteLine(
            $"to the page {string.Join(' ', pages.Select(ms => $"{ms:0}"))} ms; "
            + $"to the first mask {string.Join(' ', masks.Select(ms => $"{ms:0}"))} ms");
        return true;
    }
}
