using System.ComponentModel;
using CMUNeXt.Server.Serving;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace CMUNeXt.Server.Api;

/// <summary>How images are segmented, as the address of a request says it.</summary>
internal sealed record SegmentQuery(
    [property: FromQuery(Name = SegmentQuery.WeightsName)]
    [property: Description("The weights; the first of the list by default.")]
        string? Weights,
    [property: FromQuery(Name = SegmentQuery.ThresholdName)]
    [property: Description("Above 0 and below 1; the weights' own by default.")]
        double? Threshold,
    [property: FromQuery(Name = SegmentQuery.AllName)]
    [property: Description("Whether all is outlined, below the weights' presence threshold too.")]
        bool? All,
    [property: FromQuery(Name = SegmentQuery.IncludeName)]
    [property: Description("Comma-separated: probability, mask, overlay, svg, image.")]
        string? Include,
    [property: FromQuery(Name = SegmentQuery.FrameName)]
    [property: Description("The frame of a loop, from 1; 1 by default.")]
        int? Frame)
{
    /// <summary>The name of the parameter for the weights.</summary>
    public const string WeightsName = "weights";

    /// <summary>That for the threshold.</summary>
    public const string ThresholdName = "threshold";

    /// <summary>That for lesions in every image.</summary>
    public const string AllName = "all";

    /// <summary>That for what else an answer holds.</summary>
    public const string IncludeName = "include";

    /// <summary>That for the frame.</summary>
    public const string FrameName = "frame";

    /// <summary>Checks it.</summary>
    /// <param name="served">The weights that are served.</param>
    /// <exception cref="BadHttpRequestException">There are no such weights, or a value is not possible.</exception>
    public SegmentSettings Check(ServedWeightsList served)
    {
        ServedWeights weights = served.Find(Weights) ?? throw new BadHttpRequestException(
            $"There are no weights of this name; there are {string.Join(", ", served.All.Select(static one => one.Name))}.",
            StatusCodes.Status404NotFound);
        double threshold = Threshold ?? weights.Metadata.Threshold;
        return !(threshold > 0 && threshold < 1)
            ? throw new BadHttpRequestException("The threshold is above 0 and below 1.")
            : RequestedParts.Parse(Include) is not { } parts
            ? throw new BadHttpRequestException($"What is included is a list of {RequestedParts.Names}, with commas between them.")
            : new SegmentSettings(weights, threshold, All ?? false, parts, Frame ?? 1);
    }
}

/// <summary>How images are segmented.</summary>
/// <param name="Weights">The weights.</param>
/// <param name="Threshold">The probability above which a pixel belongs to a lesion.</param>
/// <param name="All">Whether all is outlined, in images too whose presence is at or below the weights' threshold.</param>
/// <param name="Parts">What an answer holds beside the findings.</param>
/// <param name="Frame">The frame of a loop, from 1.</param>
internal sealed record SegmentSettings(ServedWeights Weights, double Threshold, bool All, SegmentParts Parts, int Frame);
