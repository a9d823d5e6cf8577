using CMUNeXt.Engine.Kernels;
using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Training.Memory;
using CMUNeXt.Engine.Training.Stages;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Training.Layers;

/// <summary>
/// Bilinear upsampling by 2 and a 3x3 convolution to a stage: what its passes in both directions share. Both are linear, so they change
/// places: the products are made with small pixels, a quarter of the multiplications.
/// </summary>
internal sealed unsafe class UpsampledConvolution<TSimd, TVector> : IDisposable
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    /// <summary>Output channel blocks that are computed at a time.</summary>
    public const int GroupBlocks = 4;

    // The memory of a task stays in the second-level cache.
    private const int Budget = 128 * 1024;

    private readonly ChannelPlaces products;

    /// <summary>Makes room for the weights.</summary>
    public UpsampledConvolution(Source<TSimd, TVector> input, Stage<TSimd, TVector> output, Parameter weight)
    {
        Input = input;
        Output = output;
        Weight = weight;

        // Group by group, in each position by position of the kernel: where the weight of an output and a kernel position lies.
        products = new ChannelPlaces(Enumerable.Range(0, Groups).SelectMany(group => Enumerable.Range(0, 9).SelectMany(position =>
            Enumerable.Range(group * GroupBlocks * 8, BlocksOf(group) * 8).Select(place =>
                output.Channels[place] < 0 ? -1 : (output.Channels[place] * weight.Shape[1] * 9) + position))));
        Forward = new PackedWeights(input.Channels, products, 1, TSimd.Lanes);
        Backward = new PackedWeights(products, input.Channels, 1, TSimd.Lanes);
    }

    public Source<TSimd, TVector> Input { get; }

    public Stage<TSimd, TVector> Output { get; }

    /// <summary>Outputs x inputs x 3 x 3.</summary>
    public Parameter Weight { get; }

    /// <summary>From inputs to products.</summary>
    public PackedWeights Forward { get; }

    /// <summary>From products to inputs.</summary>
    public PackedWeights Backward { get; }

    /// <summary>Groups of output channel blocks.</summary>
    public int Groups => (Output.Blocks + GroupBlocks - 1) / GroupBlocks;

    /// <summary>The place in the weights of an output and a kernel position, for the first input; -1 where there is none.</summary>
    public int Product(int place) => products[place];

    /// <summary>Output channel blocks of a group.</summary>
    public int BlocksOf(int group) => Math.Min(GroupBlocks, Output.Blocks - (group * GroupBlocks));

    /// <summary>The range of product channel blocks of a group.</summary>
    public (int First, int Count) ProductsOf(int group) => (group * GroupBlocks * 9, BlocksOf(group) * 9);

    /// <summary>Channel blocks that the products of the widest group need room for.</summary>
    public int ProductRoom => PackedWeights.RoomOf(BlocksOf(0) * 9, TSimd.Lanes);

    /// <summary>Small rows that a piece of work computes, for so many floats for each row and beside them.</summary>
    public int RowsFor(nint perRow, nint beside)
    {
        int most = (int)Math.Clamp((Budget - beside) / perRow, Math.Min(2, Input.Height), Input.Height);
        int bands = (Input.Height + most - 1) / most;
        return (Input.Height + bands - 1) / bands;
    }

    /// <summary>Takes the weights as they are now.</summary>
    public void PackForward() => Forward.Pack(new WeightView((nint)Weight.Value, 1, 9, 0));

    /// <inheritdoc cref="PackForward"/>
    public void PackBackward() => Backward.Pack(new WeightView((nint)Weight.Value, 9, 1, 0));

    /// <inheritdoc/>
    public void Dispose()
    {
        Forward.Dispose();
        Backward.Dispose();
    }
}
