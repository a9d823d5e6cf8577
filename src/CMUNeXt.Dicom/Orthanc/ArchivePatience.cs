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

    /// <summary>Waits until the archive reaches a receiver.</summary>
    /// <returns>Whether it did not at first.</returns>
    public async Task<bool> WaitForReceiver(string receiver, CancellationToken stop)
    {
        for (int pause = 1, asked = 1; ; pause = Math.Min(2 * pause, LongestPause), asked++)
        {
            try
            {
                await UntilAnswered(Echo, stop).ConfigureAwait(false);
                return asked > 1;
            }
            catch (HttpRequestException e) when (e.StatusCode == HttpStatusCode.NotFound)
            {
                await CheckReceiver(receiver, stop).ConfigureAwait(false);
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

    /// <summary>Waits until results can be written to the temporary folder.</summary>
    /// <returns>Whether they could not at first.</returns>
    public async Task<bool> WaitForFolder(CancellationToken stop)
    {
        string folder = Path.GetTempPath();
        for (int pause = 1, tried = 1; ; pause = Math.Min(2 * pause, LongestPause), tried++)
        {
            try
            {
                using ScratchFolder results = ScratchFolder.Create("dicom");
                AtomicFile.WriteBytes(Path.Combine(results.Path, "room"), new byte[RoomForResults]);
                return tried > 1;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                log.WaitingForFolder(folder, PrintableText.Of(e.Message));
            }

            await Task.Delay(Pause * pause, stop).ConfigureAwait(false);
        }
    }

    /// <summary>Stores a result, and again until the archive has room for it; one that may never fit is not waited for.</summary>
    /// <returns>The archive's identifier of it.</returns>
    public async Task<string> StoreWhereRoom(string path, CancellationToken stop)
    {
        for (int pause = 1; ; pause = Math.Min(2 * pause, LongestPause))
        {
            try
            {
                return await archive.StoreAsync(path, stop).ConfigureAwait(false);
            }
            catch (HttpRequestException e) when (e.StatusCode == HttpStatusCode.InsufficientStorage && HasUsualSize(path))
            {
                log.WaitingForRoom(archive.Address, PrintableText.Of(e.Message));
            }

            await Task.Delay(Pause * pause, stop).ConfigureAwait(false);
        }
    }

    /// <summary>Asks again until the archive answers at all.</summary>
    public async Task<T> UntilAnswered<T>(Func<Task<T>> ask, CancellationToken stop)
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

    private static bool HasUsualSize(string result) => new FileInfo(result).Length <= RoomForResults;

    // No answer, one that broke off, or one that says it is not ready: its own, or that of a proxy before it.
    private static bool IsAway(Exception e) => e is HttpIOException or HttpRequestException
    {
        StatusCode: null or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout,
    };
}
