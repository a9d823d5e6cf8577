using CMUNeXt.Dicom;
using CMUNeXt.Masks;

namespace CMUNeXt.Cli.Prediction;

/// <summary>What is done with each image, and what is written of it.</summary>
internal sealed record PredictionSettings
{
    /// <summary>The network, its weights and threshold, and what else changes a result.</summary>
    public required ResultAlgorithm By { get; init; }

    /// <summary>The outputs of the network.</summary>
    public required int Outputs { get; init; }

    /// <summary>Lesions of fewer pixels are left out.</summary>
    public int MinimumArea { get; init; }

    /// <summary>Only the largest lesion of each class is kept.</summary>
    public bool LargestOnly { get; init; }

    /// <summary>Only the part that shows tissue is looked at, where a DICOM file says which that is.</summary>
    public bool CropToRegion { get; init; }

    /// <summary>The size of a pixel where the user says it; it goes before what a file says.</summary>
    public PixelSize? PixelSize { get; init; }

    /// <summary>Whether overlays are written.</summary>
    public bool WithOverlay { get; init; } = true;

    /// <summary>Whether probabilities are written.</summary>
    public bool WithProbability { get; init; }

    /// <summary>The frames of a loop, from 1, whose objects are wanted beside those of the largest lesion.</summary>
    public IReadOnlyList<int> SegFrames { get; init; } = [];

    /// <summary>Whether images are left out whose results are there, by the same weights and threshold, and newer than they.</summary>
    public bool Resume { get; init; }

    /// <summary>The number of classes that are not background.</summary>
    public int Classes => Math.Max(1, Outputs - 1);

    /// <summary>The files of an image's results.</summary>
    public ImageResults ResultsOf(ImageInput image) => ImageResults.Of(image, Outputs, WithOverlay, WithProbability);
}
