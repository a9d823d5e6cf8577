using System.Globalization;
using System.Text.Json;
using CMUNeXt.Backends;
using CMUNeXt.Files;
using CMUNeXt.Training.Data;
using CMUNeXt.Training.Evaluation;
using CMUNeXt.Training.Protocol;
using CMUNeXt.Training.Runs;
using CMUNeXt.Training.Sessions;
using CMUNeXt.Weights;

namespace CMUNeXt.Training.Studies;

/// <summary>
/// A cross-validation: a training for each recipe, fold and seed, then evaluations in which every case is judged once. All that is done
/// stands in the study's folder, and whoever opens it goes on from there; several processes may complete different runs at once.
/// </summary>
public sealed class Study
{
    private readonly StudyPlan plan;
    private readonly StudyFolds folds;
    private readonly StudyComputing computing;
    private readonly Dictionary<string, TrainingOptions> arms;

    private Study(StudyPlan plan, StudyFolds folds, string folder, StudyComputing computing, Dictionary<string, TrainingOptions> arms)
    {
        this.plan = plan;
        this.folds = folds;
        this.computing = computing;
        this.arms = arms;
        Folder = folder;
        Runs =
        [
            .. from arm in plan.Arms.Keys
               from fold in Enumerable.Range(1, folds.Count)
               from seed in plan.Seeds
               select new StudyRun(arm, fold, seed, new RunFolder(Path.Combine(folder, "runs", StudyRun.NameOf(arm, fold, seed)))),
        ];
        Evaluations = [.. plan.Arms.Keys.SelectMany(EvaluationsOf)];
    }

    /// <summary>The study's folder.</summary>
    public string Folder { get; }

    /// <summary>The trainings, in an order that depends on the plan alone.</summary>
    public IReadOnlyList<StudyRun> Runs { get; }

    /// <summary>The evaluations, which need all trainings of their arm.</summary>
    public IReadOnlyList<StudyEvaluation> Evaluations { get; }

    /// <summary>Whether the plan gives the lists, which may hold copies of one image on both sides.</summary>
    public bool ListsAreGiven => plan.Lists is not null;

    /// <summary>Opens a study: divides the data set where that is not done, and checks all trainings before the first begins.</summary>
    /// <param name="path">The plan's file.</param>
    /// <param name="folder">The study's folder, which is made.</param>
    /// <param name="computing">What computes; null takes what suits the machine.</param>
    /// <param name="progress">Told of each image that is compared, from several threads, where the data set is divided.</param>
    /// <param name="cancellation">Stops the division; nothing is written then.</param>
    /// <exception cref="SettingsException">A recipe does not suit its network or the data set.</exception>
    /// <exception cref="BackendException">No backend trains a network on the device.</exception>
    /// <exception cref="FileNotFoundException">There is no such plan, or no table that it names.</exception>
    /// <exception cref="BadFileException">
    /// The plan, the data set or a list cannot be used, or the folder holds a study of another division, or a run of other settings.
    /// </exception>
    public static Study Open(
        string path, string folder, StudyComputing? computing = null, IProgress<CaseProgress>? progress = null,
            CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(folder);
        StudyPlan plan = StudyPlan.Load(path);
        computing ??= new StudyComputing();
        Dictionary<string, TrainingOptions> arms =
            plan.Arms.Keys.ToDictionary(arm => arm, arm => OptionsOf(path, plan, arm, computing), StringComparer.Ordinal);
        CheckSubgroups(plan);
        StudyFolds folds = StudyFolds.Open(plan, folder, progress, cancellation);
        Study study = new(plan, folds, folder, computing, arms);
        foreach (StudyRun run in study.Runs)
        {
            study.Check(run);
        }

        // What is trained already would stand beside what other images and masks give.
        DataFiles.Check(plan.Data, [.. study.Runs.Where(static run => run.Folder.HasRun).Select(static run => run.Folder)]);
        return study;
    }

    /// <summary>Finds what the lists of a fold share although they should share nothing; their images are read.</summary>
    /// <param name="fold">The fold, from 1.</param>
    /// <param name="progress">Told of each image that is read, from several threads.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <exception cref="BadFileException">An image is missing or broken.</exception>
    public ListOverlap FindOverlap(int fold, IProgress<CaseProgress>? progress = null, CancellationToken cancellation = default)
    {
        DataSet data = DataSet.Open(plan.Data);
        IReadOnlyList<Case> train = data.Resolve(CaseList.Read(folds.TrainPath(fold)));
        IReadOnlyList<Case> validation = data.Resolve(CaseList.Read(folds.ValidationPath(fold)));
        return ListOverlap.Find(train, validation, CaseProgress.Counting(train.Count + validation.Count, progress), cancellation);
    }

    /// <summary>Trains one run to its end, from wherever it stands.</summary>
    /// <param name="run">One of <see cref="Runs"/>.</param>
    /// <param name="progress">Told of each iteration, validated case and epoch, on the thread that trains.</param>
    /// <param name="cancellation">Stops after the iteration that is under way, with a checkpoint.</param>
    /// <returns>The judged epoch's record: of the last epoch, or of the best one, as the plan has it.</returns>
    /// <exception cref="OperationCanceledException">It was stopped; all is kept.</exception>
    /// <exception cref="TrainingFailedException">The loss is no finite number any more.</exception>
    /// <exception cref="BadFileException">A case or the checkpoint cannot be used, or another process trains it.</exception>
    public EpochRecord Complete(StudyRun run, IProgress<TrainingIteration>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(run);

        // Killed as it began, a run leaves files without settings, which nobody can go on from: it begins anew.
        using TrainingSession session = run.Folder.HasRun
            ? TrainingSession.Resume(run.Folder.Path,
                new ResumeOptions { Data = plan.Data, Device = computing.Device, Threads = computing.Threads })
            : TrainingSession.Begin(run.Folder.Path, Begun(run, cancellation), overwrite: true);
        RunProgress done;
        run.Folder.NoteFailure(null);
        try
        {
            done = session.Run(progress, cancellation);
        }
        catch (TrainingFailedException e)
        {
            // Other parts do not wait for it.
            run.Folder.NoteFailure(e.Message);
            throw;
        }

        return plan.Weights == StudyWeights.Best ? done.Best! : done.Epochs[^1];
    }

    /// <summary>Judges every case once, where that is not done with these weights, images, masks, units and subgroups.</summary>
    /// <param name="evaluation">One of <see cref="Evaluations"/>; all trainings of its arm are done.</param>
    /// <param name="progress">Told of each case, on the thread that works.</param>
    /// <param name="cancellation">Stops between two cases.</param>
    /// <exception cref="OperationCanceledException">It was stopped; it begins anew the next time.</exception>
    /// <exception cref="BadFileException">A training is not done, or a case cannot be used.</exception>
    public EvaluationSummary Complete(StudyEvaluation evaluation, IProgress<CaseProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        (IReadOnlyList<string> Cases, Ensemble Weights)[] judged =
        [
            .. Enumerable.Range(1, folds.Count).Select(fold => (folds.Validation(fold), new Ensemble(
                [.. Runs.Where(run => run.Arm == evaluation.Arm && run.Fold == fold && evaluation.Seeds.Contains(run.Seed))
                    .Select(LoadWeights)],
                evaluation.Flips))),
        ];
        string sha256 = new Ensemble([.. judged.SelectMany(fold => fold.Weights.Members)]).Sha256;
        IReadOnlyList<CaseKey> subgroups = plan.SubgroupKeys;
        string inputs = HashInputs([.. judged.SelectMany(fold => fold.Cases)], subgroups);
        if (EvaluationReport.Read(evaluation.Folder) is { } earlier
            && File.Exists(Path.Combine(evaluation.Folder, EvaluationReport.CasesFile))
            && earlier.Info.WeightsSha256 == sha256 && earlier.Info.InputsSha256 == inputs
            && earlier.All.Cases == judged.Sum(fold => fold.Cases.Count))
        {
            return earlier;
        }

        EvaluationOptions options = new()
        {
            Data = plan.Data,
            List = "",
            Unit = plan.Unit,
            Subgroups = subgroups,
            Backend = computing.Backend,
            Device = computing.Device ?? "cpu",
            Threads = computing.Threads,
        };
        using EvaluationSession session = EvaluationSession.OpenFolds(options, $"{folds.Count} folds, out of fold", judged, inputs);
        (EvaluationSummary summary, IReadOnlyList<string> failures) = session.Run(evaluation.Folder, progress, cancellation);
        return failures.Count == 0 ? summary
            : throw new BadFileException(evaluation.Folder, $"{failures.Count} cases could not be judged: {failures[0]}");
    }

    // They are read when everything is trained; that the table lacks a case or a column is said before.
    private static void CheckSubgroups(StudyPlan plan)
    {
        IReadOnlyList<CaseKey> subgroups = plan.SubgroupKeys;
        if (subgroups.Count > 0)
        {
            string[] judged = plan.Lists is { } lists
                ? [.. lists.SelectMany(pair => plan.ReadList(pair.Val).Names)]
                : [.. DataSet.Open(plan.Data).Cases.Select(static one => one.Name)];
            foreach (CaseKey key in subgroups)
            {
                _ = key.Of(judged);
            }
        }
    }

    private static TrainingOptions OptionsOf(string path, StudyPlan plan, string arm, StudyComputing computing)
    {
        (TrainingRecipe recipe, Networks.NetworkDescription network) = plan.ReadArm(path, arm);
        return new TrainingOptions
        {
            Data = plan.Data,
            Train = "",
            Validation = "",
            Network = network,
            Protocol = recipe.ProtocolFor(network),
            Preprocessing = recipe.Preprocessing,
            Backend = computing.Backend,
            Device = computing.Device ?? "cpu",
            Threads = computing.Threads,
        };
    }

    private TrainingProtocol SettingsOf(StudyRun run) => arms[run.Arm].Protocol! with { Seed = run.Seed };

    private TrainingOptions OptionsOf(StudyRun run) =>
        arms[run.Arm] with { Train = folds.TrainPath(run.Fold), Validation = folds.ValidationPath(run.Fold), Protocol = SettingsOf(run) };

    // Where all who are judged are healthy no epoch is the best, and of the last one's weights none needs to be.
    private TrainingOptions Begun(StudyRun run, CancellationToken cancellation)
    {
        TrainingOptions options = OptionsOf(run);
        if (!KeepsLast(run))
        {
            return options;
        }

        IReadOnlyList<Case> judged = DataSet.Open(plan.Data).Resolve(CaseList.Read(folds.ValidationPath(run.Fold)));
        return CaseContents.ReadAll(judged, Environment.ProcessorCount, cancellation).Any(static one => one.HasLesion)
            ? options
            : options with { Protocol = options.Protocol! with { Select = SelectionKind.Last } };
    }

    // Whether nothing asks for the best epoch.
    private bool KeepsLast(StudyRun run) =>
        plan.Weights == StudyWeights.Last && SettingsOf(run) is { Select: null, Patience: null };

    private void Check(StudyRun run)
    {
        RunSettings settings = OptionsOf(run).ToSettings();
        if (KeepsLast(run) && run.Folder.HasRun && run.Folder.ReadSettings().Protocol.Select == SelectionKind.Last)
        {
            settings = settings with { Protocol = settings.Protocol with { Select = SelectionKind.Last } };
        }

        if (run.Folder.HasRun && run.Folder.ReadSettings().DifferencesFrom(settings) is { Count: > 0 } differences)
        {
            throw new BadFileException(
                run.Folder.Path,
                $"holds a run of other settings than the plan's: {string.Join("; ", differences)}. "
                + "Give the plan the run's settings, the arm another name, or move the folder away");
        }
    }

    // What an evaluation depends on beside the weights.
    private string HashInputs(IReadOnlyList<string> names, IReadOnlyList<CaseKey> subgroups)
    {
        IReadOnlyList<Case> cases = DataSet.Open(plan.Data).Resolve(names, plan.Data);
        CaseGrouping grouping = CaseGrouping.Of([.. cases.Select(static one => one.Name)], plan.Unit, subgroups);
        byte[] inputs = JsonSerializer.SerializeToUtf8Bytes(
            new { Rules = EvaluationJob.CurrentRules, Files = DataFiles.Hash(plan.Data, cases), Grouping = grouping },
            EvaluationJournal.Json);
        return Sha256.Of(inputs);
    }

    private IEnumerable<StudyEvaluation> EvaluationsOf(string arm)
    {
        foreach (bool flips in plan.Flips ? [false, true] : new[] { false })
        {
            foreach (ulong seed in plan.Seeds)
            {
                yield return Named([seed], string.Create(CultureInfo.InvariantCulture, $"{arm}-seed{seed}"), flips);
            }

            if (plan.Seeds.Count > 1)
            {
                yield return Named(plan.Seeds, $"{arm}-ensemble", flips);
            }
        }

        StudyEvaluation Named(IReadOnlyList<ulong> seeds, string name, bool flips) =>
            new(arm, seeds, flips, Path.Combine(Folder, "evaluations", flips ? $"{name}-flips" : name));
    }

    private LoadedWeights LoadWeights(StudyRun run)
    {
        if (!run.Folder.IsFinished())
        {
            throw new BadFileException(run.Folder.Path, "its training is not done yet, so nothing can be judged");
        }

        string path = plan.Weights == StudyWeights.Best ? run.Folder.BestPath
            : SettingsOf(run).AverageDecay > 0 ? run.Folder.AveragePath
            : run.Folder.LastPath;
        return File.Exists(path)
            ? WeightsFile.Load(path)
            : throw new BadFileException(path,
                $"is missing; \"cmunext train --resume --output {run.Folder.Path}\" writes it again from the run's checkpoint, if any "
                    + "epoch was the best");
    }
}
