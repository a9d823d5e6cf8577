using System.Net;
using CMUNeXt.Files;
using Microsoft.Extensions.Logging;

namespace CMUNeXt.Dicom.Orthanc;

/// <summary>
/// Has an archive send results on, each in a call of its own: a receiver that refuses one kind of object gets the others all the same.
/// </summary>
/// <param name="archive">The archive.</param>
/// <param name="receiver">The receiver, as the archive's configuration names it.</param>
/// <param name="patience">Waits for either.</param>
/// <param name="log">Takes what was refused.</param>
/// <param name="metrics">Counts that.</param>
internal sealed class ArchiveForwarding(
    OrthancArchive archive, string receiver, ArchivePatience patience, ILogger log, ArchiveMetrics metrics)
{
    private const string UnknownKind = "unknown";

    // Kinds that the receiver refused last. The next of one is tried once: it does not hold up what waits behind it again.
    private readonly HashSet<string> refused = [];

    /// <summary>Sends the results of an instance on; archive and receiver may go away and come back meanwhile.</summary>
    /// <param name="change">The change that the instance came by.</param>
    /// <param name="stored">The archive's identifiers of its results.</param>
    /// <param name="stop">Ends it.</param>
    public async Task Send(ArchiveChange change, IReadOnlyList<string> stored, CancellationToken stop)
    {
        foreach (string result in stored)
        {
            await SendOne(change, result, stop).ConfigureAwait(false);
        }
    }

    private async Task SendOne(ArchiveChange change, string result, CancellationToken stop)
    {
        string kind = await KindOf(result, stop).ConfigureAwait(false);
        int failures = 0;
        while (true)
        {
            try
            {
                await archive.SendAsync(receiver, result, stop).ConfigureAwait(false);
                refused.Remove(kind);
                return;
            }
            catch (HttpRequestException e) when (e.StatusCode == HttpStatusCode.NotFound)
            {
                await patience.CheckReceiver(receiver, stop).ConfigureAwait(false);
                Refuse("the archive has it no longer");
                return;
            }
            catch (Exception e) when (!stop.IsCancellationRequested)
            {
                bool wasAway = await patience.WaitForArchive(stop).ConfigureAwait(false)
                    || await patience.WaitForReceiver(receiver, stop).ConfigureAwait(false);
                if (!wasAway && (++failures == ArchiveWorker.MostAttempts || refused.Contains(kind)))
                {
                    if (kind != UnknownKind)
                    {
                        refused.Add(kind);
                    }

                    Refuse(PrintableText.Of(e.Message));
                    return;
                }
            }

            await Task.Delay(patience.Pause * Math.Max(1, failures), stop).ConfigureAwait(false);
        }

        void Refuse(string problem)
        {
            metrics.Refused();
            log.Refused(change.Number, change.Instance, kind, receiver, problem);
        }
    }

    // The line of a refusal says it; what the archive does not tell of a result keeps nobody from sending it.
    private async Task<string> KindOf(string result, CancellationToken stop)
    {
        try
        {
            IReadOnlyDictionary<string, string> tags =
                await patience.UntilAnswered(() => archive.GetTagsAsync(result, stop), stop).ConfigureAwait(false);
            return PrintableName.Of(tags.GetValueOrDefault("Modality", UnknownKind));
        }
        catch (Exception) when (!stop.IsCancellationRequested)
        {
            return UnknownKind;
        }
    }
}
