using System.Net;
using CMUNeXt.Files;
using Microsoft.Extensions.Logging;

namespace CMUNeXt.Dicom.Orthanc;

/// <summary>Waits for an archive that is away, for the receiver that it sends to, and for room on the disk of either side.</summary>
/// <param name="archive">The archive.</param>
/// <param name="log">Takes what is waited for.</param>
/// <param name="metrics">Counts the calls that were not answered.</param>
internal sealed class ArchivePatience(OrthancArchive archive, ILogger log, ArchiveMetrics metrics)
{
    // The longest pause is as many times the first.
    private const int LongestPause = 30;

    // In bytes. The results of most images have room in it; those of a loop that never fit must not keep all others waiting.
    private const int RoomForResults = 1 << 23;

    private volatile bool isAnswered;

    /// <summary>The first pause before something is tried again.</summary>
    public TimeSpan Pause { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether the archive answered when it was last asked.</summary>
    public bool IsAnswered => isAnswered;

    /// <summary>Checks that the archive knows a receiver.</summary>
    /// <exception cref="BadFileException">It does not.</exception>
    public async Task CheckReceiver(string receiver, CancellationToken stop)
    {
        IReadOnlyList<string> known = await UntilAnswered(() => archive.GetModalitiesAsync(stop), stop).ConfigureAwait(false);
        if (!known.Contains(receiver))
        {
            string names = known.Count == 0 ? "none" : string.Join(", ", known.Select(PrintableName.Of));
            throw new BadFileException(
                archive.Address.AbsoluteUri,
                $"its DicomModalities have no {PrintableName.Of(receiver)} to send to, they have {names}: configure it, or name another");
        }
    }

    /// <summary>Waits until the archive answers.</summary>
    /// <returns>Whether it did not at first.</returns>
    public async Task<bool> WaitForArchive(CancellationToken stop)
    {
        (_, bool wasAway) = await AskAgain(() => archive.GetVersionAsync(stop), stop).ConfigureAwait(false);
        return wasAway;
    }

    /// <summary>Waits until the archive reaches a receiver.</summary>
    /// <returns>Whether it did not at first.</returns>
    public async Task<bool> WaitForReceiver(string receiver, CancellationToken stop)
    {
        try
        {
            (_, bool wasAway) = await Again(
                () => UntilAnswered(Echo, stop),
                static e => e is HttpRequestException
                {
                    StatusCode: not (HttpStatusCode.NotFound or HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden),
                },
                problem => log.WaitingForReceiver(receiver, problem),
                stop).ConfigureAwait(false);
            return wasAway;
        }
        catch (HttpRequestException e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            await CheckReceiver(receiver, stop).ConfigureAwait(false);
            throw;
        }

        async Task<bool> Echo()
        {
            await archive.EchoAsync(receiver, stop).ConfigureAwait(false);
            return true;
        }
    }

    /// <summary>Waits until results can be written to the temporary folder.</summary>
    /// <returns>Whether they could not at first.</returns>
    public async Task<bool> WaitForFolder(CancellationToken stop)
    {
        string folder = Path.GetTempPath();
        (_, bool wasFull) = await Again(
            WriteOne,
            static e => e is IOException or UnauthorizedAccessException,
            problem => log.WaitingForFolder(folder, problem),
            stop).ConfigureAwait(false);
        return wasFull;

        static Task<bool> WriteOne()
        {
            using ScratchFolder results = ScratchFolder.Create("dicom");
            AtomicFile.WriteBytes(Path.Combine(results.Path, "room"), new byte[RoomForResults]);
            return Task.FromResult(true);
        }
    }

    /// <summary>Stores a result, and again until the archive has room for it; one that may never fit is not waited for.</summary>
    /// <returns>The archive's identifier of it.</returns>
    public async Task<string> StoreWhereRoom(string path, CancellationToken stop)
    {
        (string identifier, _) = await Again(
            () => archive.StoreAsync(path, stop),
            e => e is HttpRequestException { StatusCode: HttpStatusCode.InsufficientStorage } && HasUsualSize(path),
            problem => log.WaitingForRoom(archive.Address, problem),
            stop).ConfigureAwait(false);
        return identifier;
    }

    /// <summary>Asks again until the archive answers at all.</summary>
    public async Task<T> UntilAnswered<T>(Func<Task<T>> ask, CancellationToken stop)
    {
        (T answer, _) = await AskAgain(ask, stop).ConfigureAwait(false);
        return answer;
    }

    private async Task<(T Answer, bool WasAway)> AskAgain<T>(Func<Task<T>> ask, CancellationToken stop)
    {
        (T, bool) answer = await Again(ask, e => IsAway(e) && !stop.IsCancellationRequested, Wait, stop).ConfigureAwait(false);
        isAnswered = true;
        return answer;

        void Wait(string problem)
        {
            isAnswered = false;
            metrics.Unanswered();
            log.Waiting(archive.Address, problem);
        }
    }

    /// <summary>Does something again, after pauses that grow, for as long as it fails in a way that is waited for.</summary>
    /// <param name="act">Does it.</param>
    /// <param name="isWaitedFor">Whether a failure passes by itself.</param>
    /// <param name="tell">Told of each such failure.</param>
    /// <param name="stop">Ends it.</param>
    /// <returns>What it gave at last, and whether it failed at first.</returns>
    private async Task<(T Value, bool HadFailed)> Again<T>(
        Func<Task<T>> act, Func<Exception, bool> isWaitedFor, Action<string> tell, CancellationToken stop)
    {
        bool hadFailed = false;
        for (int pause = 1; ; pause = Math.Min(2 * pause, LongestPause))
        {
            try
            {
                return (await act().ConfigureAwait(false), hadFailed);
            }
            catch (Exception e) when (isWaitedFor(e))
            {
                hadFailed = true;
                tell(PrintableText.Of(e is HttpRequestException { StatusCode: null } ? Cause(e) : e.Message));
            }

            await Task.Delay(Pause * pause, stop).ConfigureAwait(false);
        }
    }

    // What the client itself says is often no more than that the request failed.
    internal static string Cause(Exception e)
    {
        string cause = e.GetBaseException().Message;
        return e.Message.Contains(cause, StringComparison.Ordinal) ? e.Message : $"{e.Message} ({cause})";
    }

    private static bool HasUsualSize(string result) => new FileInfo(result).Length <= RoomForResults;

    // No answer, one that broke off, or one that says it is not ready: its own, or that of a proxy before it.
    private static bool IsAway(Exception e) => e is HttpIOException or HttpRequestException
    {
        StatusCode: null or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout,
    };
}
