using CMUNeXt.Backends;
using CMUNeXt.Files;
using CMUNeXt.Networks;
using CMUNeXt.Training.Calibration;
using CMUNeXt.Training.Data;
using CMUNeXt.Weights;

namespace CMUNeXt.Training.Sessions;

/// <summary>
/// One calibration: finds out how often lesions of a confidence are right, and from which presence of a lesion on
/// something is outlined, and writes weights that say both.
/// </summary>
public sealed class CalibrationSession : IDisposable
{
    /// <summary>The name of the weights with their calibration.</summary>
    public const string WeightsFileName = "calibrated.safetensors";

    /// <summary>The name of the report.</summary>
    public const string ReportFile = "calibration.json";

    /// <summary>The name of the reliability diagram.</summary>
    public const string DiagramFile = "reliability.svg";

    private readonly DataSet data;
    private readonly CaseList list;
    private readonly LoadedWeights weights;
    private readonly Ensemble ensemble;
    private readonly Network network;
    private readonly CaseKey? patients;
    private readonly int atOnce;

    private CalibrationSession(DataSet data, CaseList list, Ensemble ensemble, Network network, CaseKey? patients, int atOnce)
    {
        this.data = data;
        this.list = list;
        this.ensemble = ensemble;
        weights = ensemble.Members[0];
        this.network = network;
        this.patients = patients;
        this.atOnce = atOnce;
    }

    /// <summary>Opens the network. Nothing is written before <see cref="Run"/>.</summary>
    /// <param name="options">
    /// The weights, cases that the network was not trained on, which of them are of one patient, and whether the mean over flips is
    /// calibrated.
    /// </param>
    /// <exception cref="SettingsException">There are no weights, or the number of threads is below 1.</exception>
    /// <exception cref="BackendException">No backend runs the network on the device.</exception>
    /// <exception cref="BadFileException">The data set, the list or the weights cannot be used.</exception>
    public static CalibrationSession Open(EvaluationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        if (options.Weights is not [{ } weights])
        {
            throw new SettingsException("a calibration needs the weights of one file");
        }

        DataSet data = DataSet.Open(options.Data);
        CaseList list = CaseList.Read(options.List, data.Folder);
        EvaluationSession.CheckClasses(weights, data);
        Ensemble ensemble = new(options.Weights, options.Flips);
        (Network network, int atOnce) = ensemble.OpenFor(list.Names.Count, options.Backend, options.Threads, options.Device);
        return new CalibrationSession(data, list, ensemble, network, options.Unit, atOnce);
    }

    /// <summary>Fits the calibration, judges it, and writes the calibrated weights, the report and the diagram.</summary>
    /// <param name="folder">The folder; it is made, and what an earlier calibration wrote there is replaced.</param>
    /// <param name="seed">What the halves depend on that the calibration is judged by.</param>
    /// <param name="specificity">The part of healthy images in which nothing shall be outlined, above 0 and below 1.</param>
    /// <param name="progress">Told of each case, on the thread that works.</param>
    /// <param name="cancellation">Stops between two cases; nothing is written then.</param>
    /// <exception cref="ArgumentOutOfRangeException">The specificity is not above 0 and below 1.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    /// <exception cref="BadFileException">A case cannot be used, or there are too few lesions, or none right, or none wrong.</exception>
    /// <exception cref="IOException">A file could not be written.</exception>
    public CalibrationReport Run(
        string folder,
        long seed = 41,
        double specificity = 0.95,
        IProgress<CaseProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        if (!(specificity is > 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(specificity), specificity, "The specificity is above 0 and below 1.");
        }

        string target = Path.Combine(folder, WeightsFileName);
        if (RealPath.AreSame(target, weights.Path))
        {
            throw new BadFileException(target, "is the file of the weights that are calibrated; choose another folder");
        }

        OwnFiles own = OwnFiles.In(folder);
        string[] files = [WeightsFileName, ReportFile, DiagramFile];
        foreach (string file in files)
        {
            own.Check(file);
        }

        IProgress<int>? cases = CaseProgress.Counting(list.Names.Count, progress);
        CalibrationReport report = Calibrator.Run(data, list, network, ensemble, seed, specificity, patients, cases, atOnce, cancellation);
        own.Claim(files);
        WeightsMetadata metadata = weights.Describe();
        WeightsMetadata calibrated = ensemble.Flips
            ? metadata with
            {
                CalibrationWithFlips = report.Calibration,
                PresenceWithFlips = report.Presence?.Threshold ?? metadata.PresenceWithFlips,
            }
            : metadata with { Calibration = report.Calibration, Presence = report.PresenceThreshold };
        AtomicFile.WriteTogether(folder, files, () =>
        {
            WeightsFile.Save(target, weights.State, calibrated, weights.Entries);
            AtomicFile.WriteText(Path.Combine(folder, ReportFile), report.ToJson() + "\n");
            AtomicFile.WriteText(Path.Combine(folder, DiagramFile), report.ToSvg());
        });
        return report;
    }

    /// <summary>Closes the network.</summary>
    public void Dispose() => network.Dispose();
}
