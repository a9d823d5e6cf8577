using System.CommandLine;
using CMUNeXt.Backends;
using CMUNeXt.Cli.Prediction;
using CMUNeXt.Weights;

namespace CMUNeXt.Cli.Options;

/// <summary>The options that say which lesions of an image become results, and whether overlays do.</summary>
/// <param name="withoutOverlays">What the verb says of writing none.</param>
internal sealed class ResultOptions(string withoutOverlays)
{
    private readonly Option<double?> threshold = CommonOptions.Fraction(new Option<double?>("--threshold")
    {
        Description = "A pixel belongs to the lesion where its probability is above this. [default: the weights' own, else 0.5]",
        HelpName = "P",
    });

    private readonly Option<int> minimumArea = CommonOptions.AtLeast(0, new Option<int>("--min-area")
    {
        Description = "Leave out lesions of fewer pixels.",
        DefaultValueFactory = _ => 0,
        HelpName = "N",
    });

    private readonly Option<bool> largestOnly = new("--largest-only")
    {
        Description = "Keep only the largest lesion of each class.",
    };

    private readonly Option<bool> noOverlay = new("--no-overlay") { Description = withoutOverlays };

    private readonly Option<bool> cropToRegion = new("--crop-to-region")
    {
        Description = "Look only at the part of a DICOM image that shows tissue, where the file says which that is.",
    };

    /// <summary>The options, to be added to a command, with those that the verb alone has among them.</summary>
    public IReadOnlyList<Option> With(params IReadOnlyList<Option> own) =>
        [threshold, minimumArea, largestOnly, noOverlay, .. own, cropToRegion];

    /// <summary>What the command line asks for, of weights.</summary>
    /// <exception cref="UsageException">
    /// A threshold is given, and the network has several outputs, of which none is held against it.
    /// </exception>
    public PredictionSettings SettingsOf(ParseResult parsed, Ensemble ensemble) => new()
    {
        Network = ensemble.Metadata.Network.Name,
        Outputs = ensemble.Metadata.Network.Outputs,
        ClassNames = ensemble.Metadata.Classes,
        WeightsSha256 = ensemble.Sha256,
        Threshold = ThresholdOf(parsed, ensemble.Metadata),
        Result = new ResultSettings
        {
            Input = ensemble.Metadata.Preprocessing,
            MinimumArea = parsed.GetValue(minimumArea),
            LargestOnly = parsed.GetValue(largestOnly),
            CropToRegion = parsed.GetValue(cropToRegion),
            Flips = ensemble.Flips,
        },
        WithOverlay = !parsed.GetValue(noOverlay),
    };

    private double ThresholdOf(ParseResult parsed, WeightsMetadata metadata) =>
        parsed.GetValue(threshold) is not { } given ? metadata.Threshold
        : metadata.Network.Outputs == 1 ? given
        : throw new UsageException(
            $"{threshold.Name} is for weights of one output; with the {metadata.Network.Outputs} of these a pixel belongs to the most "
            + "probable class, so leave it out");
}
