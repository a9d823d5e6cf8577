using CMUNeXt.Backends;
using CMUNeXt.Files;
using CMUNeXt.Networks;
using CMUNeXt.Training.Data;
using CMUNeXt.Training.Evaluation;
using CMUNeXt.Training.Runs;
using CMUNeXt.Weights;

namespace CMUNeXt.Training.Sessions;

/// <summary>
/// Cases that are judged alike: by the weights of one fold, or by masks in a folder. A network is open from its first case to its last.
/// </summary>
internal sealed class CaseJudge : IDisposable
{
    private readonly HashSet<string> seen = [];
    private readonly Func<(Network Network, int AtOnce)>? openNetwork;
    private readonly WeightsMetadata? metadata;
    private readonly string? predictions;
    private Evaluator? evaluator;
    private Network? network;

    /// <summary>Cases that weights are judged on.</summary>
    /// <param name="cases">The cases.</param>
    /// <param name="weights">The weights.</param>
    /// <param name="all">Whether all that is found counts, whatever the presence.</param>
    /// <param name="open">Opens the network, and says how many cases are to be judged at once.</param>
    public CaseJudge(IReadOnlyList<Case> cases, Ensemble weights, bool all, Func<(Network Network, int AtOnce)> open)
    {
        Cases = cases;
        openNetwork = open;
        metadata = all ? weights.Metadata with { Presence = null } : weights.Metadata;
        seen.UnionWith(weights.Members.SelectMany(member => KnownCases.AllOf(member.Metadata)));
    }

    /// <summary>Cases that masks in a folder are judged of.</summary>
    /// <param name="cases">The cases.</param>
    /// <param name="predictions">The folder.</param>
    /// <param name="classes">The number of classes.</param>
    public CaseJudge(IReadOnlyList<Case> cases, string predictions, int classes)
    {
        Cases = cases;
        this.predictions = predictions;
        evaluator = Evaluator.OfPredictions(predictions, classes);
    }

    /// <summary>The cases.</summary>
    public IReadOnlyList<Case> Cases { get; }

    /// <summary>How many cases are to be judged at once.</summary>
    public int AtOnce { get; private set; } = Environment.ProcessorCount;

    /// <summary>What the cases are judged by, beside the weights: as a text that is compared.</summary>
    public string Settings => metadata?.ToJson() ?? (predictions is null ? "" : Path.GetFullPath(predictions));

    /// <summary>The backend that runs the network; it is open.</summary>
    public string Backend => network!.Backend;

    /// <summary>Opens what judges the cases, where it is not open.</summary>
    /// <exception cref="BackendException">No backend runs the network.</exception>
    /// <exception cref="BadFileException">The weights cannot be computed with.</exception>
    public Evaluator Open()
    {
        if (evaluator is null)
        {
            (network, AtOnce) = openNetwork!();
            evaluator = Evaluator.OfNetwork(network, metadata!);
        }

        return evaluator;
    }

    /// <summary>The files that a case is judged by, by their full paths.</summary>
    public string[] PathsOf(Case source)
    {
        string[] judged = predictions is null ? [] : [Evaluator.PredictionPath(predictions, source.Name)];
        return [.. source.Files.Concat(judged).Select(static path => Path.GetFullPath(path))];
    }

    /// <summary>Whether the weights were trained on the case's image, or chosen by it.</summary>
    public bool WasSeen(CaseResult result) => result.Fingerprint is { } print && seen.Contains(KnownCases.Shorten(print));

    /// <inheritdoc/>
    public void Dispose()
    {
        network?.Dispose();
        network = null;
        evaluator = openNetwork is null ? evaluator : null;
    }
}
