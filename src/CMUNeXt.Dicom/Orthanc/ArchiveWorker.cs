using System.Diagnostics;
using System.Net;
using CMUNeXt.Files;
using Microsoft.Extensions.Logging;

namespace CMUNeXt.Dicom.Orthanc;

/// <summary>
/// Watches an Orthanc archive, segments its new ultrasound instances, and stores the results in the same study. A change counts as dealt
/// with once its results are stored, and results that are recomputed are the same objects: so whichever side is killed, nothing is lost or
/// doubled.
/// </summary>
public sealed class ArchiveWorker : IDisposable
{
    /// <summary>The name of the meter: instances segmented, skipped and failed, objects stored, and how long it takes.</summary>
    public const string MeterName = "CMUNeXt.Dicom";

    private const int MostAttempts = 5;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly Settings settings;
    private readonly Func<DicomFile, string, CancellationToken, IReadOnlyList<string>> segment;
    private readonly ILogger log;
    private readonly WorkerState state;
    private readonly OrthancArchive archive;
    private readonly ArchiveMetrics metrics;
    private volatile int waiting;
    private volatile bool isAnswered;

    /// <summary>Prepares a worker.</summary>
    /// <param name="settings">Where and what.</param>
    /// <param name="segment">From an instance to its results: writes DICOM files into a folder, and gives their paths.</param>
    /// <param name="log">Takes what happens; no line has a patient's name.</param>
    public ArchiveWorker(
        Settings settings, Func<DicomFile, string, CancellationToken, IReadOnlyList<string>> segment, ILogger<ArchiveWorker> log)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(segment);
        ArgumentNullException.ThrowIfNull(log);
        this.settings = settings;
        this.segment = segment;
        this.log = log;
        state = new WorkerState(settings.StatePath);
        archive = new OrthancArchive(settings.Archive);
        metrics = new ArchiveMetrics(() => waiting);
    }

    /// <summary>Whether the archive answered when it was last asked.</summary>
    public bool IsReady => isAnswered;

    /// <summary>What a worker does, and where.</summary>
    public sealed record Settings
    {
        /// <summary>The archive's address, such as http://localhost:8042; a user and a password may stand in it.</summary>
        public required Uri Archive { get; init; }

        /// <summary>The file that says how far the worker is.</summary>
        public required string StatePath { get; init; }

        /// <summary>Which instances are segmented.</summary>
        public ArchiveFilter Filter { get; init; } = new();

        /// <summary>Where the archive sends the results on to, as its configuration names it; null sends them nowhere.</summary>
        public string? SendTo { get; init; }

        /// <summary>Take what was in the archive before the worker first ran, too.</summary>
        public bool FromStart { get; init; }

        /// <summary>End when everything is done, instead of waiting for more.</summary>
        public bool Once { get; init; }

        /// <summary>Say what would be segmented, and neither store anything nor note it as done.</summary>
        public bool DryRun { get; init; }
    }

    /// <summary>Works until it is stopped, or everything is done where that is asked for.</summary>
    /// <returns>The number of instances that failed.</returns>
    /// <exception cref="BadFileException">The state is of something else.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        string version = PrintableName.Of(await UntilAnswered(() => archive.GetVersionAsync(stop), stop).ConfigureAwait(false));
        log.Watching(version, archive.Address);
        long done = await Begin(stop).ConfigureAwait(false);
        int failures = 0;
        while (true)
        {
            IReadOnlyList<ArchiveChange> changes =
                await UntilAnswered(() => archive.GetChangesAsync(done, stop), stop).ConfigureAwait(false);
            waiting = changes.Count;
            foreach (ArchiveChange change in changes)
            {
                stop.ThrowIfCancellationRequested();
                if (change.Type == "NewInstance")
                {
                    failures += await Handle(change.Instance, stop).ConfigureAwait(false) ? 0 : 1;
                }

                done = change.Number;
                waiting--;
                if (!settings.DryRun)
                {
                    state.Write(archive.Address, done);
                }
            }

            if (changes.Count == 0)
            {
                if (settings.Once)
                {
                    return failures;
                }

                await Task.Delay(Pause, stop).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Gives back what the worker holds.</summary>
    public void Dispose()
    {
        metrics.Dispose();
        archive.Dispose();
    }

    private async Task<long> Begin(CancellationToken stop)
    {
        long last = await UntilAnswered(() => archive.GetLastChangeAsync(stop), stop).ConfigureAwait(false);
        long? done = state.Read(archive.Address);
        if (done > last)
        {
            log.AnotherArchive(last, done.Value);
            done = 0;
        }

        long begin = done ?? (settings.FromStart ? 0 : last);
        if (!settings.DryRun)
        {
            state.Write(archive.Address, begin);
        }

        return begin;
    }

    /// <summary>Deals with an instance; the archive may go away and come back meanwhile.</summary>
    /// <returns>False where it failed for good.</returns>
    private async Task<bool> Handle(string instance, CancellationToken stop)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await UntilAnswered(() => Segment(instance, stop), stop).ConfigureAwait(false);
                return true;
            }
            catch (BadFileException e)
            {
                Skip(instance, e.Problem);
                return true;
            }
            catch (HttpRequestException e) when (e.StatusCode == HttpStatusCode.NotFound)
            {
                Skip(instance, "the archive has it no longer, or does not know where to send it");
                return true;
            }
            catch (HttpRequestException e)
            {
                log.Failed(instance, attempt, (int)e.StatusCode!);
                if (attempt == MostAttempts)
                {
                    metrics.Failed();
                    return false;
                }
            }

            await Task.Delay(Pause * attempt, stop).ConfigureAwait(false);
        }
    }

    private void Skip(string instance, string problem)
    {
        metrics.Skipped();
        log.Skipped(instance, problem);
    }

    private async Task<bool> Segment(string instance, CancellationToken stop)
    {
        IReadOnlyDictionary<string, string> tags = await archive.GetTagsAsync(instance, stop).ConfigureAwait(false);
        if (ArchiveFilter.IsOwn(tags))
        {
            return false;
        }

        if (settings.Filter.Objection(tags) is { } objection)
        {
            log.LeftAlone(instance, objection);
            return false;
        }

        if (settings.DryRun)
        {
            string frames = PrintableName.Of(tags.GetValueOrDefault("NumberOfFrames", "1"));
            log.WouldSegment(instance, frames);
            return true;
        }

        Stopwatch clock = Stopwatch.StartNew();
        DirectoryInfo folder = Directory.CreateTempSubdirectory("cmunext-dicom-");
        try
        {
            using DicomFile file = await archive.OpenAsync(instance, limits: null, take: null, stop).ConfigureAwait(false);
            List<string> stored = [];
            foreach (string path in segment(file, folder.FullName, stop))
            {
                stored.Add(await archive.StoreAsync(path, stop).ConfigureAwait(false));
            }

            if (settings.SendTo is { } receiver)
            {
                await archive.SendAsync(receiver, stored, stop).ConfigureAwait(false);
            }

            TimeSpan time = clock.Elapsed;
            metrics.Segmented(stored.Count, time);
            log.Segmented(instance, stored.Count, time.TotalSeconds);
            return true;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Asks again until the archive answers at all.</summary>
    private async Task<T> UntilAnswered<T>(Func<Task<T>> ask, CancellationToken stop)
    {
        for (TimeSpan pause = Pause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                T answer = await ask().ConfigureAwait(false);
                isAnswered = true;
                return answer;
            }
            catch (Exception e) when (IsAway(e) && !stop.IsCancellationRequested)
            {
                isAnswered = false;
                metrics.Unanswered();
                string problem = PrintableText.Of(e.Message);
                log.Waiting(archive.Address, problem);
            }

            await Task.Delay(pause, stop).ConfigureAwait(false);
        }
    }

    // No answer, one that broke off, or one that says it is not ready.
    private static bool IsAway(Exception e) =>
        e is HttpRequestException { StatusCode: null or HttpStatusCode.ServiceUnavailable } or HttpIOException or TaskCanceledException;
}
