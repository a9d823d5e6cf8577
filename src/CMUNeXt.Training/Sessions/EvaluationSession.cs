using CMUNeXt.Backends;
using CMUNeXt.Files;
using CMUNeXt.Imaging;
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
    private readonly IReadOnlyList<EvaluationPart> parts;
    private readonly IReadOnlyList<Case> cases;
    private readonly EvaluationInfo info;
    private readonly CaseGrouping grouping;

    private EvaluationSession(IReadOnlyList<EvaluationPart> parts, EvaluationInfo info, CaseGrouping grouping)
    {
        this.parts = parts;
        cases = [.. parts.SelectMany(part => part.Cases)];
        this.info = info;
        this.grouping = grouping;
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
        CaseGrouping grouping = CaseGrouping.Of([.. cases.Select(one => one.Name)], options.Unit, options.Subgroups);
        EvaluationInfo info = Describe(data, Path.GetFileName(list.Path), grouping);
        switch (options.Weights, options.Predictions)
        {
            case ([_, ..], null):
                Ensemble ensemble = new(options.Weights, options.Flips);
                CheckClasses(options.Weights[0], data);
                EvaluationPart part = new(
                    cases, ensemble, options.All,
                    () => ensemble.OpenFor(cases.Count, options.Backend, options.Threads, options.Device));
                part.Open();
                return new EvaluationSession([part], Describe(info, [ensemble], part.Backend, options.All, data), grouping);
            case ([], { } folder):
                return Directory.Exists(folder)
                    ? new EvaluationSession(
                        [new EvaluationPart(cases, Evaluator.OfPredictions(folder, data.Classes))], info with { Predictions = folder },
                            grouping)
                    : throw new BadFileException(folder, "there is no such folder");
            default:
                throw new SettingsException("an evaluation needs either weights or the masks that are judged");
        }
    }

    /// <summary>Opens an evaluation in which the cases of each fold are judged by weights of their own, which have not seen them.</summary>
    /// <param name="options">The data set, what computes, and the groups of cases; list and weights are those of the folds.</param>
    /// <param name="title">What to call the lists together.</param>
    /// <param name="folds">For each fold its cases and its weights, at least one.</param>
    /// <exception cref="BackendException">No backend runs a network on the device.</exception>
    /// <exception cref="BadFileException">The data set or weights cannot be used.</exception>
    internal static EvaluationSession OpenFolds(EvaluationOptions options, string title,
        IReadOnlyList<(IReadOnlyList<string> Cases, Ensemble Weights)> folds)
    {
        DataSet data = DataSet.Open(options.Data);
        CaseGrouping grouping = CaseGrouping.Of([.. folds.SelectMany(fold => fold.Cases)], options.Unit, options.Subgroups);
        List<EvaluationPart> parts = [];
        foreach ((IReadOnlyList<string> names, Ensemble weights) in folds)
        {
            CheckClasses(weights.Members[0], data);
            parts.Add(new EvaluationPart(
                data.Resolve(names, title), weights, options.All,
                () => weights.OpenFor(names.Count, options.Backend, options.Threads, options.Device)));
        }

        parts[0].Open();
        EvaluationInfo info =
            Describe(Describe(data, title, grouping), [.. folds.Select(fold => fold.Weights)], parts[0].Backend, options.All, data);
        return new EvaluationSession(parts, info, grouping);
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
        List<string> seen = [];
        foreach (EvaluationPart part in parts)
        {
            Evaluator evaluator = part.Open();
            IEnumerable<Task<CaseResult>> judged = ImagePipeline.Run(part.Cases, part.AtOnce, Judge, cancellation);
            foreach ((Case source, Task<CaseResult> task) in part.Cases.Zip(judged))
            {
                cancellation.ThrowIfCancellationRequested();
                string? failure = null;
                try
                {
                    CaseResult result = task.GetAwaiter().GetResult();
                    results.Add(result);
                    seen.AddRange(part.WasSeen(result) ? [source.Name] : []);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    failure = ImageFailure.Of(source.ImagePath, e).Message;
                    failures.Add(failure);
                }

                progress?.Report(new CaseProgress(results.Count + failures.Count, cases.Count, failure));
            }

            cancellation.ThrowIfCancellationRequested();
            part.Dispose();

            CaseResult Judge(Case source, Cores cores)
            {
                (CaseResult result, byte[] overlay) = cores.Use(() => evaluator.Judge(source), cancellation);
                AtomicFile.WriteBytes(Evaluator.OverlayPath(overlays, source.Name), overlay);
                return result;
            }
        }

        if (results.Count == 0)
        {
            throw new BadFileException(info.List, "none of its cases could be judged");
        }

        own.Remove(earlier.Except(written));
        EvaluationInfo noted = info with
        {
            Notes =
            [
                .. info.Notes,
                .. seen.Count == 0 ? Array.Empty<string>()
                    : [$"{seen.Count} of {cases.Count} cases are known to these weights, from training or from the choice of their epoch: "
                        + string.Join(", ", seen)],
                .. failures.Count == 0 ? Array.Empty<string>()
                    : [$"{failures.Count} of {cases.Count} cases could not be judged and are left out: {string.Join("; ", failures)}"],
            ],
        };
        EvaluationSummary summary = EvaluationReport.Write(
            folder, noted, results, name => File.ReadAllBytes(Evaluator.OverlayPath(overlays, name)), grouping);
        return (summary, failures);
    }

    /// <summary>Closes the networks.</summary>
    public void Dispose()
    {
        foreach (EvaluationPart part in parts)
        {
            part.Dispose();
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

    private static EvaluationInfo Describe(DataSet data, string list, CaseGrouping grouping) => new()
    {
        Data = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(data.Folder))),
        List = list,
        Classes = data.ClassNames
            ?? [.. Enumerable.Range(0, data.Classes).Select(index => data.Classes == 1 ? "lesion" : $"class {index + 1}")],
        Date = DateTimeOffset.Now,
        Unit = grouping.UnitName,
        OverlayLegend = data.Classes == 1
            ? "Reference: solid green. Prediction: dashed orange."
            : "Reference: solid. Prediction: dashed. One color a class.",
    };

    private static EvaluationInfo Describe(EvaluationInfo info, IReadOnlyList<Ensemble> weights, string backend, bool all, DataSet data)
    {
        WeightsMetadata metadata = weights[0].Metadata;
        LoadedWeights[] files = [.. weights.SelectMany(fold => fold.Members)];
        return info with
        {
            Weights = string.Join(", ", files.Select(file => Path.GetFileName(file.Path)).Distinct()),
            WeightFiles = files.Length,
            WeightsSha256 = new Ensemble(files).Sha256,
            Flips = weights[0].Flips,
            Model = metadata.Network.Name,
            Backend = backend,
            PresenceThreshold = all || weights.Count > 1 ? null : metadata.Presence?.Score,
            Classes = metadata.Classes.Count == data.Classes ? metadata.Classes : info.Classes,
        };
    }
}
