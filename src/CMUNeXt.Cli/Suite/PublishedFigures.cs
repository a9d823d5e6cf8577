namespace CMUNeXt.Cli.Suite;

/// <summary>
/// What the authors' benchmark (FengheTan9/Medical-Image-Segmentation-Benchmarks) publishes of a network: BUSI, 256 x 256, 300 epochs,
/// three splits, one RTX 4090. Figures that are not published are null.
/// </summary>
/// <param name="ParametersM">Parameters in millions.</param>
/// <param name="Gmacs">Multiply-accumulates in thousand millions, counted as <see cref="NetworkFacts.AllMacs"/> are.</param>
/// <param name="Fps">Images in a second. Those of CMUNeXt-S and L are read off the published plots.</param>
/// <param name="Iou">IoU, as published, in [0, 1].</param>
/// <param name="IouStandardDeviation">Its standard deviation over the splits.</param>
/// <param name="F1">F1, as published, in [0, 1].</param>
/// <param name="F1StandardDeviation">Its standard deviation over the splits.</param>
internal sealed record PublishedFigures(
    double? ParametersM, double? Gmacs, double? Fps, double? Iou, double? IouStandardDeviation, double? F1, double? F1StandardDeviation)
{
    private static readonly Dictionary<string, PublishedFigures> ByModel = new(StringComparer.Ordinal)
    {
        ["cmunext-s"] = new(null, null, 657, null, null, null, null),
        ["cmunext"] = new(3.14, 7.41, 471.43, 0.7156, 0.0243, 0.7986, 0.0258),
        ["cmunext-l"] = new(null, null, 282, null, null, null, null),
        ["unet"] = new(34.52, 65.52, 139.32, 0.6861, 0.0286, 0.7697, 0.0310),
        ["attention-unet"] = new(34.87, 66.63, 129.92, 0.6855, 0.0322, 0.7688, 0.0350),
        ["unetpp"] = new(26.90, 37.62, 125.50, 0.6949, 0.0294, 0.7806, 0.0325),
        ["unet3plus"] = new(26.97, 199.74, 50.60, 0.6838, 0.0335, 0.7688, 0.0368),
        ["transunet"] = new(105.32, 38.52, 112.95, 0.7139, 0.0237, 0.7985, 0.0259),
        ["medt"] = new(1.37, 2.40, 22.97, 0.6336, 0.0156, 0.7337, 0.0163),
        ["swinunet"] = new(27.14, 5.91, 392.21, 0.5411, 0.0229, 0.6546, 0.0191),
        ["unext"] = new(1.47, 0.58, 650.48, 0.6504, 0.0271, 0.7416, 0.0284),
        ["cmunet"] = new(49.93, 91.25, 93.19, 0.7142, 0.0265, 0.7949, 0.0292),
        ["mobileuvit"] = new(1.39, 2.51, 326.24, 0.7288, 0.0272, 0.8118, 0.0305),
    };

    /// <summary>The figures of a network; null where none are known.</summary>
    public static PublishedFigures? Of(string model) => ByModel.GetValueOrDefault(model);
}
