using CMUNeXt.Backends;
using CMUNeXt.Files;
using CMUNeXt.Networks;
using CMUNeXt.Training.Data;
using CMUNeXt.Training.Evaluation;
using CMUNeXt.Weights;

namespace CMUNeXt.Training.Sessions;

/// <summary>
/// One evaluation: opens what is judged, judges it case by case, and writes <c>summary.json</c>, the tables, the overlays and the report.
/// Not safe for several threads.
/// </summary>
public sealed class EvaluationSession : IDisposable
{
    private readonly IReadOnlyList<Case> cases;
    private readonly EvaluationInfo info;
    private readonly Evaluator evaluator;
    private readonly Network? network;

    private EvaluationSession(IReadOnlyList<Case> cases, EvaluationInfo info, Evaluator evaluator, Network? network)
    {
        this.cases = cases;
        this.info = info;
        this.evaluator = evaluator;
        this.network = network;
    }

    /// <summary>Opens what is judged. Nothing is written before <see cref="Run"/>.</summary>
    /// <param name="options">What is judged, on what.</param>
    /// <exception cref="SettingsException">Neither weights nor masks are given, or both.</exception>
    /// <exception cref="BackendException">No backend runs the network on the device.</exception>
    /// <exception cref="BadFileException">The data set, the list, the weights or the masks cannot be used.</exception>
    public static EvaluationSession Open(EvaluationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        DataSet data = DataSet.Open(options.Data);
        CaseList list = CaseList.Read(options.List, data.Folder);
        IReadOnlyList<Case> cases = data.Resolve(list);
        EvaluationInfo info = new()
        {
            Data = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(data.Folder))),
            List = Path.GetFileName(list.Path),
            Classes = data.ClassNames
                ?? [.. Enumerable.Range(0, data.Classes).Select(index => data.Classes == 1 ? "lesion" : $"class {index + 1}")],
            Date = DateTimeOffset.Now,
            OverlayLegend = data.Classes == 1
                ? "Truth: solid green. Prediction: dashed orange."
                : "Truth: solid. Prediction: dashed. One colour a class.",
        };
        return (options.Weights, options.Predictions) switch
        {
            ({ } weights, null) => OfWeights(options, weights, data, cases, info),
            (null, { } folder) => Directory.Exists(folder)
                ? new EvaluationSession(cases, info with { Predictions = folder }, Evaluator.OfPredictions(folder, data.Classes), null)
                : throw new BadFileException(folder, "there is no such folder"),
            _ => throw new SettingsException("an evaluation needs either weights or the masks that are judged"),
        };
    }

    /// <summary>Judges the cases, and writes what was found.</summary>
    /// <param name="folder">The folder; it is made, and what an earlier evaluation wrote there is replaced.</param>
    /// <param name="progress">
    /// Told of each case, on the thread that works. A case that cannot be judged is left out, and noted in the report.
    /// </param>
    /// <param name="cancellation">Stops between two cases; no report is written then.</param>
    /// <returns>The summary, and why cases were left out, in one line each.</returns>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    /// <exception cref="BadFileException">No case could be judged, or somebody's file stands where one is to be written.</exception>
    public (EvaluationSummary Summary, IReadOnlyList<string> Failures) Run(
        string folder, IProgress<CaseProgress>? progress = null, CancellationToken cancellation = default)
    {
        string overlays = Path.Combine(folder, "overlays");
        OwnFiles own = OwnFiles.In(folder);
        string[] earlier = [.. own.Names];
        string[] written = [.. EvaluationReport.Files, .. cases.Select(source => Evaluator.OverlayPath("overlays", source.Name))];
        own.Claim(written);
        Directory.CreateDirectory(overlays);
        List<CaseResult> results = [];
        List<string> failures = [];
        foreach (Case source in cases)
        {
            cancellation.ThrowIfCancellationRequested();
            string? failure = null;
            try
            {
                results.Add(evaluator.Evaluate(source, overlays));
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                failure = ImageFailure.Of(source.ImagePath, e).Message;
                failures.Add(failure);
            }

            progress?.Report(new CaseProgress(results.Count + failures.Count, cases.Count, failure));
        }

        if (results.Count == 0)
        {
            throw new BadFileException(info.List, "none of its cases could be judged");
        }

        own.Remove(earlier.Except(written));
        EvaluationInfo noted = failures.Count == 0 ? info : info with
        {
            Notes = [.. info.Notes,
                $"{failures.Count} of {cases.Count} cases could not be judged and are left out: {string.Join("; ", failures)}"],
        };
        EvaluationSummary summary = EvaluationReport.Write(
            folder, noted, results, name => File.ReadAllBytes(Evaluator.OverlayPath(overlays, name)));
        return (summary, failures);
    }

    /// <summary>Closes the network.</summary>
    public void Dispose() => network?.Dispose();

    private static EvaluationSession OfWeights(
        EvaluationOptions options, LoadedWeights weights, DataSet data, IReadOnlyList<Case> cases, EvaluationInfo info)
    {
        WeightsMetadata metadata = options.All ? weights.Describe() with { Presence = null } : weights.Describe();
        CheckClasses(weights, data);
        Network network = OpenNetwork(options, weights);
        info = info with
        {
            Weights = Path.GetFileName(weights.Path),
            WeightsSha256 = weights.Sha256,
            Model = metadata.Network.Name,
            Backend = network.Backend,
            PresenceThreshold = metadata.Presence?.Score,
            Classes = metadata.Classes.Count == data.Classes ? metadata.Classes : info.Classes,
        };
        return new EvaluationSession(cases, info, Evaluator.OfNetwork(network, metadata), network);
    }

    /// <summary>Opens a network to find lesions with: weights whose logits are not finite are refused.</summary>
    internal static Network OpenNetwork(EvaluationOptions options, LoadedWeights weights)
    {
        Network network = BackendRegistry.Open(weights, options.Backend, options.Threads, options.Device);
        try
        {
            Segmenter.CheckLogits(network, weights.Path);
            return network;
        }
        catch (BadFileException)
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>Refuses weights whose classes are not as many as those of a data set.</summary>
    /// <exception cref="BadFileException">The numbers differ.</exception>
    internal static void CheckClasses(LoadedWeights weights, DataSet data)
    {
        int outputs = weights.DescribeNetwork().Outputs;
        if (outputs != data.Outputs)
        {
            throw new BadFileException(
                weights.Path, $"has {outputs} outputs, and the data set's {data.Classes} classes need {data.Outputs}");
        }
    }
}
