namespace CMUNeXt.Engine.Threads;

/// <summary>A step that states how much there is to do at least, so that its time can be held against what the machine can do.</summary>
internal abstract class CountedStep : Step
{
    /// <summary>
    /// The multiply-adds of matrix products and depthwise kernels for one image, channels padded to channel blocks as they are computed.
    /// </summary>
    public abstract long MultiplyAdds { get; }

    /// <summary>
    /// The bytes that have to be read and written for one image at least: pixels that go in and out, and weights, each once.
    /// </summary>
    public abstract long Bytes { get; }
}
