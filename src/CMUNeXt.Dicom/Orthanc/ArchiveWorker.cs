using System.Diagnostics;
using System.Globalization;
using System.Net;
using CMUNeXt.Files;

namespace CMUNeXt.Dicom.Orthanc;

/// <summary>
/// Watches an Orthanc archive, segments its new ultrasound instances, and stores the results in the same study. A change counts as dealt
/// with once its results are stored, and results made again are the same objects: so whichever side is killed, nothing is lost or doubled.
/// </summary>
public sealed class ArchiveWorker
{
    private const int MostAttempts = 5;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly Settings settings;
    private readonly Func<DicomFile, string, IReadOnlyList<string>> segment;
    private readonly Action<string> log;
    private readonly WorkerState state;

    /// <summary>Prepares a worker.</summary>
    /// <param name="settings">Where and what.</param>
    /// <param name="segment">From an instance to its results: writes DICOM files into a folder, and gives their paths.</param>
    /// <param name="log">Takes a line for each thing that happens; no line has a patient's name.</param>
    public ArchiveWorker(Settings settings, Func<DicomFile, string, IReadOnlyList<string>> segment, Action<string> log)
    {
        ArgumentNullException.ThrowIfNull(settings);
        this.settings = settings;
        this.segment = segment;
        this.log = log;
        state = new WorkerState(settings.StatePath);
    }

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
        using OrthancClient archive = new(settings.Archive);
        string version = await UntilAnswered(() => archive.GetVersionAsync(stop), archive, stop);
        log($"watching Orthanc {PrintableName.Of(version)} at {archive.Address}");
        long done = await Begin(archive, stop);
        int failures = 0;
        while (true)
        {
            IReadOnlyList<ArchiveChange> changes = await UntilAnswered(() => archive.GetChangesAsync(done, stop), archive, stop);
            foreach (ArchiveChange change in changes)
            {
                stop.ThrowIfCancellationRequested();
                if (change.Type == "NewInstance")
                {
                    failures += await Handle(archive, change.Instance, stop) ? 0 : 1;
                }

                done = change.Number;
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

                await Task.Delay(Pause, stop);
            }
        }
    }

    private async Task<long> Begin(OrthancClient archive, CancellationToken stop)
    {
        long last = await UntilAnswered(() => archive.GetLastChangeAsync(stop), archive, stop);
        long? done = state.Read(archive.Address);
        if (done > last)
        {
            log($"the archive's last change is {last}, before the {done} of the state: it is another one, and begun from its start");
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
    private async Task<bool> Handle(OrthancClient archive, string instance, CancellationToken stop)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await UntilAnswered(() => Segment(archive, instance, stop), archive, stop);
                return true;
            }
            catch (BadFileException e)
            {
                log($"skipped {e.Message}");
                return true;
            }
            catch (HttpRequestException e) when (e.StatusCode == HttpStatusCode.NotFound)
            {
                log($"skipped instance={instance}: the archive has it no longer, or does not know where to send it");
                return true;
            }
            catch (HttpRequestException e)
            {
                string answer = string.Create(CultureInfo.InvariantCulture, $"the archive answered {(int?)e.StatusCode}");
                log($"failed instance={instance} attempt={attempt}: {answer}");
                if (attempt == MostAttempts)
                {
                    return false;
                }
            }

            await Task.Delay(Pause * attempt, stop);
        }
    }

    private async Task<bool> Segment(OrthancClient archive, string instance, CancellationToken stop)
    {
        IReadOnlyDictionary<string, string> tags = await archive.GetTagsAsync(instance, stop);
        if (!settings.Filter.Takes(tags))
        {
            return false;
        }

        if (settings.DryRun)
        {
            log($"would segment instance={instance} frames={PrintableName.Of(tags.GetValueOrDefault("NumberOfFrames", "1"))}");
            return true;
        }

        Stopwatch clock = Stopwatch.StartNew();
        DirectoryInfo folder = Directory.CreateTempSubdirectory("cmunext-dicom-");
        try
        {
            using DicomFile file = await Open(archive, instance, stop);
            List<string> stored = [];
            foreach (string path in segment(file, folder.FullName))
            {
                stored.Add(await archive.StoreAsync(path, stop));
            }

            if (settings.SendTo is { } receiver)
            {
                await archive.SendAsync(receiver, stored, stop);
            }

            string seconds = clock.Elapsed.TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture);
            log($"segmented instance={instance} stored={stored.Count} seconds={seconds}");
            return true;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // What this reader does not decode, the server does.
    private static async Task<DicomFile> Open(OrthancClient archive, string instance, CancellationToken stop)
    {
        string name = $"instance={instance}";
        try
        {
            return DicomFile.Parse(await archive.GetFileAsync(instance, stop), name);
        }
        catch (BadFileException notRead)
        {
            try
            {
                return DicomFile.Parse(await archive.GetDecompressedAsync(instance, stop), name);
            }
            catch (HttpRequestException e) when (e.StatusCode == HttpStatusCode.InternalServerError)
            {
                throw new BadFileException(
                    name, $"{notRead.Problem}; the archive cannot decompress it either, which its plugin orthanc-gdcm may do", e);
            }
        }
    }

    /// <summary>Asks again until the archive answers at all.</summary>
    private async Task<T> UntilAnswered<T>(Func<Task<T>> ask, OrthancClient archive, CancellationToken stop)
    {
        for (TimeSpan pause = Pause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                return await ask();
            }
            catch (Exception e) when (IsAway(e) && !stop.IsCancellationRequested)
            {
                log($"waiting for {archive.Address}: {e.Message.ReplaceLineEndings(" ")}");
            }

            await Task.Delay(pause, stop);
        }
    }

    // No answer, one that broke off, or one that says it is not ready.
    private static bool IsAway(Exception e) =>
        e is HttpRequestException { StatusCode: null or HttpStatusCode.ServiceUnavailable } or HttpIOException or TaskCanceledException;
}
