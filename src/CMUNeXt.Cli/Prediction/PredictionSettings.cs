using CMUNeXt.Dicom;
using CMUNeXt.Dicom.Objects;

namespace CMUNeXt.Cli.Prediction;

/// <summary>What is done with each image, and what is written of it.</summary>
internal sealed record PredictionSettings
{
    /// <summary>The network's name.</summary>
    public required string Network { get; init; }

    /// <summary>The outputs of the network.</summary>
    public required int Outputs { get; init; }

    /// <summary>The names of the classes that are not background, in order; empty where the weights name none.</summary>
    internal IReadOnlyList<string> ClassNames { get; init; } = [];

    /// <summary>The SHA-256 of the weights, in hexadecimal digits.</summary>
    public required string WeightsSha256 { get; init; }

    /// <summary>The probability above which a pixel belongs to the lesion.</summary>
    public required double Threshold { get; init; }

    /// <summary>What else changes what is found.</summary>
    public required ResultSettings Result { get; init; }

    /// <summary>Whether overlays are written.</summary>
    public bool WithOverlay { get; init; } = true;

    /// <summary>The most bytes that overlays may have to be written as a DICOM file.</summary>
    public long MostOverlayBytes { get; init; } = SecondaryCapture.MostBytes;

    /// <summary>Whether probabilities are written.</summary>
    public bool WithProbability { get; init; }

    /// <summary>The frames of a loop, from 1, whose objects are wanted beside those of the largest lesion.</summary>
    public IReadOnlyList<int> SegFrames { get; init; } = [];

    /// <summary>Whether images are left out whose results are there, made by the same settings of the same files.</summary>
    public bool Resume { get; init; }

    /// <summary>What makes a result, as it stands in DICOM objects.</summary>
    internal ResultAlgorithm By => new()
    {
        Network = Network,
        WeightsSha256 = WeightsSha256,
        Classes = Classes == 1 ? []
            : ClassNames.Count > 0 ? ClassNames
            : [.. Enumerable.Range(1, Classes).Select(static label => $"Class {label}")],
        Threshold = Threshold,
        Settings = $"{Result}",
    };

    /// <summary>The number of classes that are not background.</summary>
    public int Classes => Math.Max(1, Outputs - 1);

    /// <summary>These settings for the DICOM objects of an image or loop: without overlays where they have too many bytes.</summary>
    public PredictionSettings Fitting(DicomImage image) =>
        this with { WithOverlay = WithOverlay && SecondaryCapture.BytesOf(image) <= MostOverlayBytes };

    /// <summary>The files of an image's results.</summary>
    public ImageResults ResultsOf(ImageInput image) => ImageResults.Of(image, Outputs, WithOverlay, WithProbability);

    /// <summary>Whether a report that was written earlier is what these settings would write.</summary>
    public bool Made(SegmentationReport report) =>
        (report.Model, report.WeightsSha256, report.Threshold, report.Settings) == (Network, WeightsSha256, Threshold, $"{Result}");

    /// <summary>All settings in words: processes that share a job have them in common.</summary>
    public string Describe() => $"{this}, frames {string.Join(' ', SegFrames)}";
}
