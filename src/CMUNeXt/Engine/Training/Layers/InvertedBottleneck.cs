using CMUNeXt.Engine.Kernels;
using CMUNeXt.Engine.Training.Memory;
using CMUNeXt.Engine.Training.Stages;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Training.Layers;

/// <summary>
/// 1x1 to the hidden channels, GELU, normalization, 1x1 back to a stage: what its passes share. The hidden channels are kept only where
/// making them anew costs more than reading them; otherwise each pass makes them, for a few pixels and a slice of the channels at a time.
/// </summary>
internal sealed unsafe class InvertedBottleneck<TSimd, TVector> : IDisposable
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    /// <summary>Hidden channel blocks in a slice, a multiple of every panel and of the four of an outer product.</summary>
    public const int SliceBlocks = 8;

    // A value made of so many inputs takes longer to make than to read.
    private const int KeptFromBlocks = 16;

    /// <summary>Makes room for the weights.</summary>
    public InvertedBottleneck(Source<TSimd, TVector> input, Stage<TSimd, TVector> output, Normalization hidden)
    {
        Input = input;
        Output = output;
        Hidden = hidden;
        Expand = new PackedWeights(input.Channels, hidden.Channels, 1, TSimd.Lanes);
        Project = new PackedWeights(hidden.Channels, output.Channels, 1, TSimd.Lanes);
        BackProject = new PackedWeights(output.Channels, hidden.Channels, 1, TSimd.Lanes);
        BackExpand = new PackedWeights(hidden.Channels, input.Channels, 1, TSimd.Lanes);
    }

    public Source<TSimd, TVector> Input { get; }

    public Stage<TSimd, TVector> Output { get; }

    /// <summary>The normalization of the hidden channels.</summary>
    public Normalization Hidden { get; }

    /// <summary>The hidden channels before GELU; null where they are not kept.</summary>
    public BatchMap? Kept { get; init; }

    public required Parameter ExpandWeight { get; init; }

    public required Parameter ExpandBias { get; init; }

    public required Parameter ProjectWeight { get; init; }

    public required Parameter ProjectBias { get; init; }

    public PackedWeights Expand { get; }

    /// <summary>With the hidden normalization in it.</summary>
    public PackedWeights Project { get; }

    public PackedWeights BackProject { get; }

    public PackedWeights BackExpand { get; }

    /// <summary>Hidden channel blocks.</summary>
    public int HiddenBlocks => Hidden.Channels.Blocks;

    /// <summary>Sums of outer products with four hidden channel blocks.</summary>
    public int Quads => (HiddenBlocks + 3) / 4;

    /// <summary>Pixels at a time; more where the weights are too many to be read again for a few pixels.</summary>
    public int Chunk => Input.Blocks * HiddenBlocks >= 512 ? 256 : 64;

    /// <summary>Floats from a channel block of a chunk to the next.</summary>
    public nint ChunkBlockStride => (Chunk * 8) + 16;

    /// <summary>Chunks of an image.</summary>
    public int ImageChunks => (int)((Input.Plane + Chunk - 1) / Chunk);

    /// <summary>The first pixel of a chunk, both counted through all images, and how many there are.</summary>
    public (nint First, int Count) Place(int chunk)
    {
        (int image, int place) = Math.DivRem(chunk, ImageChunks);
        nint first = (nint)place * Chunk;
        return ((image * Input.Plane) + first, (int)Math.Min(Chunk, Input.Plane - first));
    }

    /// <summary>Reads a chunk of the input.</summary>
    public void ReadInput(nint pixel, int count, float* target)
    {
        for (int block = 0; block < Input.Blocks; block++)
        {
            Input.Read(block, pixel, count, target + (block * ChunkBlockStride));
        }
    }

    /// <summary>Reads a chunk of the output's gradient.</summary>
    public void ReadOutputGradient(nint pixel, int count, float* target)
    {
        for (int block = 0; block < Output.Blocks; block++)
        {
            Output.ReadGradient(block, pixel, count, target + (block * ChunkBlockStride));
        }
    }

    /// <summary>Whether the hidden channels of so many input channel blocks are worth keeping.</summary>
    public static bool IsWorthKeeping(int inputBlocks) => inputBlocks >= KeptFromBlocks;

    /// <summary>Makes a slice of the hidden channels, before GELU.</summary>
    public void MakeHidden(float* input, int first, float* hidden) => Expand.Multiply<TSimd, TVector>(
        input, ChunkBlockStride, 0, hidden, ChunkBlockStride, 0, 1, Chunk, (0, Input.Blocks),
        (first, Math.Min(SliceBlocks, Expand.Room - first)),
        false);

    /// <summary>Reads what making a slice of the hidden channels needs: nothing where they are kept.</summary>
    public void ReadInputForHidden(nint pixel, int count, float* target)
    {
        if (Kept is null)
        {
            ReadInput(pixel, count, target);
        }
    }

    /// <summary>Makes or reads a slice of the hidden channels, before GELU.</summary>
    public void ReadHidden(float* input, nint pixel, int count, int first, float* hidden)
    {
        if (Kept is null)
        {
            MakeHidden(input, first, hidden);
            return;
        }

        for (int block = 0; block < SliceAt(first); block++)
        {
            new ReadOnlySpan<float>(Kept.At(first + block, pixel), count * 8).CopyTo(
                new Span<float>(hidden + (block * ChunkBlockStride), count * 8));
        }
    }

    /// <summary>Hidden channel blocks of the slice that begins with one.</summary>
    public int SliceAt(int first) => Math.Min(SliceBlocks, HiddenBlocks - first);

    /// <inheritdoc/>
    public void Dispose()
    {
        Expand.Dispose();
        Project.Dispose();
        BackProject.Dispose();
        BackExpand.Dispose();
    }
}
