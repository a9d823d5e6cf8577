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

    // The longest pause is as many times the first.
    private const int LongestPause = 30;

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

    /// <summary>The first pause before something is tried again.</summary>
    internal TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(1);

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
    /// <exception cref="BadFileException">
    /// The state is of something else; or the archive does not let the worker in, is no Orthanc, or does not know the receiver.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        try
        {
            return await Work(stop).ConfigureAwait(false);
        }
        catch (HttpRequestException e)
        {
            throw new BadFileException(archive.Address.AbsoluteUri, Refusal(e), e);
        }
    }

    /// <summary>Gives back what the worker holds.</summary>
    public void Dispose()
    {
        metrics.Dispose();
        archive.Dispose();
    }

    private static string Refusal(HttpRequestException e) => e.StatusCode switch
    {
        HttpStatusCode.Unauthorized => "it refuses the user or the password: give those of its configuration as http://USER:PASSWORD@HOST",
        HttpStatusCode.Forbidden => "it does not let this user in: see RemoteAccessAllowed and the users of its configuration",
        HttpStatusCode.NotImplemented => e.Message,
        { } status => $"it answers with the error {(int)status}: is it an Orthanc? If so, its log says more",
        null => e.Message,
    };

    private async Task<int> Work(CancellationToken stop)
    {
        string version = PrintableName.Of(await UntilAnswered(() => archive.GetVersionAsync(stop), stop).ConfigureAwait(false));
        log.Watching(version, archive.Address);
        await CheckReceiver(stop).ConfigureAwait(false);
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

    private async Task CheckReceiver(CancellationToken stop)
    {
        if (settings.SendTo is not { } receiver)
        {
            return;
        }

        IReadOnlyList<string> known = await UntilAnswered(() => archive.GetModalitiesAsync(stop), stop).ConfigureAwait(false);
        if (!known.Contains(receiver))
        {
            string names = known.Count == 0 ? "none" : string.Join(", ", known.Select(PrintableName.Of));
            throw new BadFileException(
                archive.Address.AbsoluteUri,
                $"its DicomModalities have no {PrintableName.Of(receiver)} to send to, they have {names}: configure it, or name another");
        }
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

    /// <summary>Deals with an instance; archive and receiver may go away and come back meanwhile.</summary>
    /// <returns>False where it failed for good.</returns>
    private async Task<bool> Handle(string instance, CancellationToken stop)
    {
        int failures = 0;
        IReadOnlyList<string>? stored = null;
        while (true)
        {
            try
            {
                stored ??= await Segment(instance, stop).ConfigureAwait(false);
                if (stored.Count > 0 && settings.SendTo is { } receiver)
                {
                    await archive.SendAsync(receiver, stored, stop).ConfigureAwait(false);
                }

                return true;
            }
            catch (BadFileException e)
            {
                Skip(instance, e.Problem);
                return true;
            }
            catch (HttpRequestException e) when (e.StatusCode == HttpStatusCode.NotFound)
            {
                if (stored is not null)
                {
                    await CheckReceiver(stop).ConfigureAwait(false);
                }

                Skip(instance, "the archive has it no longer");
                return true;
            }
            catch (Exception e) when (!stop.IsCancellationRequested)
            {
                // What fails while both answer is the instance's failure, and not for ever: others wait behind it.
                bool wasAway = await WaitForArchive(stop).ConfigureAwait(false)
                    || (stored is not null && await WaitForReceiver(stop).ConfigureAwait(false));
                if (!wasAway)
                {
                    string problem = e is HttpRequestException ? e.Message : ImageFailure.Of(instance, e).Problem;
                    log.Failed(instance, ++failures, PrintableText.Of(problem));
                    if (failures == MostAttempts)
                    {
                        metrics.Failed();
                        return false;
                    }
                }
            }

            await Task.Delay(Pause * Math.Max(1, failures), stop).ConfigureAwait(false);
        }
    }

    private void Skip(string instance, string problem)
    {
        metrics.Skipped();
        log.Skipped(instance, problem);
    }

    /// <summary>Fetches an instance, segments it, and stores the results.</summary>
    /// <returns>The archive's identifiers of the results; none where the instance is left alone.</returns>
    private async Task<IReadOnlyList<string>> Segment(string instance, CancellationToken stop)
    {
        IReadOnlyDictionary<string, string> tags = await archive.GetTagsAsync(instance, stop).ConfigureAwait(false);
        if (ArchiveFilter.IsOwn(tags))
        {
            return [];
        }

        if (settings.Filter.Objection(tags) is { } objection)
        {
            log.LeftAlone(instance, objection);
            return [];
        }

        if (settings.DryRun)
        {
            string frames = PrintableName.Of(tags.GetValueOrDefault("NumberOfFrames", "1"));
            log.WouldSegment(instance, frames);
            return [];
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

            TimeSpan time = clock.Elapsed;
            metrics.Segmented(stored.Count, time);
            log.Segmented(instance, stored.Count, time.TotalSeconds);
            return stored;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Waits until the archive answers.</summary>
    /// <returns>Whether it did not at first.</returns>
    private async Task<bool> WaitForArchive(CancellationToken stop)
    {
        int asked = 0;
        await UntilAnswered(
            () =>
            {
                asked++;
                return archive.GetVersionAsync(stop);
            },
            stop).ConfigureAwait(false);
        return asked > 1;
    }

    /// <summary>Waits until the archive reaches the receiver.</summary>
    /// <returns>Whether it did not at first.</returns>
    private async Task<bool> WaitForReceiver(CancellationToken stop)
    {
        string receiver = settings.SendTo!;
        for (int pause = 1, asked = 1; ; pause = Math.Min(2 * pause, LongestPause), asked++)
        {
            try
            {
                await UntilAnswered(Echo, stop).ConfigureAwait(false);
                return asked > 1;
            }
            catch (HttpRequestException e) when (e.StatusCode == HttpStatusCode.NotFound)
            {
                await CheckReceiver(stop).ConfigureAwait(false);
                throw;
            }
            catch (HttpRequestException e) when (e.StatusCode is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden))
            {
                log.WaitingForReceiver(receiver, PrintableText.Of(e.Message));
            }

            await Task.Delay(Pause * pause, stop).ConfigureAwait(false);
        }

        async Task<bool> Echo()
        {
            await archive.EchoAsync(receiver, stop).ConfigureAwait(false);
            return true;
        }
    }

    /// <summary>Asks again until the archive answers at all.</summary>
    private async Task<T> UntilAnswered<T>(Func<Task<T>> ask, CancellationToken stop)
    {
        for (int pause = 1; ; pause = Math.Min(2 * pause, LongestPause))
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

            await Task.Delay(Pause * pause, stop).ConfigureAwait(false);
        }
    }

    // No answer, one that broke off, or one that says it is not ready: its own, or that of a proxy before it.
    private static bool IsAway(Exception e) => e is HttpIOException or HttpRequestException
    {
        StatusCode: null or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout,
    };
}
