using System.CommandLine;
using CMUNeXt.Backends;
using CMUNeXt.Cli.Parts;
using CMUNeXt.Cli.Prediction;
using CMUNeXt.Cli.Terminal;
using CMUNeXt.Dicom;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Masks;
using CMUNeXt.Networks;
using CMUNeXt.Weights;

namespace CMUNeXt.Cli.Verbs;

/// <summary><c>predict</c>: masks, overlays and findings of images, at their own size.</summary>
internal static class PredictVerb
{
    private static readonly Argument<string[]> Inputs = new("INPUT")
    {
        Description = "Images, folders or patterns.",
        Arity = ArgumentArity.OneOrMore,
    };
    private static readonly Option<string> Output = CommonOptions.Output(
        "The folder for masks, overlays, findings and summary.csv.", "predictions");
    private static readonly Option<string[]> Weights = CommonOptions.EnsembleWeights();
    private static readonly Option<bool> Flips = CommonOptions.Flips();
    private static readonly Option<string?> Model = CommonOptions.Model();
    private static readonly Option<string?> Backend = CommonOptions.Backend();
    private static readonly Option<string> Device = CommonOptions.Device();
    private static readonly Option<int?> Threads = CommonOptions.Threads();
    private static readonly Option<double?> Threshold = CommonOptions.Threshold();
    private static readonly Option<int> MinimumArea = CommonOptions.MinimumArea();
    private static readonly Option<bool> LargestOnly = CommonOptions.LargestOnly();
    private static readonly Option<bool> NoOverlay = new("--no-overlay")
    {
        Description = "Write no overlays: they take more time than all other files.",
    };
    private static readonly Option<bool> Probability = new("--probability")
    {
        Description = "Write the probability too, as a grey image of 8 bits (several: one for each class).",
    };
    private static readonly Option<double?> MillimetersPerPixel = new("--mm-per-pixel")
    {
        Description = "The size of a pixel, for areas in square millimeters.",
        HelpName = "MM",
    };
    private static readonly Option<bool> All = new("--all")
    {
        Description = "Show every lesion found, also in images whose presence is at or below the weights' threshold.",
    };
    private static readonly InputOptions Input = new();
    private static readonly Option<int[]> SegFrames = CommonOptions.List<int>(
        "--seg-frames", "Of a DICOM loop, write the masks of these frames too, counted from 1.", "N...");
    private static readonly Option<bool> CropToRegion = CommonOptions.CropToRegion();
    private static readonly Option<bool> Overwrite = CommonOptions.Overwrite();
    private static readonly Option<bool> Resume = new("--resume")
    {
        Description = "Go on with an interrupted job of the same options; images that have their results are left out.",
    };
    private static readonly Option<bool> Watch = new("--watch")
    {
        Description = "Go on until Ctrl+C with images that come into the folders; none is done twice, even after a restart.",
    };
    private static readonly Option<bool> Json = CommonOptions.Json();

    public static Command Create()
    {
        Command command = new(
            "predict",
            "Segment images: a mask at the image's own size, an overlay and findings for each, a table and a gallery of all. "
            + SegmentationReport.NotMedical)
        {
            Inputs, Output, Weights, Flips, Model, Backend, Device, Threads, Threshold, MinimumArea, LargestOnly, NoOverlay, Probability,
            MillimetersPerPixel, SegFrames, CropToRegion, All, Overwrite, Resume, Watch, Json,
        };
        foreach (Option option in (Option[])[.. Input.All, .. PartOptions.All])
        {
            command.Add(option);
        }

        command.SetAction((parsed, stop) => Task.FromResult(Run(parsed, stop)));
        return command;
    }

    private static int Run(ParseResult parsed, CancellationToken stop)
    {
        if (parsed.GetValue(Threshold) is { } given && !(given > 0 && given < 1))
        {
            throw new UsageException($"--threshold is above 0 and below 1, not {given}");
        }

        if (parsed.GetValue(MinimumArea) < 0)
        {
            throw new UsageException("--min-area is at least 0");
        }

        if (parsed.GetValue(MillimetersPerPixel) is { } size && !(size > 0 && double.IsFinite(size)))
        {
            throw new UsageException("--mm-per-pixel is above 0");
        }

        if (CommonOptions.Given(parsed, SegFrames)?.FirstOrDefault(frame => frame < 1, 1) is { } number and < 1)
        {
            throw new UsageException($"--seg-frames counts frames from 1, not {number}");
        }

        WorkPart? part = PartOptions.Read(parsed);
        string output = parsed.GetValue(Output)!;
        string[] inputs = parsed.GetValue(Inputs)!;
        bool watch = parsed.GetValue(Watch);
        if (watch && inputs.FirstOrDefault(static input => !Directory.Exists(input)) is { } other)
        {
            throw new UsageException($"--watch takes folders, and {PrintableText.Of(other)} is none");
        }

        if (watch && part is not null)
        {
            throw new UsageException("--watch and --part do not go together: a part is of images that are known");
        }

        FoundImages found = watch ? new FoundImages([], []) : ImageInputs.Find(inputs, output, stop);
        List<ImageInput> images = [.. part is null ? found.Images : PredictionParts.ImagesOf(part, found.Images)];
        ((Network opened, int atOnce), WeightsMetadata metadata, string sha256) =
            NetworkWeights.GiveBackAfter(() => Open(parsed, watch ? int.MaxValue : images.Count));
        using Network network = opened;
        PredictionSettings settings =
            SettingsOf(parsed, metadata, sha256) with { Resume = part is not null || watch || parsed.GetValue(Resume) };
        Segmenter segmenter = new(
            network, metadata.Preprocessing, settings.By.Threshold, metadata.CalibrationAt(settings.By.Threshold),
            parsed.GetValue(All) ? null : metadata.Presence);
        string[] sources = [.. parsed.GetValue(Weights)!, .. found.Images.Select(image => image.Path)];
        using OutputFolder folder = part is null
            ? OutputFolder.Open(output, settings.Resume || parsed.GetValue(Overwrite), sources)
            : OutputFolder.OpenPart(output, part.Name, sources);
        string summaryPath = folder.Claim(PredictionParts.SummaryFile);
        string galleryPath = Path.Combine(output, "gallery.html");
        if (part is null)
        {
            folder.Claim("gallery.html");
            AtomicFile.WriteText(folder.Claim(PredictionParts.NoticeFile), SegmentationReport.NotMedical + "\n");
        }

        PredictionSummary summary = new(images);
        foreach (BadFileException problem in found.Problems)
        {
            Console.Error.WriteLine($"cmunext: {problem.Message}");
        }

        try
        {
            int segmented = 0;
            using DicomPredictions dicom = new(folder, settings);
            ImagePrediction prediction = new(new ImageFinder(Segment, settings), settings, folder, dicom);
            PredictionRun run = new(prediction, atOnce, summary, stop);
            if (watch)
            {
                run.Watch(inputs, output, images, Summarize);
            }
            else
            {
                run.Predict(images);
            }

            if (part is not null)
            {
                PredictionParts.Write(output, part, JobOf(settings, found.Images), found.Images, images, summary);
            }
            else if (!watch)
            {
                folder.RemoveOthers();
            }

            Segmentation Segment(Image image, CancellationToken cancellation)
            {
                Segmentation segmentation = segmenter.Segment(image, cancellation);
                if (!watch && Interlocked.Increment(ref segmented) == images.Count)
                {
                    // What is drawn and written now needs memory too, but the network no longer.
                    network.Dispose();
                }

                return segmentation;
            }
        }
        finally
        {
            if (part is null)
            {
                Summarize();
            }
        }

        void Summarize()
        {
            AtomicFile.WriteText(summaryPath, summary.ToCsv());
            AtomicFile.WriteText(galleryPath, new Gallery(settings).ToHtml(images.Select(image => (image, summary.Find(image)))));
        }

        IReadOnlyList<SegmentationReport> reports = summary.Reports;
        Console.WriteLine(parsed.GetValue(Json)
            ? SegmentationReport.ToJson(reports)
            : $"{reports.Count} of {images.Count} images{LoopsOf(images)} are segmented in {output}; "
                + $"lesions are in {reports.Count(report => report.HasFinding)} of them. {SegmentationReport.NotMedical}");
        if (part is not null && PredictionParts.Merge(output, part.Count, out _) is not null)
        {
            Console.WriteLine($"All {part.Count} parts are done; the summary is {summaryPath}.");
        }

        return summary.Failures + found.Problems.Count == 0 ? ExitStatus.Done : ExitStatus.Failed;
    }

    private static string LoopsOf(IReadOnlyList<ImageInput> images)
    {
        ImageInput[] frames = [.. images.Where(static image => image.Frame is { Count: > 1 })];
        return frames.Select(static frame => frame.Path).Distinct().Count() switch
        {
            0 => "",
            1 => $", {frames.Length} of them the frames of a loop,",
            int loops => $", {frames.Length} of them the frames of {loops} loops,",
        };
    }

    // What the parts of a job have in common.
    private static string JobOf(PredictionSettings settings, IReadOnlyList<ImageInput> images) => string.Join(
        '\n', [$"{settings}", string.Join(',', settings.SegFrames), .. images.Select(static image => image.Name)]);

    private static PredictionSettings SettingsOf(ParseResult parsed, WeightsMetadata metadata, string sha256) => new()
    {
        By = new ResultAlgorithm
        {
            Network = metadata.Network.Name,
            WeightsSha256 = sha256,
            Threshold = parsed.GetValue(Threshold) ?? metadata.Threshold,
            Settings = ResultSettings.Of(
                parsed.GetValue(MinimumArea), parsed.GetValue(LargestOnly), parsed.GetValue(All), parsed.GetValue(CropToRegion),
                parsed.GetValue(Flips), metadata.Preprocessing),
        },
        Outputs = metadata.Network.Outputs,
        MinimumArea = parsed.GetValue(MinimumArea),
        LargestOnly = parsed.GetValue(LargestOnly),
        CropToRegion = parsed.GetValue(CropToRegion),
        PixelSize = parsed.GetValue(MillimetersPerPixel) is { } side ? new PixelSize(side, side) : null,
        WithOverlay = !parsed.GetValue(NoOverlay),
        WithProbability = parsed.GetValue(Probability),
        SegFrames = CommonOptions.GivenOnce(parsed, SegFrames) ?? [],
    };

    private static ((Network Network, int AtOnce), WeightsMetadata Metadata, string Sha256) Open(ParseResult parsed, int images)
    {
        IReadOnlyList<LoadedWeights> weights = NetworkWeights.LoadAll(
            CommonOptions.Given(parsed, Weights), parsed.GetValue(Model), one => Input.Apply(parsed, one));
        Ensemble ensemble = new(weights, parsed.GetValue(Flips));
        (Network Network, int AtOnce) opened = ensemble.OpenFor(
            images, parsed.GetValue(Backend), parsed.GetValue(Threads), parsed.GetValue(Device)!);
        return (opened, ensemble.Metadata, ensemble.Sha256);
    }
}
