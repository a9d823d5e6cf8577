using CMUNeXt.Backends;
using CMUNeXt.Files;
using CMUNeXt.Ranks;
using CMUNeXt.Tensors;
using CMUNeXt.Training.Data;
using CMUNeXt.Training.Protocol;
using CMUNeXt.Training.Runs;

namespace CMUNeXt.Training.Sessions;

/// <summary>
/// One training, from the beginning or from where it was interrupted: checks what it is asked for, opens the network, and trains it in the
/// run's folder. Not safe for several threads.
/// </summary>
public sealed class TrainingSession : IDisposable
{
    private readonly IReadOnlyList<Case> train;
    private readonly IReadOnlyList<Case> validation;
    private readonly ITrainable network;
    private readonly TeacherNetworks teachers;
    private readonly bool overwrite;
    private readonly bool acceptChangedData;
    private readonly ICommunicator? communicator;
    private readonly RankShare ranks;

    private bool isDisposed;

    // Whether a run stood there when this one was prepared.
    private bool replacesRun;

    // Of a new run; null once it is begun.
    private StateDict? start;

    // What a run begins with that has no checkpoint: after a call that failed, the network's weights are others.
    private StateDict? first;

    // Of the weights that a new run starts from.
    private KnownCases? inherited;
    private CaseFingerprints? fingerprints;

    // With their SHA-256.
    private SortedDictionary<string, string> files = [];

    private TrainingSession(
        string folder,
        RunSettings settings,
        (IReadOnlyList<Case> Train, IReadOnlyList<Case> Validation) lists,
        bool overwrite,
        ICommunicator? communicator,
        bool acceptChangedData = false)
    {
        Folder = new RunFolder(folder);
        Settings = settings;
        (train, validation) = lists;
        network = TrainableNetwork.Open(settings, communicator);
        try
        {
            teachers = new TeacherNetworks(settings);
        }
        catch
        {
            network.Dispose();
            throw;
        }

        this.overwrite = overwrite;
        this.acceptChangedData = acceptChangedData;
        this.communicator = communicator;
        ranks = new RankShare(communicator);
    }

    /// <summary>All that the run depends on.</summary>
    public RunSettings Settings { get; private set; }

    /// <summary>The run's folder.</summary>
    public RunFolder Folder { get; }

    /// <summary>What should be known of the training list before the training is believed, in one sentence; null for nothing.</summary>
    public string? Warning { get; private init; }

    /// <summary>Prepares a new training. Nothing is written before <see cref="Run"/>.</summary>
    /// <param name="folder">The run's folder, which is made.</param>
    /// <param name="options">What is trained, on what, and how.</param>
    /// <param name="overwrite">Whether a run that the folder holds is replaced.</param>
    /// <param name="communicator">
    /// The ranks that train together, each of which does the same with the same options; null trains alone. The first rank alone writes.
    /// </param>
    /// <exception cref="SettingsException">
    /// The options contradict each other, or do not suit the network, the data set or the machine, or the backend trains in one process
    /// only.
    /// </exception>
    /// <exception cref="BackendException">No backend trains the network on the device.</exception>
    /// <exception cref="BadFileException">
    /// The data set, a case of it, a list or the weights cannot be used, or the folder holds a run, or a teacher or weights to start from
    /// that it would replace.
    /// </exception>
    public static TrainingSession Begin(string folder, TrainingOptions options, bool overwrite = false, ICommunicator? communicator = null)
    {
        GivenPath.Check(folder, "folder");
        ArgumentNullException.ThrowIfNull(options);
        RunFolder run = new(folder);
        bool hasRun = run.HasRun;
        if (!overwrite)
        {
            run.CheckFree();
        }

        run.CheckSources(options.Teachers.Select(static teacher => teacher.Path), "a teacher");
        run.CheckSources(options.Weights is { } given ? [given.Path] : [], "what the training starts from");
        RunSettings settings = options.ToSettings();
        (IReadOnlyList<Case> Train, IReadOnlyList<Case> Validation) lists = Resolve(DataSet.Open(settings.Data), settings);

        // Every case, also where no setting asks what it shows: one that cannot be used is told of while an earlier run is still there.
        CaseContents[] contents = CaseContents.ReadAll([.. lists.Train, .. lists.Validation], settings.Threads);
        CaseContents[] trained = contents[..lists.Train.Count];
        string? warning = CaseContents.FindMissing(trained, options.Train, settings.Protocol.HealthyShare > 0);
        if (EpochOrder.FindFault(settings.Protocol, lists.Train, trained) is { } fault)
        {
            throw new SettingsException(fault);
        }

        SelectionKind selection =
            Selection.Settle(settings, trained, lists.Validation, contents[lists.Train.Count..], options.Validation);
        TrainingSession session = new(folder, settings with { Selection = selection }, lists, overwrite, communicator)
        {
            Warning = warning,
            replacesRun = hasRun,
        };
        try
        {
            session.inherited = KnownCases.Of(options.Weights?.Metadata);
            session.start = StartingWeights.Of(
                settings.Network, settings.Protocol.Seed, session.network, options.Weights?.State,
                options.Weights?.Describe().HasClasses(settings.Classes) == false);
            session.network.Restore(session.start, null);
            return session;
        }
        catch (ArgumentException e) when (options.Weights is { } weights)
        {
            session.Dispose();
            throw new BadFileException(weights.Path, e.Message, e);
        }
    }

    /// <summary>Prepares to go on with a run that was interrupted, or that has ended, which it leaves as it is.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="changes">What is another now; null for nothing.</param>
    /// <param name="communicator">The ranks that train together, as many as one likes; null trains alone.</param>
    /// <exception cref="SettingsException">The machine does not have the device, or the backend trains in one process only.</exception>
    /// <exception cref="BackendException">The run's backend is not here, or does not train on the device.</exception>
    /// <exception cref="BadFileException">
    /// There is no run, or its settings are damaged, or the data set is not the one that it began with.
    /// </exception>
    public static TrainingSession Resume(string folder, ResumeOptions? changes = null, ICommunicator? communicator = null)
    {
        GivenPath.Check(folder, "folder");
        GivenPath.Check(changes?.Data ?? folder, "folder");
        RunSettings begun = new RunFolder(folder).ReadSettings();
        RunSettings settings = begun with
        {
            Data = changes?.Data is { } moved ? Path.GetFullPath(moved) : begun.Data,
            Teachers = changes?.Teachers is { } files ? Moved(begun, files) : begun.Teachers,
            Device = changes?.Device ?? begun.Device,
            Threads = changes?.Threads ?? begun.Threads,
        };
        if (changes?.Epochs is { } epochs && epochs != begun.Protocol.Epochs)
        {
            settings = settings with
            {
                Protocol = begun.Protocol with { Epochs = epochs },
                Changes = [.. begun.Changes ?? [], $"epochs {begun.Protocol.Epochs} became {epochs}"],
            };
            if (settings.FindFault() is { } fault)
            {
                throw new SettingsException(fault);
            }
        }

        if (changes?.Data is null && !Directory.Exists(settings.Data))
        {
            throw new BadFileException(folder, $"its data set {settings.Data} is not on this machine, or has moved; give --data DIR");
        }

        DataSet data = DataSet.Open(settings.Data);
        return data.Outputs == settings.Network.Outputs
            ? new TrainingSession(
                folder, settings, Resolve(data, settings), overwrite: false, communicator, changes?.AcceptChangedData == true)
            : throw new BadFileException(
                settings.Data,
                $"has {data.Classes} classes now, which need {data.Outputs} outputs, and the run began with {settings.Network.Outputs}");
    }

    /// <summary>Finds what the two lists share although they should share nothing; all images are read.</summary>
    /// <param name="progress">Told the number of images read so far, from several threads.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <exception cref="BadFileException">An image is missing or broken.</exception>
    public ListOverlap FindOverlap(IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        fingerprints ??= CaseFingerprints.Of([.. train, .. validation], progress, cancellation);
        return ListOverlap.Find(train, validation, fingerprints, cancellation);
    }

    /// <summary>
    /// The cases of the validation list that a teacher or the weights to start from know: what is learned from them cannot be judged on
    /// these.
    /// </summary>
    /// <param name="cancellation">Stops the reading of images.</param>
    /// <exception cref="BadFileException">An image is missing or broken.</exception>
    public IReadOnlyList<string> FindKnownValidationCases(CancellationToken cancellation = default)
    {
        fingerprints ??= CaseFingerprints.Of([.. train, .. validation], null, cancellation);
        HashSet<string> known = [.. KnownEarlier];
        return
        [
            .. validation.Where(one => known.Contains(KnownCases.Shorten(fingerprints[one]))).Select(static one => one.Name),
        ];
    }

    /// <summary>Trains to the end, or until it is stopped; called again, it goes on from there.</summary>
    /// <param name="progress">Told of each iteration, validated case and epoch, on the thread that trains.</param>
    /// <param name="cancellation">Stops after the iteration that is under way, with a checkpoint.</param>
    /// <returns>What was measured in each epoch.</returns>
    /// <exception cref="OperationCanceledException">It was stopped; all is kept.</exception>
    /// <exception cref="SettingsException">
    /// More epochs are done than are asked for, or others are asked for where the patience has ended the run, or the ranks do not agree.
    /// </exception>
    /// <exception cref="TrainingFailedException">The loss is no finite number any more; what was written before is kept.</exception>
    /// <exception cref="BadFileException">A case or the checkpoint cannot be used, or another process trains or trained there.</exception>
    /// <exception cref="IOException">A file of the run could not be written, as on a full disk; the last checkpoint is kept.</exception>
    /// <exception cref="ObjectDisposedException">The session was disposed of.</exception>
    public RunProgress Run(IProgress<TrainingIteration>? progress = null, CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        using FolderLock? held = ranks.IsFirst ? Folder.Take(begins: start is not null) : null;
        if (start is not null && ranks.IsFirst)
        {
            CheckFree();
        }

        files = DataFiles.Hash(Settings.Data, [.. train, .. validation]);
        Checkpoint? from = start is null ? ReadCheckpoint(cancellation) : null;
        if (ranks.FindDifference(Settings, files, from, network.CopyWeights()) is { } what)
        {
            throw new SettingsException($"the ranks do not have the same {what}; start them with the same program, options and files");
        }

        // Nothing is written, and nothing of an earlier run goes, before all is read and the ranks agree.
        if (ranks.IsFirst)
        {
            WriteFolder();
        }

        first = start ?? first;
        start = null;
        return new Trainer(Settings, train, validation, network, Folder, teachers: teachers.Teachers, communicator: communicator)
            .Run(from, progress, cancellation);
    }

    /// <summary>Closes the network, and those that teach it.</summary>
    public void Dispose()
    {
        isDisposed = true;
        network.Dispose();
        teachers.Dispose();
    }

    private static TeacherFile[] Moved(RunSettings begun, IReadOnlyList<string> files) => begun.Teachers?.Count == files.Count
        ? [.. begun.Teachers.Zip(files, static (teacher, file) => teacher with { Path = Path.GetFullPath(file) })]
        : throw new SettingsException($"the run began with {begun.Teachers?.Count ?? 0} teachers, not {files.Count}");

    // By the weights that the run starts from, and by those that teach.
    private IEnumerable<string> KnownEarlier =>
        teachers.Known.Concat(inherited is null ? [] : inherited.Training.Concat(inherited.Selection));

    private static (IReadOnlyList<Case> Train, IReadOnlyList<Case> Validation) Resolve(DataSet data, RunSettings settings) =>
        (data.Resolve(settings.Train, "the training list"), data.Resolve(settings.Validation, "the validation list"));

    private void CheckFree()
    {
        if (!overwrite)
        {
            Folder.CheckFree();
        }
        else if (!replacesRun && Folder.HasRun)
        {
            throw new BadFileException(Folder.Path, "another process has begun a run here meanwhile; start this again");
        }
    }

    private void WriteFolder()
    {
        if (start is not null)
        {
            // A run that starts from a file does not need it again.
            Folder.Begin(
                Settings,
                Settings.InitialWeights is null ? null : new Checkpoint(RunProgress.None, start, network.CopyOptimizer(), null),
                FindKnownCases(),
                files);
            return;
        }

        if (FindChanged().Count > 0)
        {
            Folder.WriteKnownCases(FindKnownCases().And(Folder.ReadKnownCases()));
        }

        // Stopped between the two, it sees again what has changed.
        Folder.WriteSettings(Settings);
        DataFiles.Write(Folder.DataFilesPath, files);
    }

    private KnownCases FindKnownCases()
    {
        fingerprints ??= CaseFingerprints.Of([.. train, .. validation], null, CancellationToken.None);
        return new KnownCases(Named(train, KnownEarlier), Named(validation, []));

        string[] Named(IReadOnlyList<Case> cases, IEnumerable<string> others) =>
            [.. cases.Select(one => KnownCases.Shorten(fingerprints[one])).Concat(others).Distinct().Order(StringComparer.Ordinal)];
    }

    private IReadOnlyList<string> FindChanged() => DataFiles.Changed(Folder.DataFilesPath, files);

    // One that has ended would say of the changed files that it has learned from them.
    private void CheckFiles(bool hasEnded, CancellationToken cancellation)
    {
        IReadOnlyList<string> changed = FindChanged();
        if (changed.Count == 0)
        {
            return;
        }

        if (hasEnded || !acceptChangedData)
        {
            throw new BadFileException(
                Settings.Data,
                $"{changed.Count} of its files have changed since the run began: {ShortList.Of(changed)}; put them back, or "
                    + (hasEnded
                        ? "give it more --epochs or begin another run, since this one has ended"
                        : "give --changed-data to go on with them"));
        }

        // As where a run begins.
        _ = CaseContents.ReadAll([.. train, .. validation], Settings.Threads, cancellation);
        Settings = Settings with { Changes = [.. Settings.Changes ?? [], $"files have changed: {string.Join(", ", changed)}"] };
    }

    // Null where the run has not made an iteration; the network has its weights either way.
    private Checkpoint? ReadCheckpoint(CancellationToken cancellation)
    {
        Checkpoint? checkpoint = Folder.ReadCheckpoint(Settings);
        if (checkpoint?.Progress.Epochs.Count is { } done && done > Settings.Protocol.Epochs)
        {
            throw new SettingsException(
                $"{done} epochs are done, and the settings say {Settings.Protocol.Epochs}; go on with at least {done}");
        }

        if (checkpoint?.Progress.IsOutOfPatience(Settings.Protocol) == true
            && Settings.Protocol.Epochs != Folder.ReadSettings().Protocol.Epochs)
        {
            throw new SettingsException(
                $"the patience ended the run after epoch {checkpoint.Progress.Epochs.Count}, so another number of epochs changes nothing; "
                    + $"begin another run from {Folder.LastPath}, or with more patience");
        }

        CheckFiles(checkpoint?.Progress.IsFinished(Settings.Protocol) == true, cancellation);
        if (checkpoint is null && Settings.InitialWeights is { } file)
        {
            throw new BadFileException(
                Folder.Path, $"was stopped before it had kept the weights of {file} that it starts from; begin it anew");
        }

        if (checkpoint?.Progress is { } progress && (progress.Iteration > 0 || progress.Epochs.Count > 0))
        {
            Restore(checkpoint, checkpoint.Optimizer);
            return checkpoint;
        }

        if (checkpoint is not null)
        {
            Restore(checkpoint, null);
        }
        else
        {
            first ??= StartingWeights.Of(Settings.Network, Settings.Protocol.Seed, network, null);
            network.Restore(first, null);
        }

        return null;
    }

    // Of an earlier version nothing but the tensors tells whether it belongs here.
    private void Restore(Checkpoint checkpoint, StateDict? optimizer)
    {
        try
        {
            network.Restore(checkpoint.Weights, optimizer, checkpoint.Average);
        }
        catch (Exception e) when (e is ArgumentException or KeyNotFoundException or InvalidOperationException)
        {
            throw new BadFileException(
                Folder.Path, $"its checkpoint is that of another network or optimizer ({e.Message}); put back the one that belongs here",
                e);
        }
    }
}
