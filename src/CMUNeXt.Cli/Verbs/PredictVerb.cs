using System.CommandLine;
using CMUNeXt.Backends;
using CMUNeXt.Cli.Archive;
using CMUNeXt.Cli.Terminal;
using CMUNeXt.Dicom;
using CMUNeXt.Drawing.Overlays;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
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
    private static readonly Option<double?> Threshold = new("--threshold")
    {
        Description = "A pixel belongs to the lesion where its probability is above this. [default: the weights' own, else 0.5]",
        HelpName = "P",
    };
    private static readonly Option<int> MinimumArea = new("--min-area")
    {
        Description = "Leave out lesions of fewer pixels.",
        DefaultValueFactory = _ => 0,
        HelpName = "N",
    };
    private static readonly Option<bool> LargestOnly = new("--largest-only")
    {
        Description = "Keep only the largest lesion of each class.",
    };
    private static readonly Option<bool> Probability = new("--probability")
    {
        Description = "Write the probability too, as a grey image of 8 bits (several: one for each class).",
    };
    private static readonly Option<double?> MillimetresPerPixel = new("--mm-per-pixel")
    {
        Description = "The size of a pixel, for areas in square millimetres.",
        HelpName = "MM",
    };
    private static readonly Option<bool> All = new("--all")
    {
        Description = "Outline in all images, also in those whose presence of a lesion is below the weights' threshold.",
    };
    private static readonly InputOptions Input = new();
    private static readonly Option<int[]> SegFrames = CommonOptions.List<int>(
        "--seg-frames", "Of a DICOM loop, write the masks of these frames too, counted from 1.", "N...");
    private static readonly Option<bool> CropToRegion = CommonOptions.CropToRegion();
    private static readonly Option<bool> Overwrite = CommonOptions.Overwrite();
    private static readonly Option<bool> Resume = new("--resume")
    {
        Description = "Go on with an interrupted job of the same options: images whose results are in the output are left out.",
    };
    private static readonly Option<bool> Json = CommonOptions.Json();

    public static Command Create()
    {
        Command command = new("predict", "Segment images: for each NAME_mask.png at its own size, NAME_overlay.png and NAME.json; "
            + "of DICOM NAME_seg.dcm, NAME_report.dcm and NAME_overlay.dcm too; one summary.csv.")
        {
            Inputs, Output, Weights, Flips, Model, Backend, Device, Threads, Threshold, MinimumArea, LargestOnly, Probability,
            MillimetresPerPixel, SegFrames, CropToRegion, All, Overwrite, Resume, Json,
        };
        foreach (Option option in Input.All)
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

        if (parsed.GetValue(MillimetresPerPixel) is { } size && !(size > 0 && double.IsFinite(size)))
        {
            throw new UsageException("--mm-per-pixel is above 0");
        }

        if (CommonOptions.Given(parsed, SegFrames)?.FirstOrDefault(frame => frame < 1, 1) is { } number and < 1)
        {
            throw new UsageException($"--seg-frames counts frames from 1, not {number}");
        }

        string output = parsed.GetValue(Output)!;
        FoundImages found = ImageInputs.Find(parsed.GetValue(Inputs)!, output, stop);
        IReadOnlyList<ImageInput> images = found.Images;
        (Network opened, WeightsMetadata metadata, string sha256) = NetworkWeights.GiveBackAfter(() => Open(parsed));
        using Network network = opened;
        double threshold = parsed.GetValue(Threshold) ?? metadata.Threshold;
        Segmenter segmenter = new(
            network, metadata.Preprocessing, threshold, metadata.CalibrationAt(threshold), parsed.GetValue(All) ? null : metadata.Presence);
        bool resume = parsed.GetValue(Resume);
        using OutputFolder folder = OutputFolder.Open(
            output, resume || parsed.GetValue(Overwrite), [.. parsed.GetValue(Weights)!, .. images.Select(image => image.Path)]);
        string summaryPath = folder.Claim("summary.csv");

        PredictionSummary summary = new(images);
        foreach (BadFileException problem in found.Problems)
        {
            Console.Error.WriteLine($"cmunext: {problem.Message}");
        }

        try
        {
            WorkProgress.Run("predicting", "images", work =>
            {
                for (int i = 0; i < images.Count; i++)
                {
                    stop.ThrowIfCancellationRequested();
                    try
                    {
                        bool isLast = i == images.Count - 1;
                        Results results = new(images[i], metadata.Network.Outputs, parsed.GetValue(Probability));
                        (string Model, string Sha256, double Threshold) by = (metadata.Network.Name, sha256, threshold);
                        summary.Add(
                            images[i], (resume ? Earlier(images[i], results, folder, by) : null)
                                ?? Predict(parsed, images[i], results, Segment, folder, by, work.WriteLine));

                        Segmentation Segment(Image image)
                        {
                            Segmentation segmentation = segmenter.Segment(image);
                            if (isLast)
                            {
                                // What is drawn and written now needs memory too, but the network no longer.
                                network.Dispose();
                            }

                            return segmentation;
                        }
                    }
                    catch (Exception e) when (e is not OperationCanceledException)
                    {
                        BadFileException failure = ImageFailure.Of(images[i].Path, e);
                        summary.Add(images[i], failure);
                        work.WriteLine($"cmunext: {failure.Message}");
                    }

                    work.Report(i + 1, images.Count);
                }

                return true;
            });
            WriteDicom(parsed, images, summary, folder, metadata, sha256, threshold);
            folder.RemoveOthers();
        }
        finally
        {
            AtomicFile.WriteText(summaryPath, summary.ToCsv());
        }

        IReadOnlyList<SegmentationReport> reports = summary.Reports;
        Console.WriteLine(parsed.GetValue(Json)
            ? SegmentationReport.ToJson(reports)
            : $"{reports.Count} of {images.Count} images are segmented in {output}; "
                + $"lesions are in {reports.Count(report => report.Lesions.Count > 0)} of them.");
        return summary.Failures + found.Problems.Count == 0 ? ExitStatus.Done : ExitStatus.Failed;
    }

    private static void WriteDicom(
        ParseResult parsed, IReadOnlyList<ImageInput> images, PredictionSummary summary, OutputFolder folder, WeightsMetadata metadata,
        string sha256, double threshold)
    {
        NetworkDescription network = metadata.Network;
        ResultAlgorithm by = new()
        {
            Network = network.Name,
            WeightsSha256 = sha256,
            Threshold = threshold,
            Settings = ResultSettings.Of(
                parsed.GetValue(MinimumArea), parsed.GetValue(LargestOnly), parsed.GetValue(All), parsed.GetValue(CropToRegion),
                metadata.Preprocessing),
        };
        int classes = Math.Max(1, network.Outputs - 1);
        int[] wanted = CommonOptions.GivenOnce(parsed, SegFrames) ?? [];
        foreach (ImageInput[] frames in images.Where(image => image.Frame is not null).GroupBy(image => image.Path)
            .Select(group => group.ToArray()))
        {
            // A frame that failed has had its line.
            SegmentationReport[] reports = [.. frames.Select(summary.Find).OfType<SegmentationReport>()];
            if (reports.Length < frames.Length)
            {
                continue;
            }

            try
            {
                DicomOutputs.Write(frames, reports, ReadBack, folder, classes, wanted, by);
            }
            catch (BadFileException e)
            {
                summary.Add(frames[0], e);
                Console.Error.WriteLine($"cmunext: {e.Message}");
            }
        }

        FrameFindings ReadBack(ImageInput frame, SegmentationReport report)
        {
            Results results = new(frame, network.Outputs, withProbability: false);
            return new FrameFindings(
                ImageFile.LoadMask(Path.Combine(folder.Path, results.Mask), classes == 1 ? MaskValues.ZeroOr255 : MaskValues.ClassIndices),
                ImageFile.Load(Path.Combine(folder.Path, results.Overlay)),
                report.Lesions);
        }
    }

    // What an interrupted job has found already: with these weights and this threshold, and since the image was last changed.
    private static SegmentationReport? Earlier(
        ImageInput image, Results results, OutputFolder folder, (string Model, string Sha256, double Threshold) by)
    {
        string path = Path.Combine(folder.Path, results.Findings);
        if (!File.Exists(path) || File.GetLastWriteTimeUtc(path) < File.GetLastWriteTimeUtc(image.Path))
        {
            return null;
        }

        folder.Claim(results.All);
        return SegmentationReport.FromJson(File.ReadAllText(path)) is { } report
            && (report.Model, report.WeightsSha256, report.Threshold, report.File) == (by.Model, by.Sha256, by.Threshold, image.Name)
            ? report
            : null;
    }

    private static (Network Network, WeightsMetadata Metadata, string Sha256) Open(ParseResult parsed)
    {
        IReadOnlyList<LoadedWeights> weights = NetworkWeights.LoadAll(
            CommonOptions.Given(parsed, Weights), parsed.GetValue(Model), one => Input.Apply(parsed, one));
        Ensemble ensemble = new(weights, parsed.GetValue(Flips));
        Network network = ensemble.Open(parsed.GetValue(Backend), parsed.GetValue(Threads), parsed.GetValue(Device)!);
        return (network, ensemble.Metadata, ensemble.Sha256);
    }

    private static SegmentationReport Predict(
        ParseResult parsed,
        ImageInput input,
        Results results,
        Func<Image, Segmentation> segment,
        OutputFolder folder,
        (string Model, string Sha256, double Threshold) by,
        Action<string> tell)
    {
        folder.Claim(results.All);
        PixelSize? given = parsed.GetValue(MillimetresPerPixel) is { } side ? new PixelSize(side, side) : null;
        MeasuredImage read = MeasuredImage.Read(input, given, parsed.GetValue(CropToRegion), tell);
        Image image = read.Pixels;
        Segmentation segmentation = read.Segment(segment);
        Mask mask = segmentation.Mask.WithMinimumArea(parsed.GetValue(MinimumArea));
        mask = parsed.GetValue(LargestOnly) ? mask.WithLargestOnly() : mask;
        IReadOnlyList<Lesion> lesions = read.Measure(segmentation.FindLesions(mask));
        int area = lesions.Sum(lesion => lesion.Area);
        SegmentationReport report = new()
        {
            File = input.Name,
            Width = image.Width,
            Height = image.Height,
            Region = read.Region,
            Model = by.Model,
            WeightsSha256 = by.Sha256,
            Threshold = by.Threshold,
            Warnings = InputCheck.Warnings(read.Part) is { Count: > 0 } warnings ? warnings : null,
            Presence = segmentation.Presence,
            PresenceThreshold = segmentation.PresenceThreshold?.Score,
            Area = area,
            AreaMm2 = read.AreaOf(lesions),
            Lesions = lesions,
        };

        int classes = segmentation.Probabilities.Count;
        ImageFile.SaveMask(In(results.Mask), mask, classes == 1 ? MaskValues.ZeroOr255 : MaskValues.ClassIndices);
        ImageFile.SavePng(
            In(results.Overlay),
            Overlay.Draw(
                image, null, mask,
                new OverlayOptions { Classes = classes, Tint = 0.15, Labels = [.. OverlayLabel.Of(lesions), .. Warning(report)] }));
        for (int c = 0; c < results.Probabilities.Count; c++)
        {
            byte[] grey = Array.ConvertAll(segmentation.Probabilities[c], p => (byte)MathF.Round(255 * p));
            ImageFile.SavePng(In(results.Probabilities[c]), new Image(image.Width, image.Height, 1, grey));
        }

        // The last: whoever finds it takes the image's results for complete.
        AtomicFile.WriteText(In(results.Findings), report.ToJson() + "\n");
        return report;

        string In(string name) => Path.Combine(folder.Path, name);
    }

    private static IEnumerable<OverlayLabel> Warning(SegmentationReport report) =>
        report.Warnings is null ? [] : [new OverlayLabel("unlike the images of the training", 0, 0)];

    /// <summary>The files of an image's results, below the output folder.</summary>
    private sealed class Results(ImageInput image, int outputs, bool withProbability)
    {
        public string Mask => $"{image.Result}_mask.png";

        public string Overlay => $"{image.Result}_overlay.png";

        public string Findings => $"{image.Result}.json";

        public IReadOnlyList<string> Probabilities { get; } = !withProbability ? []
            : outputs == 1 ? [$"{image.Result}_probability.png"]
            : [.. Enumerable.Range(1, outputs - 1).Select(c => $"{image.Result}_probability_{c}.png")];

        public IReadOnlyList<string> All => [Mask, Overlay, Findings, .. Probabilities];
    }
}
