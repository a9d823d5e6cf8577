using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Training.Memory;
using CMUNeXt.Engine.Training.Stages;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Training.Layers;

/// <summary>A 3x3 convolution of a source to some channel blocks of a stage: what its passes in both directions share.</summary>
internal sealed unsafe class Convolution<TSimd, TVector>(Source<TSimd, TVector> input, Stage<TSimd, TVector> output, ChannelPlaces outputs)
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    // The memory of a task stays in the second-level cache.
    private const int Budget = 144 * 1024;

    // So many pairs of channel blocks of inputs and outputs have weights that stay near beside the transforms.
    private const int NarrowPairs = 16;

    // Otherwise transforms cost less than the products that they save from so many channel blocks on.
    private const int WideBlocks = 4;

    public Source<TSimd, TVector> Input => input;

    public Stage<TSimd, TVector> Output => output;

    /// <summary>The channels that this convolution computes: those of the output, or of one of its groups.</summary>
    public ChannelPlaces Outputs => outputs;

    /// <summary>
    /// Whether it has so few channels that each task can make the transforms of Winograd on its own; see <c>TileRounds</c>.
    /// </summary>
    public bool IsNarrow => input.Blocks * outputs.Blocks <= NarrowPairs;

    /// <summary>Whether it is computed by Winograd.</summary>
    public bool IsTiled => IsNarrow || Math.Min(input.Blocks, outputs.Blocks) >= WideBlocks;

    /// <summary>The channel block of the output at which they begin.</summary>
    public int FirstBlock { get; init; }

    /// <summary>Outputs x inputs x 3 x 3, of all groups.</summary>
    public required Parameter Weight { get; init; }

    /// <summary>Null where a normalization takes it away again.</summary>
    public Parameter? Bias { get; init; }

    /// <summary>The first of its output channels in weight and bias.</summary>
    public int FirstChannel { get; init; }

    /// <summary>Input channels.</summary>
    public required int Inputs { get; init; }

    /// <summary>Where the weights begin.</summary>
    public float* FirstWeight => Weight.Value + ((nint)FirstChannel * Inputs * 9);

    /// <summary>Rows of the output that a piece of work computes, for so many floats for each row and beside them.</summary>
    public int RowsFor(nint perRow, nint beside)
    {
        int height = Output.Height;
        int most = (int)Math.Clamp((Budget - beside) / perRow, 1, height);
        int bands = (height + most - 1) / most;
        return (height + bands - 1) / bands;
    }

    /// <summary>Fills a window of the input.</summary>
    public void FillInput(in Window<TSimd, TVector> window, int image, int firstRow, int rows)
    {
        for (int block = 0; block < Input.Blocks; block++)
        {
            window.Fill(block, Input, block, image, firstRow, rows);
        }
    }
}
