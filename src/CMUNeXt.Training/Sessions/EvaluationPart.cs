using CMUNeXt.Backends;
using CMUNeXt.Networks;
using CMUNeXt.Training.Data;
using CMUNeXt.Training.Evaluation;
using CMUNeXt.Training.Runs;
using CMUNeXt.Weights;

namespace CMUNeXt.Training.Sessions;

/// <summary>
/// Cases that are judged alike: by the weights of one fold, or by masks in a folder. A network is open from its first case to its last.
/// </summary>
internal sealed class EvaluationPart : IDisposable
{
    private readonly HashSet<string> seen = [];
    private readonly Func<(Network Network, int AtOnce)>? openNetwork;
    private readonly WeightsMetadata? metadata;
    private Evaluator? evaluator;
    private Network? network;

    /// <summary>Cases that weights are judged on.</summary>
    /// <param name="cases">The cases.</param>
    /// <param name="weights">The weights.</param>
    /// <param name="all">Whether all that is found counts, whatever the presence.</param>
    /// <param name="open">Opens the network, and says how many cases are to be judged at once.</param>
    public EvaluationPart(IReadOnlyList<Case> cases, Ensemble weights, bool all, Func<(Network Network, int AtOnce)> open)
    {
        Cases = cases;
        openNetwork = open;
        metadata = all ? weights.Metadata with { Presence = null } : weights.Metadata;
        foreach (KnownCases known in weights.Members.Select(member => KnownCases.Of(member.Metadata)).OfType<KnownCases>())
        {
            seen.UnionWith(known.Training);
            seen.UnionWith(known.Selection);
        }
    }

    /// <summary>Cases that masks are judged of.</summary>
    public EvaluationPart(IReadOnlyList<Case> cases, Evaluator evaluator)
    {
        Cases = cases;
        this.evaluator = evaluator;
    }

    /// <summary>The cases.</summary>
    public IReadOnlyList<Case> Cases { get; }

    /// <summary>How many cases are to be judged at once.</summary>
    public int AtOnce { get; private set; } = Environment.ProcessorCount;

    /// <summary>The backend that runs the network; it is open.</summary>
    public string Backend => network!.Backend;

    /// <summary>Opens what judges the cases, where it is not open.</summary>
    /// <exception cref="BackendException">No backend runs the network.</exception>
    /// <exception cref="Files.BadFileException">The weights cannot be computed with.</exception>
    public Evaluator Open()
    {
        if (evaluator is null)
        {
            (network, AtOnce) = openNetwork!();
            evaluator = Evaluator.OfNetwork(network, metadata!);
        }

        return evaluator;
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
