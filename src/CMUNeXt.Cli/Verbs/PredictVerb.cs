using System.CommandLine;
using CMUNeXt.Backends;
using CMUNeXt.Cli.Options;
using CMUNeXt.Cli.Parts;
using CMUNeXt.Cli.Prediction;
using CMUNeXt.Cli.Terminal;
using CMUNeXt.Files;
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
    private static readonly Option<string?> Model = CommonOptions.ModelOfWeights();
    private static readonly ComputingOptions Computing = new();
    private static readonly ResultOptions Results = new("Write no overlays: they take more time than all other files.");
    private static readonly Option<bool> Probability = new("--probability")
    {
        Description = "Write the probability too, as a gray image of 8 bits; with several classes, one for each.",
    };
    private static readonly Option<double?> MillimetersPerPixel = CommonOptions.Within(
        PixelSize.Smallest, PixelSize.Largest,
        new Option<double?>("--mm-per-pixel")
        {
            Description = $"The size of a pixel, from {PixelSize.Smallest} to {PixelSize.Largest}, for areas in square millimeters.",
            HelpName = "MM",
        });
    private static readonly Option<bool> All = new("--all")
    {
        Description = "Show every lesion found, also in images whose presence is at or below the weights' threshold.",
    };
    private static readonly InputOptions Input = new();
    private static readonly Option<int[]> SegFrames = CommonOptions.List<int>(
        "--seg-frames", "Of a DICOM loop, write the masks of these frames too, counted from 1.", "N,...");
    private static readonly Option<bool> Overwrite = CommonOptions.Overwrite();
    private static readonly Option<bool> Resume = new("--resume")
    {
        Description = "Go on with an interrupted job; images that have their results of the same settings are left out.",
    };
    private static readonly Option<bool> Watch = new("--watch")
    {
        Description = "Go on until Ctrl-C with images that come into the folders; none is done twice, even after a restart.",
    };
    private static readonly Option<bool> Json = CommonOptions.Json();

    public static Command Create() => Verb.Create(
        "predict",
        "Segment images: a mask at the image's own size, an overlay and findings for each, a table and a gallery of all. "
            + SegmentationReport.NotMedical,
        [
            Inputs, Output, Weights, Flips, Model, .. Computing.All, .. Results.With(Probability, MillimetersPerPixel, SegFrames), All,
            Overwrite, Resume, Watch, Json, .. Input.All, .. PartOptions.All,
        ],
        Run);

    /// <summary>What the command line asks for, of weights.</summary>
    internal static PredictionSettings SettingsOf(ParseResult parsed, Ensemble ensemble)
    {
        PredictionSettings settings = Results.SettingsOf(parsed, ensemble);
        return settings with
        {
            Result = settings.Result with
            {
                All = parsed.GetValue(All),
                PixelSize = parsed.GetValue(MillimetersPerPixel) is { } side ? new PixelSize(side, side) : null,
            },
            WithProbability = parsed.GetValue(Probability),
            SegFrames = CommonOptions.GivenOnce(parsed, SegFrames) ?? [],
            Resume = parsed.GetValue(Resume) || parsed.GetValue(Watch) || PartOptions.IsGiven(parsed),
        };
    }

    /// <summary>The weights that the command line names, as it says that they see images.</summary>
    /// <exception cref="BadFileException">They cannot be used.</exception>
    internal static Ensemble EnsembleOf(ParseResult parsed) => new(
        NetworkWeights.LoadAll(CommonOptions.Given(parsed, Weights), parsed.GetValue(Model), one => Input.Apply(parsed, one)),
        parsed.GetValue(Flips));

    private static int Run(ParseResult parsed, CancellationToken stop)
    {
        Check(parsed);
        WorkPart? part = PartOptions.Read(parsed);
        string output = parsed.GetValue(Output)!;
        string[] inputs = parsed.GetValue(Inputs)!;
        bool watch = parsed.GetValue(Watch);
        if (watch)
        {
            CheckWatch(inputs, part);
        }

        FoundImages found = watch ? new FoundImages([], []) : ImageInputs.Find(inputs, output, stop);
        Opened opened = NetworkWeights.GiveBackAfter(
            () => Open(parsed, watch ? int.MaxValue : PredictionJob.ImagesOf(part, found).Count));
        using Network network = opened.Network;
        using PredictionJob job = new(
            opened.Settings, found, part, output, parsed.GetValue(Overwrite), parsed.GetValue(Weights)!);
        if (watch)
        {
            job.Watch(opened.Segmenter, inputs, opened.AtOnce, stop);
        }
        else
        {
            try
            {
                job.Predict(opened.Segmenter, network, opened.AtOnce, stop);
            }
            catch (OperationCanceledException)
            {
                TellHowToGoOn(parsed);
                throw;
            }
        }

        Console.WriteLine(parsed.GetValue(Json)
            ? SegmentationReport.ToJson(job.Reports)
            : PredictionFiles.Describe(
                output,
                job.Reports.Count,
                job.Images.Count,
                LoopsOf(job.Images),
                job.Reports.Count(static report => report.HasFinding)));
        if (part is not null)
        {
            if (PredictionParts.Merge(output, part.Count, part, out IReadOnlyList<int> missing) is { } joined)
            {
                string failed = joined.Failures == 0 ? ""
                    : $", and {joined.Failures} of {Quantity.Of(joined.Cases.Count, "image")} failed";
                string done = part.Count == 1 ? "The one part is done" : $"All {part.Count} parts are done";
                (parsed.GetValue(Json) ? Console.Error : Console.Out).WriteLine($"{done}{failed}; the summary is {job.SummaryPath}.");
            }
            else
            {
                MergeVerb.Advise(output, PartRecord.In(output).PathOf(part), job.SummaryPath, missing);
            }
        }

        return job.Failures == 0 ? ExitStatus.Done : PartOptions.StatusOfFailures(parsed);
    }

    private static void Check(ParseResult parsed)
    {
        if (parsed.GetValue(Inputs)!.Any(static input => input.Length == 0))
        {
            throw new UsageException("INPUT is empty: give the name of a file or folder, or a pattern");
        }

        if (CommonOptions.IsGiven(parsed, Weights) && parsed.GetValue(Inputs)!.FirstOrDefault(NetworkWeights.AreMeantBy) is { } weights)
        {
            throw new UsageException($"{weights} names weights, and no image: each weight file takes a {Weights.Name} of its own");
        }

        PartOptions.CheckOverwrite(parsed, Overwrite, Resume, Watch);
        if (CommonOptions.Given(parsed, SegFrames)?.FirstOrDefault(frame => frame < 1, 1) is { } number and < 1)
        {
            throw new UsageException($"--seg-frames counts frames from 1, not {number}");
        }
    }

    private static void CheckWatch(string[] inputs, WorkPart? part)
    {
        if (inputs.FirstOrDefault(static input => !Directory.Exists(input)) is { } other)
        {
            throw new UsageException($"--watch takes folders, and {PrintableText.Of(other)} is none");
        }

        if (part is not null)
        {
            throw new UsageException("--watch and --part do not go together: a part is of images that are known");
        }
    }

    // The weights themselves are not held: they are as large as the network that is made of them.
    private static Opened Open(ParseResult parsed, int images)
    {
        Ensemble ensemble = EnsembleOf(parsed);
        PredictionSettings settings = SettingsOf(parsed, ensemble);
        (Network network, int atOnce) = ensemble.OpenFor(
            images, parsed.GetValue(Computing.Backend), parsed.GetValue(Computing.Threads), parsed.GetValue(Computing.Device)!);
        WeightsMetadata metadata = ensemble.Metadata;
        Segmenter segmenter = new(
            network, metadata.Preprocessing, settings.Threshold, metadata.CalibrationAt(settings.Threshold),
            metadata.Presence, settings.Result.All);
        return new Opened(network, atOnce, segmenter, settings);
    }

    private static void TellHowToGoOn(ParseResult parsed)
    {
        IEnumerable<Option> kept = parsed.CommandResult.Command.Options.Where(static option => option != Overwrite && option != Resume);
        Console.Error.WriteLine("What is done is kept. To go on:");
        Console.Error.WriteLine(ShellText.Of(
        [
            "cmunext", "predict", .. parsed.GetValue(Inputs)!, .. kept.SelectMany(option => CommonOptions.AsGiven(parsed, option)),
            Resume.Name,
        ]));
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

    private sealed record Opened(Network Network, int AtOnce, Segmenter Segmenter, PredictionSettings Settings);
}
