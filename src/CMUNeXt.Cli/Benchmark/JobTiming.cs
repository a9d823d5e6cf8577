using System.Diagnostics;
using CMUNeXt.Cli.Prediction;
using CMUNeXt.Cli.Terminal;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Weights;

namespace CMUNeXt.Cli.Benchmark;

/// <summary>Times <c>predict</c> on a folder beside the engine alone, in turn.</summary>
/// <param name="folder">The images.</param>
/// <param name="given">The weights as the command line has them; null for those that come with the program.</param>
/// <param name="threads">The images that are computed at once.</param>
/// <param name="seconds">How long the engine computes, in all.</param>
/// <param name="stop">Stops it.</param>
internal sealed class JobTiming(string folder, string? given, int threads, double seconds, CancellationToken stop)
{
    private const int Turns = 3;

    // What the engine computes lies in memory as pixels; so many tell its speed.
    private const int MostInMemory = 64;

    private static readonly string[] Jobs = ["predict --no-overlay", "predict"];

    /// <summary>Times them.</summary>
    /// <exception cref="BadFileException">The folder holds no image, or one that cannot be read, or the weights are bad.</exception>
    /// <exception cref="BenchmarkFailedException">A prediction failed.</exception>
    public JobReport Run()
    {
        LoadedWeights weights = NetworkWeights.Load(given);
        ScratchFolder.RemoveAbandoned();
        using ScratchFolder results = ScratchFolder.Create("job");
        IReadOnlyList<ImageInput> images = ImageInputs.Find([folder], results.Path, stop).Images;
        Image[] pixels = Decode(images);
        using Segmenter segmenter = Segmenter.Load(weights, new SegmenterOptions { Threads = 1 });
        Compute(segmenter, pixels, TimeSpan.Zero);
        Dictionary<string, List<Turn>> turns = Jobs.Prepend(JobRow.Engine).ToDictionary(job => job, _ => new List<Turn>());
        WorkProgress.Run("timing the job", "turns", work =>
        {
            for (int turn = 0; turn < Turns; turn++)
            {
                turns[JobRow.Engine].Add(Compute(segmenter, pixels, TimeSpan.FromSeconds(seconds / Turns)));
                foreach (string job in Jobs)
                {
                    turns[job].Add(Predict(job, images.Count, Path.Combine(results.Path, $"{turn} {job}")));
                }

                work.Report(turn + 1, Turns);
            }
        });
        double engine = Median(turns[JobRow.Engine], static turn => turn.ImagesPerSecond);
        return new JobReport(
            Machine.Describe(new Dictionary<string, string>()), weights.DescribeNetwork().Name, threads, images.Count,
            [.. turns.Select(job => RowOf(job.Key, job.Value, engine))]);
    }

    private Image[] Decode(IReadOnlyList<ImageInput> images)
    {
        ImageInput[] files = [.. images.Where(static image => image.Frame is null)];
        return files.Length == 0
            ? throw new BadFileException(folder, "holds DICOM files alone, and the engine is timed with the pixels of other images")
            : [.. Enumerable.Range(0, Math.Min(MostInMemory, files.Length))
                .Select(i => ImageFile.Load(files[(int)((long)i * files.Length / Math.Min(MostInMemory, files.Length))].Path))];
    }

    // Every image once, and then on until the time is over.
    private Turn Compute(Segmenter segmenter, Image[] pixels, TimeSpan duration)
    {
        TimeSpan before = Environment.CpuUsage.TotalTime;
        Stopwatch clock = Stopwatch.StartNew();
        int begun = 0;
        Task[] workers = [.. Enumerable.Range(0, threads).Select(_ => Task.Factory.StartNew(
            () =>
            {
                while (!stop.IsCancellationRequested && Interlocked.Increment(ref begun) is var image
                    && (image <= pixels.Length || clock.Elapsed < duration))
                {
                    segmenter.Segment(pixels[(image - 1) % pixels.Length], CancellationToken.None);
                }
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        Task.WhenAll(workers).GetAwaiter().GetResult();
        stop.ThrowIfCancellationRequested();

        // Each worker began one more than it computed.
        return new Turn(begun - threads, clock.Elapsed, (Environment.CpuUsage.TotalTime - before).TotalSeconds, null, null);
    }

    private Turn Predict(string job, int images, string output)
    {
        string[] weights = given is null ? [] : ["--weights", given];
        DateTime began = DateTime.UtcNow;
        Stopwatch clock = Stopwatch.StartNew();
        ProcessFigures figures = MeasuredProcess.Run(
            [.. job.Split(' '), folder, "--output", output, "--threads", $"{threads}", .. weights], stop);
        TimeSpan elapsed = clock.Elapsed;
        DateTime first = Directory.EnumerateFiles(output, "*.json", SearchOption.AllDirectories).Min(File.GetLastWriteTimeUtc);

        // The results stay until the end: for seconds after many files are removed, ext4 is slow to make new ones.
        return new Turn(images, elapsed, figures.ProcessorSeconds, figures.PeakMemoryMib, (first - began).TotalMilliseconds);
    }

    private static JobRow RowOf(string job, List<Turn> turns, double engine)
    {
        double speed = Median(turns, static turn => turn.ImagesPerSecond);
        return new JobRow(
            job, (int)Median(turns, static turn => turn.Images), speed, speed / engine,
            Median(turns, static turn => 1000 * turn.ProcessorSeconds / turn.Images), turns.Max(static turn => turn.PeakMemoryMib),
            turns[0].FirstResultMs is null ? null : Median(turns, static turn => turn.FirstResultMs!.Value));
    }

    private static double Median(List<Turn> turns, Func<Turn, double> value) => turns.Select(value).Order().ElementAt(turns.Count / 2);

    private sealed record Turn(int Images, TimeSpan Elapsed, double ProcessorSeconds, double? PeakMemoryMib, double? FirstResultMs)
    {
        public double ImagesPerSecond => Images / Elapsed.TotalSeconds;
    }
}
