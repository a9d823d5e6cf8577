using System.CommandLine;
using CMUNeXt.Backends;
using CMUNeXt.Cli.Options;
using CMUNeXt.Cli.Prediction;
using CMUNeXt.Dicom.Orthanc;
using CMUNeXt.Networks;
using CMUNeXt.Server;
using CMUNeXt.Weights;
using Microsoft.Extensions.Logging;

namespace CMUNeXt.Cli.Verbs;

/// <summary>
/// <c>dicom</c>: watches an Orthanc archive, and stores masks, measurements and overlays of its new ultrasound images in the same studies.
/// </summary>
internal static class DicomVerb
{
    private static readonly Option<string?> Orthanc = ArchiveAddress.Create("The archive:");

    private static readonly Option<string> State = new("--state")
    {
        Description = "The file that remembers which images are done.",
        DefaultValueFactory = _ => "cmunext-orthanc.json",
        HelpName = "FILE",
    };

    private static readonly Option<string?> Send = new("--send")
    {
        Description = "Have the archive send the results on to this modality of its configuration.",
        HelpName = "NAME",
    };

    private static readonly Option<string> Modality = new("--modality")
    {
        Description = "Only images of this modality.",
        DefaultValueFactory = _ => "US",
        HelpName = "CODE",
    };

    private static readonly Option<string?> FromDevice = new("--from-device")
    {
        Description = "Only images of a device whose manufacturer, model or station name has this in it.",
        HelpName = "TEXT",
    };

    private static readonly Option<string?> Description = new("--description")
    {
        Description = "Only images whose study or series description has this in it.",
        HelpName = "TEXT",
    };

    private static readonly Option<bool> FromStart = new("--from-start")
    {
        Description = "At the first start, take the images that are in the archive already, too.",
    };

    private static readonly Option<bool> Once = new("--once") { Description = "End when everything is done, instead of waiting for more." };
    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "Say what would be segmented; store nothing." };
    private static readonly Option<int?> MetricsPort = CommonOptions.Within(0, 65535, new Option<int?>("--metrics-port")
    {
        Description = "Answer /metrics and /health on this port, to this machine alone; 0 takes a free one.",
        HelpName = "N",
    });

    private static readonly Option<string?> Weights = CommonOptions.Weights();
    private static readonly Option<bool> Flips = CommonOptions.Flips();
    private static readonly Option<string?> Model = CommonOptions.ModelOfWeights();
    private static readonly ComputingOptions Computing = new();
    private static readonly ResultOptions Results =
        new("Store no overlays: they are not compressed, and far larger than the image and all else.");

    public static Command Create()
    {
        Orthanc.Required = true;
        return Verb.Create(
            "dicom",
            "Watch an Orthanc archive: segment its new ultrasound images, and store masks, measurements and overlays in the same studies.",
            [
                Orthanc, State, Send, Modality, FromDevice, Description, FromStart, Once, DryRun, MetricsPort, Weights, Flips, Model,
                .. Computing.All, .. Results.With(),
            ],
            RunAsync);
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        Uri address = ArchiveAddress.Parse(parsed.GetValue(Orthanc));
        LoadedWeights weights = NetworkWeights.Load(parsed.GetValue(Weights));
        NetworkWeights.Describe(weights, parsed.GetValue(Model));
        Ensemble ensemble = new([weights], parsed.GetValue(Flips));
        WeightsMetadata metadata = ensemble.Metadata;
        (Network opened, int atOnce) = ensemble.OpenFor(
            int.MaxValue, parsed.GetValue(Computing.Backend), parsed.GetValue(Computing.Threads), parsed.GetValue(Computing.Device)!);
        using Network network = opened;
        PredictionSettings settings = Results.SettingsOf(parsed, ensemble);
        InputOptions.TellAssumed(weights);
        using Segmenter segmenter = new(
            network, metadata.Preprocessing, settings.Threshold, metadata.CalibrationAt(settings.Threshold), metadata.Presence);
        using ILoggerFactory logs = WorkerMonitor.CreateLogs();
        ILogger<ArchiveWorker> log = logs.CreateLogger<ArchiveWorker>();
        InstancePrediction prediction = new(segmenter.Segment, settings, atOnce, log);
        using ArchiveWorker worker = new(WorkOf(parsed, address), prediction.Write, log);
        await using WorkerMonitor? monitor = parsed.GetValue(MetricsPort) is { } port
            ? await WorkerMonitor.Start(port, ArchiveWorker.MeterName, () => worker.IsReady, stop)
            : null;
        if (monitor is not null)
        {
            Console.WriteLine($"Metrics are at {monitor.Address}metrics.");
        }

        return await worker.RunAsync(stop) == 0 ? ExitStatus.Done : ExitStatus.Failed;
    }

    private static ArchiveWorkerSettings WorkOf(ParseResult parsed, Uri address) => new()
    {
        Archive = address,
        StatePath = parsed.GetValue(State)!,
        SendTo = parsed.GetValue(Send),
        FromStart = parsed.GetValue(FromStart),
        Once = parsed.GetValue(Once),
        DryRun = parsed.GetValue(DryRun),
        Filter = new ArchiveFilter
        {
            Modality = parsed.GetValue(Modality)!,
            Device = parsed.GetValue(FromDevice) ?? "",
            Description = parsed.GetValue(Description) ?? "",
        },
    };
}
