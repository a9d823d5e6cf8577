using CMUNeXt.Backends;
using CMUNeXt.Files;
using CMUNeXt.Imaging;
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
    private readonly IReadOnlyList<CaseJudge> judges;
    private readonly IReadOnlyList<Case> cases;
    private readonly EvaluationInfo info;
    private readonly CaseGrouping grouping;

    private EvaluationSession(IReadOnlyList<CaseJudge> judges, EvaluationInfo info, CaseGrouping grouping)
    {
        this.judges = judges;
        cases = [.. judges.SelectMany(judge => judge.Cases)];
        this.info = info;
        this.grouping = grouping;
    }

    /// <summary>Opens what is judged. Nothing is written before <see cref="Run"/>.</summary>
    /// <param name="options">What is judged, on what.</param>
    /// <exception cref="SettingsException">Neither weights nor masks are given, or both, or the number of threads is below 1.</exception>
    /// <exception cref="BackendException">No backend runs the network on the device.</exception>
    /// <exception cref="BadFileException">The data set, the list, the weights or the masks cannot be used.</exception>
    public static EvaluationSession Open(EvaluationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        DataSet data = DataSet.Open(options.Data);
        CaseList list = CaseList.Read(options.List, data.Folder);
        IReadOnlyList<Case> cases = data.Resolve(list);
        CaseGrouping grouping = CaseGrouping.Of([.. cases.Select(one => one.Name)], options.Unit, options.Subgroups);
        EvaluationInfo info = Describe(data, Path.GetFileName(list.Path), grouping);
        switch (options.Weights, options.Predictions)
        {
            case ([_, ..], null):
                Ensemble ensemble = new(options.Weights, options.Flips);
                foreach (LoadedWeights member in ensemble.Members)
                {
                    CheckClasses(member, data);
                }

                CaseJudge judge = new(
                    cases, ensemble, options.All,
                    () => ensemble.OpenFor(cases.Count, options.Backend, options.Threads, options.Device));
                judge.Open();
                return new EvaluationSession([judge], Describe(info, [ensemble], judge.Backend, options.All, data), grouping);
            case ([], { } folder):
                return Directory.Exists(folder)
                    ? new EvaluationSession(
                        [new CaseJudge(cases, folder, data.Classes)], info with { Predictions = folder },
                            grouping)
                    : throw new BadFileException(folder, "there is no such folder");
            default:
                throw new SettingsException("an evaluation needs either weights or the masks that are judged");
        }
    }

    /// <summary>Opens an evaluation in which the cases of each fold are judged by weights of their own, which have not seen them.</summary>
    /// <param name="options">The data set, the backend, and the groups of cases; list, weights and flips are those of the folds.</param>
    /// <param name="title">What to call the lists together.</param>
    /// <param name="folds">For each fold the names of its cases, and its weights.</param>
    /// <param name="inputs">The SHA-256 of images, masks and groups, to be told in the summary; null tells none.</param>
    /// <exception cref="ArgumentException">There are no folds, or some with flips and others without.</exception>
    /// <exception cref="BackendException">No backend runs a network on the device.</exception>
    /// <exception cref="BadFileException">The data set or weights cannot be used, or two folds hold one case.</exception>
    public static EvaluationSession OpenFolds(EvaluationOptions options, string title,
        IReadOnlyList<(IReadOnlyList<string> Cases, Ensemble Weights)> folds, string? inputs = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        ArgumentNullException.ThrowIfNull(folds);
        if (folds.Count == 0)
        {
            throw new ArgumentException("There are no folds.", nameof(folds));
        }

        if (folds.Any(fold => fold.Weights.Flips != folds[0].Weights.Flips))
        {
            throw new ArgumentException("Some folds are judged with flips, and others without.", nameof(folds));
        }

        DataSet data = DataSet.Open(options.Data);
        List<CaseJudge> judges = [];
        foreach ((IReadOnlyList<string> names, Ensemble weights) in folds)
        {
            foreach (LoadedWeights member in weights.Members)
            {
                CheckClasses(member, data);
            }

            judges.Add(new CaseJudge(
                data.Resolve(names, title), weights, options.All,
                () => weights.OpenFor(names.Count, options.Backend, options.Threads, options.Device)));
        }

        // By the names of the files, which the lists may write otherwise.
        string[] judged = [.. judges.SelectMany(static judge => judge.Cases).Select(static one => one.Name)];
        HashSet<string> seen = [];
        if (judged.FirstOrDefault(name => !seen.Add(name)) is { } twice)
        {
            throw new BadFileException(data.Folder, $"{title}: the case {twice} stands twice, so it would be judged twice; leave one out");
        }

        CaseGrouping grouping = CaseGrouping.Of(judged, options.Unit, options.Subgroups);
        judges[0].Open();
        EvaluationInfo info =
            Describe(Describe(data, title, grouping), [.. folds.Select(fold => fold.Weights)], judges[0].Backend, options.All, data);
        return new EvaluationSession(judges, info with { InputsSha256 = inputs }, grouping);
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
    /// <exception cref="IOException">A file could not be written.</exception>
    public (EvaluationSummary Summary, IReadOnlyList<string> Failures) Run(
        string folder, IProgress<CaseProgress>? progress = null, CancellationToken cancellation = default)
    {
        GivenPath.Check(folder, "folder");
        OwnFiles own = OwnFiles.In(folder);
        own.Claim([.. EvaluationJob.Files, .. cases.Select(OverlayName)]);
        List<JudgedCase> judged = [];
        Judge(folder, [.. Enumerable.Range(0, cases.Count)], Add, progress, cancellation);
        return Job.Conclude(folder, own, judged);

        // Where this one is interrupted, overlays of it do not stand beside tables of an earlier one.
        void Add(JudgedCase one)
        {
            if (one.Result is not null && judged.All(static other => other.Result is null))
            {
                own.Remove(EvaluationJob.Files);
            }

            judged.Add(one);
        }
    }

    /// <summary>
    /// Judges one of several parts of the cases, beside processes that judge the others, and leaves what was found for
    /// <see cref="EvaluationParts.Merge(string, WorkPart, out IReadOnlyList{int})"/>. What an earlier start of the part judged of the same
    /// files by the same weights is passed over.
    /// </summary>
    /// <param name="folder">The folder of all parts; it is made. Tables of another evaluation there go with the first case.</param>
    /// <param name="part">The part.</param>
    /// <param name="progress">Told of each case that is judged, on the thread that works.</param>
    /// <param name="cancellation">Stops between two cases; what is judged is kept.</param>
    /// <returns>The number of the part's cases, and why some could not be judged, in one line each.</returns>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    /// <exception cref="BadFileException">Somebody's file stands where one is to be written.</exception>
    /// <exception cref="IOException">A file could not be written.</exception>
    public (int Cases, IReadOnlyList<string> Failures) RunPart(
        string folder, WorkPart part, IProgress<CaseProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(part);
        OwnFiles own = OwnFiles.In(folder, part.Name);
        own.Claim(cases.Where((_, place) => part.Has(place)).Select(OverlayName));
        Dictionary<int, string[]> paths = judges.SelectMany(static judge => judge.Cases.Select(judge.PathsOf))
            .Select(static (one, place) => (Paths: one, Place: place))
            .Where(one => part.Has(one.Place))
            .ToDictionary(static one => one.Place, static one => one.Paths);
        Dictionary<int, string> files = paths.ToDictionary(static one => one.Key, static one => JudgedCase.Hash(one.Value));
        EvaluationJob job = Job;
        bool isOther = !job.HasTables(folder);
        using EvaluationJournal journal = EvaluationJournal.Open(EvaluationParts.In(folder).PathOf(part), job, files);
        List<string> failures = [];
        Judge(folder, [.. files.Keys.Except(journal.Kept.Select(static one => one.Place)).Order()], Add, progress, cancellation);
        return (files.Count, failures);

        void Add(JudgedCase judged)
        {
            if (isOther && judged.Result is not null)
            {
                // As in Run. The part that ends last writes them anew; of this job, nobody may where the records of the others went.
                own.Remove(EvaluationJob.Files);
            }

            journal.Add(judged with { Files = files[judged.Place], Paths = paths[judged.Place] });
            failures.AddRange(judged.Failure is { } failure ? [failure] : []);
        }
    }

    private EvaluationJob Job => new(
        EvaluationJob.CurrentRules,
        string.Join('\n', judges.Select(static judge => judge.Settings)),
        info,
        [.. cases.Select(static source => source.Name)],
        grouping);

    private static string OverlayName(Case source) => EvaluationJob.OverlayName(source.Name);

    // Cases by their places, in order.
    private void Judge(
        string folder, HashSet<int> places, Action<JudgedCase> add, IProgress<CaseProgress>? progress, CancellationToken cancellation)
    {
        int done = 0;
        int first = 0;
        foreach (CaseJudge judge in judges)
        {
            (Case Source, int Place)[] asked =
                [.. judge.Cases.Select((source, index) => (source, first + index)).Where(one => places.Contains(one.Item2))];
            first += judge.Cases.Count;
            if (asked.Length == 0)
            {
                continue;
            }

            Evaluator evaluator = judge.Open();
            IEnumerable<Task<CaseResult>> results = ImagePipeline.Run(
                asked.Select(static one => one.Source), judge.AtOnce, Evaluate, cancellation);
            foreach (((Case source, int place), Task<CaseResult> task) in asked.Zip(results))
            {
                cancellation.ThrowIfCancellationRequested();
                JudgedCase judged;
                try
                {
                    CaseResult result = task.GetAwaiter().GetResult();
                    judged = new JudgedCase(place, result, WasSeen: judge.WasSeen(result));
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    judged = new JudgedCase(place, null, ImageFailure.Of(source.ImagePath, e).Message);
                }

                // What fails here is no fault of the case.
                add(judged);
                progress?.Report(new CaseProgress(++done, places.Count, judged.Failure));
            }

            cancellation.ThrowIfCancellationRequested();
            judge.Dispose();

            CaseResult Evaluate(Case source, Cores cores)
            {
                (CaseResult result, byte[] overlay) = cores.Use(() => evaluator.Judge(source), cancellation);

                // With the first, so that an evaluation that judges nothing is not in the way of the next.
                string path = Path.Combine(folder, OverlayName(source));
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                AtomicFile.WriteBytes(path, overlay);
                return result;
            }
        }
    }

    /// <summary>Closes the networks.</summary>
    public void Dispose()
    {
        foreach (CaseJudge judge in judges)
        {
            judge.Dispose();
        }
    }

    /// <summary>Refuses weights whose classes are not those of a data set, in their order.</summary>
    /// <exception cref="BadFileException">The numbers or the names differ.</exception>
    internal static void CheckClasses(LoadedWeights weights, DataSet data)
    {
        int outputs = weights.DescribeNetwork().Outputs;
        if (outputs != data.Outputs)
        {
            // Of two outputs or more the first is the background.
            int classes = outputs == 1 ? 1 : outputs - 1;
            throw new BadFileException(
                weights.Path,
                classes == data.Classes
                    ? $"has {outputs} outputs, one of them for the background, and a data set of one class needs weights of one output"
                    : $"finds {classes} {(classes == 1 ? "class" : "classes")}, and the data set has {data.Classes}: give weights of as "
                        + "many classes, or prepare the data set with those of the weights (prepare pairs, --labels or --colors)");
        }

        WeightsMetadata metadata = weights.Describe();
        if (!metadata.HasClasses(data.ClassNames))
        {
            throw new BadFileException(
                weights.Path,
                $"has the classes {string.Join(", ", metadata.Classes)}, and the data set {string.Join(", ", data.ClassNames!)}: "
                + "prepare it with the classes of the weights, in their order");
        }
    }

    private static EvaluationInfo Describe(DataSet data, string list, CaseGrouping grouping) => new()
    {
        Data = DataSet.NameOf(data.Folder),
        List = list,
        Classes = data.ClassNames
            ?? [.. Enumerable.Range(0, data.Classes).Select(index => data.Classes == 1 ? "lesion" : $"class {index + 1}")],
        Unit = grouping.UnitName,
        OverlayLegend = data.Classes == 1
            ? "Reference: solid green. Prediction: dashed orange."
            : "Reference: solid. Prediction: dashed. One color a class.",
    };

    private static EvaluationInfo Describe(EvaluationInfo info, IReadOnlyList<Ensemble> weights, string backend, bool all, DataSet data)
    {
        WeightsMetadata metadata = weights[0].Metadata;
        LoadedWeights[] files = [.. weights.SelectMany(fold => fold.Members)];
        double?[] thresholds = [.. weights.Select(fold => all ? null : fold.Metadata.Presence?.Score)];
        bool differ = thresholds.Distinct().Count() > 1;
        return info with
        {
            Weights = string.Join(", ", files.Select(file => Path.GetFileName(file.Path)).Distinct()),
            WeightFiles = files.Length,
            WeightsSha256 = new Ensemble(files).Sha256,
            Flips = weights[0].Flips,
            Model = metadata.Network.Name,
            Backend = backend,
            PresenceThreshold = differ ? null : thresholds[0],
            PresenceThresholds = differ ? thresholds : null,
            Classes = metadata.Classes.Count == data.Classes ? metadata.Classes : info.Classes,
        };
    }
}
