using System.Diagnostics;
using System.Net;
using CMUNeXt.Files;
using Microsoft.Extensions.Logging;

namespace CMUNeXt.Dicom.Orthanc;

/// <summary>
/// Watches an Orthanc archive, segments its new ultrasound instances, and stores the results in the same study. A change counts as dealt
/// with once its results are stored or refused, and results that are recomputed are the same objects: so whichever side is killed, nothing
/// is lost or doubled.
/// </summary>
public sealed class ArchiveWorker : IDisposable
{
    /// <summary>The name of the meter: instances segmented, skipped and failed, objects stored, and how long it takes.</summary>
    public const string MeterName = "CMUNeXt.Dicom";

    /// <summary>How often an instance is tried while everything answers.</summary>
    internal const int MostAttempts = 5;

    private readonly ArchiveWorkerSettings settings;
    private readonly Func<DicomFile, string, CancellationToken, IReadOnlyList<string>> segment;
    private readonly ILogger log;
    private readonly WorkerState state;
    private readonly OrthancArchive archive;
    private readonly ArchiveMetrics metrics;
    private readonly ArchivePatience patience;
    private readonly ArchiveStoring storing;
    private readonly ArchiveForwarding? forwarding;
    private volatile int waiting;

    /// <summary>Prepares a worker.</summary>
    /// <param name="settings">Where and what.</param>
    /// <param name="segment">From an instance to its results: writes DICOM files into a folder, and gives their paths.</param>
    /// <param name="log">Takes what happens; no line has a patient's name.</param>
    public ArchiveWorker(
        ArchiveWorkerSettings settings,
        Func<DicomFile, string, CancellationToken, IReadOnlyList<string>> segment,
        ILogger<ArchiveWorker> log)
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
        patience = new ArchivePatience(archive, log, metrics);
        storing = new ArchiveStoring(patience, log, metrics);
        forwarding = settings.SendTo is { } receiver ? new ArchiveForwarding(archive, receiver, patience, log, metrics) : null;
    }

    /// <summary>The first pause before something is tried again.</summary>
    internal TimeSpan Pause
    {
        get => patience.Pause;
        init => patience.Pause = value;
    }

    /// <summary>Whether the archive answered when it was last asked.</summary>
    public bool IsReady => patience.IsAnswered;

    /// <summary>Works until it is stopped, or everything is done where that is asked for.</summary>
    /// <returns>The number of instances that failed.</returns>
    /// <exception cref="BadFileException">
    /// The state is of something else, or another worker has it; or the archive does not let the worker in, is no Orthanc, or does not know
    /// the receiver.
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
        state.Dispose();
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
        ScratchFolder.RemoveAbandoned();
        string version = PrintableName.Of(await patience.UntilAnswered(() => archive.GetVersionAsync(stop), stop).ConfigureAwait(false));
        log.Watching(version, archive.Address);
        if (settings.SendTo is { } receiver)
        {
            await patience.CheckReceiver(receiver, stop).ConfigureAwait(false);
        }

        long done = await Begin(stop).ConfigureAwait(false);
        int failures = 0;
        while (true)
        {
            (IReadOnlyList<ArchiveChange> changes, long last) =
                await patience.UntilAnswered(() => archive.GetChangesAsync(done, stop), stop).ConfigureAwait(false);
            if (await IsAnother(last, done, stop).ConfigureAwait(false))
            {
                done = BeginAnother(last, done);
                continue;
            }

            waiting = changes.Count;
            foreach (ArchiveChange change in changes)
            {
                stop.ThrowIfCancellationRequested();
                if (change.Type == "NewInstance")
                {
                    failures += await Handle(change, stop).ConfigureAwait(false) ? 0 : 1;
                }

                done = change.Number;
                waiting--;
                Note(done);
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

    private async Task<long> Begin(CancellationToken stop)
    {
        if (!settings.DryRun)
        {
            state.Take();
        }

        // The last change that is there is no count: Orthanc removes changes with the images that they are of.
        long? earlier = state.Read(archive.Address);
        if (earlier is not null && settings.FromStart)
        {
            log.GoesOn(settings.StatePath);
        }

        long done = earlier ?? (settings.FromStart
            ? 0
            : await patience.UntilAnswered(() => archive.GetLastChangeAsync(stop), stop).ConfigureAwait(false));
        Note(done);
        return done;
    }

    // One that was set up anew, or restored. Old index plugins say 0 wherever there is nothing new.
    private async Task<bool> IsAnother(long last, long done, CancellationToken stop) => last < done
        && (last > 0
            || (await patience.UntilAnswered(() => archive.GetChangesAsync(0, stop), stop).ConfigureAwait(false)).Changes.Count == 0);

    private long BeginAnother(long last, long done)
    {
        log.AnotherArchive(last, done);
        Note(0);
        return 0;
    }

    private void Note(long done)
    {
        if (!settings.DryRun)
        {
            state.Write(archive.Address, done);
        }
    }

    /// <summary>Deals with the instance of a change.</summary>
    /// <returns>False where it failed for good.</returns>
    private async Task<bool> Handle(ArchiveChange change, CancellationToken stop)
    {
        if (await TrySegment(change, stop).ConfigureAwait(false) is not { } stored)
        {
            return false;
        }

        if (forwarding is not null)
        {
            await forwarding.Send(change, stored, stop).ConfigureAwait(false);
        }

        return true;
    }

    /// <summary>Segments the instance of a change; the archive and the temporary folder may go away and come back meanwhile.</summary>
    /// <returns>The archive's identifiers of the results; null where it failed for good.</returns>
    private async Task<IReadOnlyList<string>?> TrySegment(ArchiveChange change, CancellationToken stop)
    {
        int failures = 0;
        while (true)
        {
            try
            {
                return await Segment(change, stop).ConfigureAwait(false);
            }
            catch (BadFileException e)
            {
                return Skip(change, e.Problem);
            }
            catch (HttpRequestException e) when (e.StatusCode == HttpStatusCode.NotFound)
            {
                // What has nothing at all is no archive any more, which ends the worker.
                if (!await patience.WaitForArchive(stop).ConfigureAwait(false))
                {
                    return Skip(change, "the archive has it no longer");
                }
            }
            catch (Exception e) when (!stop.IsCancellationRequested)
            {
                // What fails while both are there is the instance's failure, and not for ever: others wait behind it.
                bool wasAway = await patience.WaitForArchive(stop).ConfigureAwait(false)
                    || (e is IOException or UnauthorizedAccessException && await patience.WaitForFolder(stop).ConfigureAwait(false));
                if (!wasAway)
                {
                    string problem = e is HttpRequestException ? e.Message : ImageFailure.Of(change.Instance, e).Problem;
                    log.Failed(change.Number, change.Instance, ++failures, PrintableText.Of(problem));
                    if (failures == MostAttempts)
                    {
                        metrics.Failed();
                        return null;
                    }
                }
            }

            await Task.Delay(Pause * Math.Max(1, failures), stop).ConfigureAwait(false);
        }
    }

    private IReadOnlyList<string> Skip(ArchiveChange change, string problem)
    {
        metrics.Skipped();
        log.Skipped(change.Number, change.Instance, problem);
        return [];
    }

    /// <summary>Fetches an instance, segments it, and stores the results.</summary>
    /// <returns>
    /// The archive's identifiers of the results; none where the instance is left alone, and null where the archive refused every one.
    /// </returns>
    private async Task<IReadOnlyList<string>?> Segment(ArchiveChange change, CancellationToken stop)
    {
        string instance = change.Instance;
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
        using ScratchFolder folder = ScratchFolder.Create("dicom");
        using DicomFile file = await archive.OpenAsync(instance, limits: null, take: null, stop).ConfigureAwait(false);
        IReadOnlyList<string> results = segment(file, folder.Path, stop);
        IReadOnlyList<string> stored = await storing.Store(change, results, stop).ConfigureAwait(false);
        if (stored.Count == 0 && results.Count > 0)
        {
            metrics.Failed();
            return null;
        }

        TimeSpan time = clock.Elapsed;
        metrics.Segmented(stored.Count, time);
        log.Segmented(instance, stored.Count, time.TotalSeconds);
        return stored;
    }
}
