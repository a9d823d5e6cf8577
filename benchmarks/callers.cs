#:project ../src/CMUNeXt
// Many callers of one segmenter, in turn with as many as there are cores:
// dotnet run -c Release benchmarks/callers.cs -- WEIGHTS [CALLERS,...] [SECONDS] [async]
// Each caller is a thread that segments one image after another, or with "async" a task that awaits one after another. Printed are the
// medians over five turns of images a second, as a part of what as many callers as cores reach, of the processor's time for an image, and
// the most threads and memory that the process had.
using System.Diagnostics;
using System.Globalization;
using CMUNeXt;
using CMUNeXt.Images;

const int Turns = 5;
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
int cores = Environment.ProcessorCount;
int[] numbers = [cores, .. (args.Length > 1 ? args[1] : "1,8,64").Split(',').Select(int.Parse)];
bool isAsync = args.Length > 3 && args[3] == "async";
TimeSpan turn = TimeSpan.FromSeconds((args.Length > 2 ? double.Parse(args[2]) : 2) / Turns);
byte[] noise = new byte[512 * 512];
new Random(1).NextBytes(noise);
Image image = new(512, 512, 1, noise);
using Segmenter segmenter = Segmenter.Load(args[0]);
Call(cores, TimeSpan.FromSeconds(1));

List<(double Speed, double Processor, int Threads, double Mib)>[] measured =
    [.. numbers.Select(_ => new List<(double, double, int, double)>())];
for (int i = 0; i < Turns * numbers.Length; i++)
{
    measured[i % numbers.Length].Add(Call(numbers[i % numbers.Length], turn));
}

Console.WriteLine(
    $"| callers | images a second | of as many as cores | processor ms an image | threads{(isAsync ? "" : " besides the callers")} "
    + "| memory (MiB) |");
Console.WriteLine("| --- | --- | --- | --- | --- | --- |");
double plain = Median(measured[0].Select(static one => one.Speed));
for (int i = 0; i < numbers.Length; i++)
{
    double speed = Median(measured[i].Select(static one => one.Speed));
    double processor = Median(measured[i].Select(static one => one.Processor));
    Console.WriteLine($"| {numbers[i]} | {speed:0.0} | {100 * speed / plain:0} % | {processor:0.00} "
        + $"| {measured[i].Max(static one => one.Threads)} | {measured[i].Max(static one => one.Mib):0} |");
}

(double Speed, double Processor, int Threads, double Mib) Call(int callers, TimeSpan duration)
{
    // What is measured lies between each caller's first call and its last, so that the start of many threads is not.
    int done = 0;
    bool isOver = false;
    using CountdownEvent waiting = new(callers);
    Task[] all = [.. Enumerable.Range(0, callers).Select(_ => isAsync
        ? Task.Run(SegmentOnAsync)
        : Task.Factory.StartNew(() => SegmentOnAsync().Wait(), TaskCreationOptions.LongRunning))];
    waiting.Wait();
    (TimeSpan processorBefore, int doneBefore) = (Environment.CpuUsage.TotalTime, done);
    Stopwatch clock = Stopwatch.StartNew();
    Thread.Sleep(duration);
    (double computed, double seconds) = (done - doneBefore, clock.Elapsed.TotalSeconds);
    TimeSpan processor = Environment.CpuUsage.TotalTime - processorBefore;
    using Process self = Process.GetCurrentProcess();
    (int most, double mib) = (self.Threads.Count - (isAsync ? 0 : callers), self.WorkingSet64 / 1048576.0);
    Volatile.Write(ref isOver, true);
    Task.WaitAll(all);
    return (computed / seconds, processor.TotalMilliseconds / computed, most, mib);

    async Task SegmentOnAsync()
    {
        await SegmentAsync();
        waiting.Signal();
        while (!Volatile.Read(ref isOver))
        {
            await SegmentAsync();
            Interlocked.Increment(ref done);
        }
    }

    Task SegmentAsync() => isAsync ? segmenter.SegmentAsync(image) : Task.FromResult(segmenter.Segment(image));
}

static double Median(IEnumerable<double> values) => values.Order().ElementAt(values.Count() / 2);
