using System.Globalization;
using System.Text.Json;
using CMUNeXt.Files;
using CMUNeXt.Training.Data;
using CMUNeXt.Training.Protocol;
using CMUNeXt.Weights;

namespace CMUNeXt.Training.Runs;

/// <summary>
/// The folder of one training: <c>config.json</c>, <c>checkpoint.safetensors</c>, and what follows from them: <c>metrics.csv</c>,
/// <c>best.safetensors</c>, <c>last.safetensors</c>, <c>ema.safetensors</c> (the average of the weights, where one is kept),
/// <c>curves.png</c> and TensorBoard events.
/// </summary>
/// <param name="path">The folder; it is made when something is written.</param>
public sealed class RunFolder(string path)
{
    private const string EpochMetric = "epoch";

    private RunSettings? written;

    private KnownCases? knownCases;

    private readonly TensorBoardEvents events = new(System.IO.Path.Combine(path, "events.out.tfevents.run"));

    /// <summary>The folder.</summary>
    public string Path { get; } = path;

    /// <summary>The weights of the best epoch, once there is one.</summary>
    public string BestPath => File("best.safetensors");

    /// <summary>The weights of the last epoch, once there is one.</summary>
    public string LastPath => File("last.safetensors");

    /// <summary>The average of the weights after the last epoch that is complete; written where one is kept.</summary>
    public string AveragePath => File("ema.safetensors");

    /// <summary>The validation cases as a list, one name a line, so that the run's weights can be judged on them.</summary>
    public string ValidationListPath => File("val.txt");

    /// <summary>The files that the run learns and validates from, with their SHA-256; an earlier version wrote none.</summary>
    public string DataFilesPath => File("files.sha256");

    private string FailurePath => File("failure.txt");

    private string CheckpointPath => File("checkpoint.safetensors");

    private string ConfigPath => File("config.json");

    private string MetricsPath => File("metrics.csv");

    private string CurvesPath => File("curves.png");

    private string PlacesPath => File("places.json");

    private string KnownCasesPath => File("known-cases.json");

    /// <summary>Whether a run was begun here.</summary>
    public bool HasRun => System.IO.File.Exists(ConfigPath);

    /// <summary>Whether its training has failed, and was not started again since.</summary>
    public bool HasFailed => System.IO.File.Exists(FailurePath);

    /// <summary>Notes that its training has failed; a run begins and goes on without the note.</summary>
    /// <param name="why">Why, in one sentence; null takes the note back.</param>
    internal void NoteFailure(string? why)
    {
        if (why is not null)
        {
            AtomicFile.WriteText(FailurePath, why + "\n");
        }
        else if (HasFailed)
        {
            System.IO.File.Delete(FailurePath);
        }
    }

    // A run of its own to TensorBoard, which follows one file of a folder at a time.
    private string ImagesFolder => File("images");

    // The settings are the first to go: without them there is no run, and none of the other files is believed.
    private IEnumerable<string> Files =>
        [
            ConfigPath, CheckpointPath, ValidationListPath, MetricsPath, BestPath, LastPath, AveragePath, CurvesPath, events.Path,
            DataFilesPath, PlacesPath, KnownCasesPath, FailurePath,
            .. Directory.Exists(ImagesFolder) ? Directory.GetFiles(ImagesFolder, "*.tfevents.*") : [],
        ];

    /// <summary>Takes the folder, and makes it where it is not there.</summary>
    /// <param name="begins">Whether a run begins, which may do so in another folder; one that goes on may not.</param>
    /// <exception cref="BadFileException">It cannot be made, or another process has it.</exception>
    internal FolderLock Take(bool begins)
    {
        try
        {
            return FolderLock.Take(Path);
        }
        catch (Exception e) when (e is (IOException and not BadFileException) or UnauthorizedAccessException)
        {
            throw new BadFileException(Path, $"the folder cannot be used ({e.Message}){(begins ? "; choose another --output" : "")}", e);
        }
    }

    /// <summary>Refuses a folder that holds what a run would replace.</summary>
    /// <exception cref="BadFileException">There is such a file, or one where the folder would be.</exception>
    internal void CheckFree()
    {
        if (System.IO.File.Exists(Path))
        {
            throw new BadFileException(Path, "is a file, and a run is written into a folder; choose another --output");
        }

        if (HasRun)
        {
            throw new BadFileException(Path, "holds a run; give --resume to go on with it, or --overwrite to replace it");
        }

        if (Files.FirstOrDefault(System.IO.File.Exists) is { } other)
        {
            throw new BadFileException(other, "a run would replace it; give another --output, or --overwrite");
        }
    }

    /// <summary>
    /// Refuses to replace weights that a run is made of: it reads a teacher again where it goes on, and what it starts from would be lost
    /// if it were killed before it had kept it.
    /// </summary>
    /// <param name="weights">The weight files.</param>
    /// <param name="what">What they are to the run.</param>
    /// <exception cref="BadFileException">One of them is a file of the run that is here.</exception>
    internal void CheckSources(IEnumerable<string> weights, string what)
    {
        if (weights.FirstOrDefault(one => Files.Any(file => RealPath.AreSame(file, one))) is { } replaced)
        {
            throw new BadFileException(replaced, $"is {what}, and the run would replace it; give another --output");
        }
    }

    /// <summary>Begins a run: the folder, emptied of the files of a run that was there, and its settings.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="start">What the run starts from, where it does not follow from the settings alone.</param>
    /// <param name="known">The images that it learns from and chooses its best epoch by.</param>
    /// <param name="files">The files that it learns and validates from, with their SHA-256; null where they are not kept.</param>
    /// <exception cref="BadFileException">A file of one of its names is somebody's and not a run's.</exception>
    internal void Begin(
        RunSettings settings, Checkpoint? start = null, KnownCases? known = null, IReadOnlyDictionary<string, string>? files = null)
    {
        Directory.CreateDirectory(Path);
        OwnFiles own = OwnFiles.In(Path);
        string[] names = [.. Files.Select(file => System.IO.Path.GetRelativePath(Path, file))];

        // The settings of a run say that the files beside them are its own, also where an earlier version kept no list of them.
        if (!IsRun())
        {
            foreach (string name in names)
            {
                own.Check(name);
            }
        }

        foreach (string file in Files)
        {
            System.IO.File.Delete(file);
        }

        own.Claim(names);
        (start is null ? null : start with { Settings = settings })?.Write(CheckpointPath);
        knownCases = null;
        if (known is not null)
        {
            WriteKnownCases(known);
        }

        if (files is not null)
        {
            DataFiles.Write(DataFilesPath, files);
        }

        // From here on it is a run, which can be resumed.
        WriteSettings(settings);
    }

    /// <summary>Writes the settings of a run, as it begins, and again where it goes on.</summary>
    internal void WriteSettings(RunSettings settings)
    {
        CaseList.Write(ValidationListPath, settings.Validation);
        AtomicFile.WriteText(PlacesPath, JsonSerializer.Serialize(RunPlaces.Of(settings), RunJson.Options) + "\n");
        written = settings.WithoutPlaces();
        AtomicFile.WriteText(ConfigPath, ToJson(settings) + "\n");
    }

    /// <summary>Reads the settings of a run that was begun.</summary>
    /// <exception cref="BadFileException">There is none, or its file is damaged, or states what is not possible.</exception>
    public RunSettings ReadSettings()
    {
        if (!HasRun)
        {
            throw new BadFileException(Path, "there is no run here to resume: it has no config.json");
        }

        RunSettings settings = RunJson.Parse<RunSettings>(ConfigPath, System.IO.File.ReadAllText(ConfigPath));
        if (System.IO.File.Exists(PlacesPath))
        {
            settings = RunJson.Parse<RunPlaces>(PlacesPath, System.IO.File.ReadAllText(PlacesPath)).Put(settings);
        }

        return settings.FindFault() is { } fault ? throw new BadFileException(ConfigPath, $"is not what a run writes: {fault}") : settings;
    }

    /// <summary>Keeps which images the run learns from and chooses its best epoch by; its weights say so.</summary>
    internal void WriteKnownCases(KnownCases known)
    {
        AtomicFile.WriteText(KnownCasesPath, JsonSerializer.Serialize(known, RunJson.Options) + "\n");
        knownCases = known;
    }

    /// <summary>Reads the last checkpoint; null where the run was stopped before its first.</summary>
    /// <exception cref="BadFileException">The checkpoint is damaged, or was taken away.</exception>
    internal Checkpoint? ReadCheckpoint()
    {
        if (System.IO.File.Exists(CheckpointPath))
        {
            return Checkpoint.Read(CheckpointPath);
        }

        // What an epoch leaves is written after its checkpoint: a run that went on without it would replace them.
        string[] left = [.. new[] { MetricsPath, BestPath, LastPath, AveragePath }.Where(System.IO.File.Exists)];
        return left.Length == 0 ? null : throw new BadFileException(
            CheckpointPath,
            $"is missing, and without it the run, which has {System.IO.Path.GetFileName(left[0])}, cannot go on; put it back, or begin "
                + "another run in another folder, from its last weights if you like (--weights)");
    }

    /// <summary>Reads the last checkpoint of a run with given settings.</summary>
    /// <param name="settings">The settings as <c>config.json</c> has them.</param>
    /// <exception cref="BadFileException">The checkpoint is damaged, or belongs to a run of other settings.</exception>
    internal Checkpoint? ReadCheckpoint(RunSettings settings)
    {
        Checkpoint? checkpoint = ReadCheckpoint();
        if (checkpoint?.Settings is not { } bound)
        {
            return checkpoint;
        }

        // The number of epochs may be changed on purpose, which the settings then say.
        bool epochs = settings.Changes?.Any(change => change.StartsWith("epochs ", StringComparison.Ordinal)) == true;
        IReadOnlyList<string> differences = (epochs
            ? settings with { Protocol = settings.Protocol with { Epochs = bound.Protocol.Epochs } }
            : settings).DifferencesFrom(bound);
        return differences.Count == 0
            ? checkpoint
            : throw new BadFileException(
                CheckpointPath,
                $"belongs to a run of other settings than config.json has ({string.Join("; ", differences)}); "
                    + "put back the one that belongs here");
    }

    /// <summary>
    /// The validation IoU of each epoch that is complete, from <c>metrics.csv</c>; none where the run was stopped before its first.
    /// </summary>
    /// <exception cref="BadFileException">The file is not what a run writes.</exception>
    public IReadOnlyList<double> ReadValidationIou() => MetricsTable.ReadValidationIou(MetricsPath);

    /// <summary>Whether the training is done, to its last epoch or to the end of its patience, and its files are written.</summary>
    /// <exception cref="BadFileException">A file of the run is damaged.</exception>
    public bool IsFinished()
    {
        if (!HasRun)
        {
            return false;
        }

        // The table rounds what chooses the best epoch, so that the end of the patience is seen in the checkpoint alone, which is large.
        TrainingProtocol protocol = ReadSettings().Protocol;
        int published = ReadValidationIou().Count;
        if (!System.IO.File.Exists(LastPath) || (protocol.AverageDecay > 0 && !System.IO.File.Exists(AveragePath)))
        {
            // Weights that were taken away come back from the checkpoint, where the run goes on.
            return false;
        }

        return published >= protocol.Epochs
            || (protocol.Patience < published && ReadCheckpoint()?.Progress is { } progress
                && progress.Epochs.Count == published && progress.IsFinished(protocol));
    }

    /// <summary>Writes the state of the run.</summary>
    internal void WriteCheckpoint(Checkpoint checkpoint) => (checkpoint with { Settings = written }).Write(CheckpointPath);

    /// <summary>Writes what follows from a checkpoint.</summary>
    /// <param name="settings">The run's settings.</param>
    /// <param name="checkpoint">The checkpoint, already written.</param>
    /// <param name="everything">Whether the files of earlier epochs are written again too, as when a run goes on.</param>
    internal void Publish(RunSettings settings, Checkpoint checkpoint, bool everything)
    {
        RunProgress progress = checkpoint.Progress;
        if (progress.Best is { } best && checkpoint.Best is { } weights && (everything || progress.Epochs[^1] == best))
        {
            WeightsFile.Save(BestPath, weights, Describe(settings, best, isChosen: settings.Selection != SelectionKind.Last));
        }

        // In the middle of an epoch the weights belong to no record.
        if (progress.Iteration == 0 && progress.Epochs.Count > 0)
        {
            // With a patience the validation cases choose when the training ends.
            WeightsMetadata metadata = Describe(settings, progress.Epochs[^1], isChosen: settings.Protocol.Patience is not null);
            if (checkpoint.Average is { } average)
            {
                WeightsFile.Save(AveragePath, average, metadata);

                // It is the average that was validated.
                metadata = metadata with { Metrics = new Dictionary<string, double> { [EpochMetric] = metadata.Metrics![EpochMetric] } };
            }

            WeightsFile.Save(LastPath, checkpoint.Weights, metadata);
        }

        if (everything)
        {
            events.Rewrite(ToJson(settings), progress.Epochs);
        }
        else
        {
            events.Append(ToJson(settings), progress.Epochs[^1]);
        }

        // The last: by it others see how far the run is.
        MetricsTable.Write(MetricsPath, progress.Epochs);
    }

    /// <summary>Writes images of an epoch for TensorBoard.</summary>
    internal void WriteImages(EpochRecord epoch, IReadOnlyList<(string Name, Images.Image Image)> images)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"images/events.out.tfevents.{epoch.Epoch + 1:000000}");
        OwnFiles.In(Path).Claim(name);
        TensorBoardEvents.WriteImages(File(name), epoch, images);
    }

    /// <summary>Draws <c>curves.png</c>: loss, IoU and learning rate over the epochs.</summary>
    internal void DrawCurves(IReadOnlyList<EpochRecord> epochs) => TrainingCurves.Save(CurvesPath, epochs);

    // A run of an earlier version does not know its cases.
    internal KnownCases? ReadKnownCases() => knownCases ??=
        System.IO.File.Exists(KnownCasesPath) ? RunJson.Parse<KnownCases>(KnownCasesPath, System.IO.File.ReadAllText(KnownCasesPath))
            : null;

    private WeightsMetadata Describe(RunSettings settings, EpochRecord epoch, bool isChosen) => new()
    {
        Classes = settings.Classes ?? [],
        TrainingCases = ReadKnownCases()?.Training,
        SelectionCases = isChosen ? ReadKnownCases()?.Selection : [],
        Network = settings.Network,
        Preprocessing = settings.Preprocessing,
        VerticalFlips = settings.Protocol.ShowsUpsideDown,
        DataSet = settings.WithoutPlaces().Data,
        Metrics = new Dictionary<string, double>
        {
            [EpochMetric] = epoch.Epoch + 1,
            ["validation_loss"] = epoch.ValidationLoss,
            ["validation_iou"] = epoch.Validation.Iou,
            ["validation_f1"] = epoch.Validation.F1,
        },
    };

    private static string ToJson(RunSettings settings) => JsonSerializer.Serialize(settings.WithoutPlaces(), RunJson.Options);

    private bool IsRun()
    {
        try
        {
            return HasRun && ReadSettings() is not null;
        }
        catch (BadFileException)
        {
            return false;
        }
    }

    private string File(string name) => System.IO.Path.Combine(Path, name);
}
