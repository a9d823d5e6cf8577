using CMUNeXt.Ranks;

namespace CMUNeXt.Engine.Training.Memory;

/// <summary>The number of images of the iteration that is under way, for all maps of a network.</summary>
/// <param name="capacity">The most images of this process.</param>
/// <param name="ranks">Those that have the other images of the iteration; null where this process has all.</param>
internal sealed class BatchSize(int capacity, RankSums? ranks = null)
{
    /// <summary>The most images of this process.</summary>
    public int Capacity { get; } = capacity;

    /// <summary>The images of this process now, up to <see cref="Capacity"/>; at least 1 where it has all.</summary>
    public int Count { get; set; } = capacity;

    /// <summary>The images of all ranks now, at least 1.</summary>
    public int Total => ranks?.Images ?? Count;

    /// <summary>Who has the other images; null where this process has all.</summary>
    public RankSums? Ranks => ranks;

    /// <summary>The values of all images, in their order. They are valid until the next call.</summary>
    /// <param name="own">The values of the images of this process, one image after the other.</param>
    /// <param name="length">The values of an image.</param>
    public ReadOnlySpan<double> Gather(ReadOnlySpan<double> own, int length) => ranks is null ? own : ranks.Gather(own, length);
}
