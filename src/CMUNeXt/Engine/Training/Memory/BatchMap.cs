using CMUNeXt.Engine.Memory;

namespace CMUNeXt.Engine.Training.Memory;

/// <summary>
/// The features of all images of a batch, the channels in channel blocks: [block][image][row][column][8], without any margin, so that a
/// channel block of the whole batch is one long row of pixels.
/// </summary>
internal sealed unsafe class BatchMap
{
    // Kernels may read, never use, so much beyond the last pixel; and channel blocks do not all fall into the same places of the cache.
    private const int Gap = 16;
    private const int Slack = 1024;

    private readonly BatchSize batch;
    private readonly float* data;
    private readonly nint stride;

    public BatchMap(BatchSize batch, NativeBuffer memory, int blocks, int height, int width)
    {
        this.batch = batch;
        data = memory.Data;
        stride = Stride(batch.Capacity, height, width);
        Blocks = blocks;
        Height = height;
        Width = width;
    }

    /// <summary>The number of channel blocks.</summary>
    public int Blocks { get; }

    public int Height { get; }

    public int Width { get; }

    /// <summary>The images of this iteration.</summary>
    public BatchSize Batch => batch;

    /// <summary>The floats that a map needs.</summary>
    public static nint Size(BatchSize batch, int blocks, int height, int width) => (blocks * Stride(batch.Capacity, height, width)) + Slack;

    /// <summary>The eight values of a pixel, counted through all images.</summary>
    public float* At(int block, nint pixel) => data + (block * stride) + (pixel * 8);

    private static nint Stride(int images, int height, int width) => ((nint)images * height * width * 8) + Gap;
}
