using System.Diagnostics;
using CMUNeXt.Files;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace CMUNeXt.Cli.Terminal;

/// <summary>
/// Shows on standard error how far long work is: a bar with rate and time left on a terminal, a plain line now and then elsewhere.
/// Safe for several threads.
/// </summary>
internal sealed class WorkProgress
{
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(15);

    private readonly Lock gate = new();
    private readonly Stopwatch clock = Stopwatch.StartNew();
    private readonly string? unit;
    private readonly ProgressTask? bar;
    private TimeSpan lastLine;
    private double first = double.NaN;
    private double last = double.NaN;

    private WorkProgress(string? unit, ProgressTask? bar)
    {
        this.unit = unit;
        this.bar = bar;
    }

    /// <summary>Does work while its progress is shown.</summary>
    /// <param name="title">What is done, a word or two.</param>
    /// <param name="unit">What is counted, in the plural; null where only the part that is done says something.</param>
    /// <param name="work">The work, which calls <see cref="Report"/>.</param>
    public static T Run<T>(string title, string? unit, Func<WorkProgress, T> work)
    {
        if (Console.IsErrorRedirected)
        {
            return work(new WorkProgress(unit, null) { Title = title });
        }

        return StandardStreams.Error.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(),
                new RateColumn(unit), new TimeLeftColumn())
            .Start(context => work(new WorkProgress(unit, context.AddTask(Markup.Escape(title))) { Title = title }));
    }

    /// <inheritdoc cref="Run{T}(string, string, Func{WorkProgress, T})"/>
    public static void Run(string title, string? unit, Action<WorkProgress> work) => Run(title, unit, shown =>
    {
        work(shown);
        return true;
    });

    /// <summary>What is done.</summary>
    public required string Title { get; set; }

    /// <summary>States how far the work is.</summary>
    /// <param name="done">How much is done.</param>
    /// <param name="total">How much there is.</param>
    public void Report(double done, double total)
    {
        lock (gate)
        {
            if (bar is not null)
            {
                bar.Description = Markup.Escape(Title);
                bar.MaxValue = total;
                bar.Value = Math.Min(done, total);
                return;
            }

            // Work that was already done when this began does not count for the rate.
            if (double.IsNaN(first))
            {
                first = done;
            }

            if (done < total ? clock.Elapsed - lastLine < LineInterval : done == last)
            {
                return;
            }

            double rate = (done - first) / clock.Elapsed.TotalSeconds;
            string speed = unit is null ? "" : $", {rate:0.##} {unit} a second";
            string left = rate > 0 && done < total ? $"{speed}, {Format(TimeSpan.FromSeconds((total - done) / rate))} left" : "";
            lastLine = clock.Elapsed;
            last = done;
            Console.Error.WriteLine(
                unit is null ? $"{Title}: {100 * done / total:0} %{left}" : $"{Title}: {done:0} of {total:0} {unit}{left}");
        }
    }

    /// <summary>Writes a line above the bar.</summary>
    public void WriteLine(string line)
    {
        lock (gate)
        {
            if (bar is null)
            {
                Console.Error.WriteLine(line);
            }
            else
            {
                StandardStreams.Error.WriteLine(PrintableText.Of(line));
            }
        }
    }

    /// <summary>A time as hours, minutes and seconds: of days too, which trainings take.</summary>
    internal static string Format(TimeSpan time) => $"{(long)time.TotalHours}:{time:mm\\:ss}";

    private sealed class RateColumn(string? unit) : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(unit is not null && task.Speed is { } speed ? $"{speed:0.##} {unit}/s" : "");
    }

    // That of Spectre.Console leaves the days out.
    private sealed class TimeLeftColumn : ProgressColumn
    {
        protected override bool NoWrap => true;

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(task.RemainingTime is { } left ? Format(left) : "-:--:--", new Style(Color.Blue));
    }
}
