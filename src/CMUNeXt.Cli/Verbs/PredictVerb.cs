using System.CommandLine;
using System.Globalization;
using System.Text;
using CMUNeXt.Backends;
using CMUNeXt.Cli.Terminal;
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
    private static readonly Argument<string[]> Inputs = new("INPUT") { Description = "Images, folders or patterns.", Arity = ArgumentArity.OneOrMore };
    private static readonly Option<string> Output = CommonOptions.Output("The folder for masks, overlays, findings and summary.csv.", "predictions");
    private static readonly Option<string?> Weights = CommonOptions.Weights();
    private static readonly Option<string?> Model = CommonOptions.Model();
    private static readonly Option<string?> Backend = CommonOptions.Backend();
    private static readonly Option<string> Device = CommonOptions.Device();
    private static readonly Option<int?> Threads = CommonOptions.Threads();
    private static readonly Option<double?> Threshold = new("--threshold") { Description = "A pixel belongs to the lesion where its probability is above this. [default: the weights' own, else 0.5]", HelpName = "P" };
    private static readonly Option<int> MinimumArea = new("--min-area") { Description = "Leave out lesions of fewer pixels.", DefaultValueFactory = _ => 0, HelpName = "N" };
    private static readonly Option<bool> LargestOnly = new("--largest-only") { Description = "Keep only the largest lesion of each class." };
    private static readonly Option<bool> Probability = new("--probability") { Description = "Write the probability too, as a grey image of 8 bits (several: one for each class)." };
    private static readonly Option<double?> MillimetresPerPixel = new("--mm-per-pixel") { Description = "The size of a pixel, for areas in square millimetres.", HelpName = "MM" };
    private static readonly Option<bool> All = new("--all") { Description = "Outline in all images, also in those whose presence of a lesion is below the weights' threshold." };
    private static readonly Option<bool> Overwrite = CommonOptions.Overwrite();
    private static readonly Option<bool> Json = CommonOptions.Json();

    public static Command Create()
    {
        Command command = new("predict", "Segment images: for each NAME_mask.png at its own size, NAME_overlay.png and NAME.json; one summary.csv.")
        {
            Inputs, Output, Weights, Model, Backend, Device, Threads, Threshold, MinimumArea, LargestOnly, Probability, MillimetresPerPixel, All, Overwrite, Json,
        };
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

        IReadOnlyList<ImageInput> images = ImageInputs.Find(parsed.GetValue(Inputs)!);
        string output = parsed.GetValue(Output)!;
        CheckInputsStay(images, output);
        (Network opened, WeightsMetadata metadata, string sha256) = NetworkWeights.GiveBackAfter(() => Open(parsed));
        using Network network = opened;
        double threshold = parsed.GetValue(Threshold) ?? metadata.Threshold;
        Segmenter segmenter = new(network, metadata.Preprocessing, threshold, metadata.CalibrationAt(threshold), parsed.GetValue(All) ? null : metadata.Presence);

        List<SegmentationReport> reports = [];
        int failures = 0;
        WorkProgress.Run("predicting", "images", work =>
        {
            for (int i = 0; i < images.Count; i++)
            {
                stop.ThrowIfCancellationRequested();
                try
                {
                    bool isLast = i == images.Count - 1;
                    reports.Add(Predict(parsed, images[i], Segment, output, (metadata.Network.Name, sha256, threshold)));

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
                catch (BadFileException e)
                {
                    failures++;
                    work.WriteLine($"cmunext: {e.Message}");
                }

                work.Report(i + 1, images.Count);
            }

            return true;
        });
        AtomicFile.WriteText(Path.Combine(output, "summary.csv"), FormatSummary(reports));
        Console.WriteLine(parsed.GetValue(Json)
            ? SegmentationReport.ToJson(reports)
            : $"{reports.Count} of {images.Count} images are segmented in {output}; lesions are in {reports.Count(report => report.Lesions.Count > 0)} of them.");
        return failures == 0 ? ExitStatus.Done : ExitStatus.Failed;
    }

    // In the folder of the images themselves a result may have the name of another image that is to be read.
    private static void CheckInputsStay(IReadOnlyList<ImageInput> images, string output)
    {
        HashSet<string> inputs = [.. images.Select(image => Path.GetFullPath(image.Path))];
        foreach (ImageInput image in images)
        {
            foreach (string ending in (string[])["_mask.png", "_overlay.png", "_probability.png"])
            {
                string result = Path.GetFullPath(Path.Combine(output, image.Result + ending));
                if (inputs.Contains(result))
                {
                    throw new BadFileException(result, $"is one of the images, and a result of {image.Path} would replace it; give another --output");
                }
            }
        }
    }

    private static (Network Network, WeightsMetadata Metadata, string Sha256) Open(ParseResult parsed)
    {
        LoadedWeights weights = NetworkWeights.Load(parsed.GetValue(Weights));
        NetworkDescription description = NetworkWeights.Describe(weights, parsed.GetValue(Model));
        WeightsMetadata metadata = weights.Describe();
        OutputFolder.Open(parsed.GetValue(Output)!, parsed.GetValue(Overwrite));
        Network network = BackendRegistry.Open(weights, parsed.GetValue(Backend), parsed.GetValue(Threads), parsed.GetValue(Device)!);
        Segmenter.CheckLogits(network, weights.Path);
        return (network, metadata, weights.Sha256);
    }

    private static SegmentationReport Predict(
        ParseResult parsed, ImageInput input, Func<Image, Segmentation> segment, string output, (string Model, string Sha256, double Threshold) by)
    {
        Image image = ImageFile.Load(input.Path);
        Segmentation segmentation = segment(image);
        Mask mask = segmentation.Mask.WithMinimumArea(parsed.GetValue(MinimumArea));
        mask = parsed.GetValue(LargestOnly) ? mask.WithLargestOnly() : mask;
        IReadOnlyList<Lesion> lesions = segmentation.FindLesions(mask);
        int area = lesions.Sum(lesion => lesion.Area);
        SegmentationReport report = new()
        {
            File = Path.GetFileName(input.Path),
            Width = image.Width,
            Height = image.Height,
            Model = by.Model,
            WeightsSha256 = by.Sha256,
            Threshold = by.Threshold,
            Presence = segmentation.Presence,
            PresenceThreshold = segmentation.PresenceThreshold?.Score,
            Area = area,
            AreaMm2 = parsed.GetValue(MillimetresPerPixel) is { } millimetres ? area * millimetres * millimetres : null,
            Lesions = lesions,
        };

        string result = Path.Combine(output, input.Result);
        Directory.CreateDirectory(Path.GetDirectoryName(result)!);
        int classes = segmentation.Probabilities.Count;
        ImageFile.SaveMask($"{result}_mask.png", mask, classes == 1 ? MaskValues.ZeroOr255 : MaskValues.ClassIndices);
        ImageFile.SavePng($"{result}_overlay.png", Overlay.Draw(image, null, mask, new OverlayOptions { Classes = classes, Tint = 0.15, Labels = OverlayLabel.Of(lesions) }));
        if (parsed.GetValue(Probability))
        {
            for (int c = 0; c < classes; c++)
            {
                byte[] grey = Array.ConvertAll(segmentation.Probabilities[c], p => (byte)MathF.Round(255 * p));
                ImageFile.SavePng($"{result}_probability{(classes == 1 ? "" : $"_{c + 1}")}.png", new Image(image.Width, image.Height, 1, grey));
            }
        }

        AtomicFile.WriteText($"{result}.json", report.ToJson() + "\n");
        return report;
    }

    private static string FormatSummary(IReadOnlyList<SegmentationReport> reports)
    {
        StringBuilder text = new("file,width,height,lesions,area,area_mm2,largest_area,largest_confidence,presence\n");
        foreach (SegmentationReport report in reports)
        {
            Lesion? largest = report.Lesions.Count > 0 ? report.Lesions[0] : null;
            text.Append(CultureInfo.InvariantCulture, $"{CsvField.Of(report.File)},{report.Width},{report.Height},{report.Lesions.Count},{report.Area},{report.AreaMm2},");
            text.Append(CultureInfo.InvariantCulture, $"{largest?.Area},{largest?.Confidence:0.0000},{report.Presence:0.000}\n");
        }

        return text.ToString();
    }
}
