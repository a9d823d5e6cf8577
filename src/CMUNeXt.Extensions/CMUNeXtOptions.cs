using CMUNeXt.Weights;

namespace CMUNeXt.Extensions;

/// <summary>Which weights a host segments with, and how.</summary>
public sealed class CMUNeXtOptions
{
    /// <summary>A weight file, <c>.safetensors</c> or <c>.pth</c>; null where <see cref="Weights"/> are given.</summary>
    public string? WeightsPath { get; set; }

    /// <summary>Loaded weights, such as those of <c>CMUNeXt.Pretrained</c>; null where <see cref="WeightsPath"/> is given.</summary>
    public LoadedWeights? Weights { get; set; }

    /// <inheritdoc cref="SegmenterOptions.Threads"/>
    public int? Threads { get; set; }

    /// <inheritdoc cref="SegmenterOptions.Threshold"/>
    public double? Threshold { get; set; }

    /// <inheritdoc cref="SegmenterOptions.IgnorePresence"/>
    public bool IgnorePresence { get; set; }

    /// <inheritdoc cref="SegmenterOptions.Flips"/>
    public bool Flips { get; set; }

    /// <summary>
    /// Whether the host loads the weights and computes one blank image before it serves: it then does not start with weights that are not
    /// there, and the first caller waits no longer than the others. A thread of the pool does it, and the host waits. Where the program's
    /// <see cref="ISegmenter"/> is another that asks for no <see cref="Segmenter"/>, such as a double in its tests, nothing is loaded.
    /// </summary>
    public bool WarmUp { get; set; } = true;
}
