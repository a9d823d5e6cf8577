using CMUNeXt.Files;
using Microsoft.Extensions.Logging;

namespace CMUNeXt.Dicom.Orthanc;

/// <summary>Stores results in an archive, each by itself: one that refuses an object gets the others all the same.</summary>
/// <param name="patience">Waits for the archive, and for room in it.</param>
/// <param name="log">Takes what was refused.</param>
/// <param name="metrics">Counts that.</param>
internal sealed class ArchiveStoring(ArchivePatience patience, ILogger log, ArchiveMetrics metrics)
{
    // Results that the archive refused last, by name. The next of one is tried once: it does not hold up what waits behind it again.
    private readonly HashSet<string> refused = [];

    /// <summary>Stores the results of an instance, in their order; the archive may go away and come back meanwhile.</summary>
    /// <param name="change">The change that the instance came by.</param>
    /// <param name="results">The results' files.</param>
    /// <param name="stop">Ends it.</param>
    /// <returns>The archive's identifiers of those that it did not refuse.</returns>
    public async Task<IReadOnlyList<string>> Store(ArchiveChange change, IReadOnlyList<string> results, CancellationToken stop)
    {
        List<string> stored = [];
        foreach (string path in results)
        {
            if (await StoreOne(change, path, stop).ConfigureAwait(false) is { } identifier)
            {
                stored.Add(identifier);
            }
        }

        return stored;
    }

    private async Task<string?> StoreOne(ArchiveChange change, string path, CancellationToken stop)
    {
        string name = Path.GetFileNameWithoutExtension(path);
        int failures = 0;
        while (true)
        {
            try
            {
                string identifier = await patience.StoreWhereRoom(path, stop).ConfigureAwait(false);
                refused.Remove(name);
                return identifier;
            }
            catch (Exception e) when (e is HttpRequestException or HttpIOException && !stop.IsCancellationRequested)
            {
                bool wasAway = await patience.WaitForArchive(stop).ConfigureAwait(false);
                if (!wasAway && (++failures == ArchiveWorker.MostAttempts || refused.Contains(name)))
                {
                    refused.Add(name);
                    metrics.Refused();
                    log.NotStored(change.Number, change.Instance, name, PrintableText.Of(e.Message));
                    return null;
                }
            }

            await Task.Delay(patience.Pause * Math.Max(1, failures), stop).ConfigureAwait(false);
        }
    }
}
