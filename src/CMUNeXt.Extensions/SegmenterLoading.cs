using CMUNeXt.Weights;
using Microsoft.Extensions.Options;

namespace CMUNeXt.Extensions;

/// <summary>Loads the host's one segmenter when it is first asked for, and knows whether it was.</summary>
internal sealed class SegmenterLoading(IOptions<CMUNeXtOptions> options)
{
    /// <summary>Whether it is loaded.</summary>
    public bool IsDone { get; private set; }

    /// <summary>Loads it, as the options say.</summary>
    public Segmenter Load()
    {
        CMUNeXtOptions given = options.Value;
        Segmenter segmenter = Segmenter.Load(given.Weights ?? WeightsFile.Load(given.WeightsPath!), new SegmenterOptions
        {
            Threads = given.Threads,
            Threshold = given.Threshold,
            IgnorePresence = given.IgnorePresence,
            Flips = given.Flips,
        });
        IsDone = true;
        return segmenter;
    }
}
