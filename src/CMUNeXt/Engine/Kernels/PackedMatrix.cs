using System.Runtime.CompilerServices;
using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Kernels;

/// <summary>
/// Weights of a matrix product in the order in which the micro-kernels read them: panels of a few channel blocks of the output, in each of
/// them one input after the other.
/// </summary>
internal sealed unsafe class PackedMatrix : IDisposable
{
    private readonly NativeBuffer weights;
    private readonly NativeBuffer biases;
    private readonly int depth;
    private readonly PanelLayout layout;

    /// <summary>Makes room for weights, all zeros.</summary>
    /// <param name="groups">The groups of inputs.</param>
    /// <param name="depth">Inputs in a group: those of the <see cref="IMatrixInput"/> that is multiplied with.</param>
    /// <param name="outputs">Output channels; padded with zeros to channel blocks.</param>
    /// <param name="layout">That of the micro-kernels that are to read them.</param>
    public PackedMatrix(int groups, int depth, int outputs, PanelLayout layout)
    {
        this.depth = depth;
        this.layout = layout;
        Groups = groups;
        OutputBlocks = (outputs + 7) / 8;
        weights = new NativeBuffer((nint)Groups * depth * OutputBlocks * 8);
        biases = new NativeBuffer(OutputBlocks * 8);
    }

    /// <summary>Groups of inputs: channel blocks of the input, or rows of planes.</summary>
    public int Groups { get; }

    /// <summary>Channel blocks of the output.</summary>
    public int OutputBlocks { get; }

    /// <summary>Multiply-adds for a pixel.</summary>
    public long MultiplyAdds => weights.Count;

    /// <summary>The weights, in bytes.</summary>
    public long Bytes => weights.Count * sizeof(float);

    /// <summary>The weights of an output.</summary>
    public PackedOutput Output(int output)
    {
        int block = output / 8;
        int whole = OutputBlocks / layout.Blocks * layout.Blocks;

        // Full panels first, then ever smaller ones.
        int first = block < whole ? block / layout.Blocks * layout.Blocks
            : layout.Blocks == 4 && OutputBlocks - whole >= 2 && block < whole + 2 ? whole
            : block;
        int count = PanelAt(OutputBlocks - first);
        bool pairs = layout.Pairs && count == 1;
        return new PackedOutput(Panel(first) + ((output - (first * 8)) * (pairs ? 2 : 1)), count * 8, pairs);
    }

    /// <summary>Sets the bias of an output.</summary>
    public void SetBias(int output, double value) => biases.Data[output] = (float)value;

    /// <summary>Multiplies pixels with some of the weights: c = a w + bias, or c += a w.</summary>
    /// <typeparam name="TSimd">The instruction set that the weights are packed for.</typeparam>
    /// <typeparam name="TVector">Its vectors.</typeparam>
    /// <typeparam name="TInput">How the inputs lie.</typeparam>
    /// <param name="a">The groups of inputs from <paramref name="inputs"/> on.</param>
    /// <param name="aGroup">Floats between them.</param>
    /// <param name="pixels">A multiple of the instruction set's rows.</param>
    /// <param name="c">The output channel blocks from <paramref name="outputs"/> on.</param>
    /// <param name="cBlockStride">Floats between them.</param>
    /// <param name="inputs">The range of groups of inputs.</param>
    /// <param name="outputs">The range of output channel blocks; it starts and ends with a panel.</param>
    /// <param name="add">Add to what is in <paramref name="c"/>, without the bias.</param>
    /// <param name="next">What the same range of outputs is multiplied with afterwards, to be prefetched meanwhile.</param>
    public void Multiply<TSimd, TVector, TInput>(
        float* a,
        nint aGroup,
        int pixels,
        float* c,
        nint cBlockStride,
        (int First, int Count) inputs,
        (int First, int Count) outputs,
        bool add = false,
        PackedMatrix? next = null)
        where TSimd : ISimd<TVector>
        where TVector : unmanaged
        where TInput : IMatrixInput
    {
        MatrixOperands operands = new() { A = a, AGroup = aGroup, Groups = inputs.Count, CBlockStride = cBlockStride, Pixels = pixels };
        int end = outputs.First + outputs.Count;
        for (int block = outputs.First; block < end;)
        {
            int count = PanelAt(OutputBlocks - block);
            int perInput = count * 8;
            operands.W = Panel(block) + ((nint)inputs.First * depth * perInput);
            operands.Ahead = block + count == end && next is not null
                ? next.Panel(outputs.First) + ((nint)inputs.First * depth * PanelAt(next.OutputBlocks - outputs.First) * 8)
                : operands.W + ((nint)Groups * depth * perInput);
            operands.AheadStride = (perInput * MatrixPanel<TSimd, TVector>.Pixels(count) / pixels) + 1;
            operands.Bias = add ? null : biases.Data + (block * 8);
            operands.C = c + ((block - outputs.First) * cBlockStride);
            MatrixPanel<TSimd, TVector>.Multiply<TInput>(operands, count);
            block += count;
        }
    }

    /// <summary>Multiplies channel blocks of pixels with all of the weights: c = a w + bias.</summary>
    public void Multiply<TSimd, TVector>(float* a, nint aBlockStride, int pixels, float* c, nint cBlockStride)
        where TSimd : ISimd<TVector>
        where TVector : unmanaged =>
        Multiply<TSimd, TVector, BlockInput>(a, aBlockStride, pixels, c, cBlockStride, (0, Groups), (0, OutputBlocks));

    /// <inheritdoc/>
    public void Dispose()
    {
        weights.Dispose();
        biases.Dispose();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private float* Panel(int block) => weights.Data + ((nint)block * Groups * depth * 8);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int PanelAt(int left) => left >= layout.Blocks ? layout.Blocks : left >= 2 && layout.Blocks >= 2 ? 2 : 1;
}
