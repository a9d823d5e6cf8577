using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Kernels;

/// <summary>
/// The weights of a 3x3 or 1x1 convolution in the order in which the micro-kernels read them: panels of a few channel blocks of outputs.
/// They change with each iteration, so packing is a plain copy.
/// </summary>
internal sealed unsafe class PackedWeights : IDisposable
{
    // The weights of so many floats stay in the first-level cache while all pixels of a task go by.
    private const int ChunkFloats = 5 * 1024;

    private readonly NativeBuffer weights;
    private readonly NativeBuffer biases;
    private readonly ChannelPlaces inputs;
    private readonly ChannelPlaces outputs;
    private readonly int positions;
    private readonly int lanes;

    /// <summary>Makes room.</summary>
    /// <param name="inputs">The input's channels.</param>
    /// <param name="outputs">The output's.</param>
    /// <param name="positions">9 or 1.</param>
    /// <param name="lanes">Of the instruction set's vectors.</param>
    public PackedWeights(ChannelPlaces inputs, ChannelPlaces outputs, int positions, int lanes)
    {
        this.inputs = inputs;
        this.outputs = outputs;
        this.positions = positions;
        this.lanes = lanes;
        Room = RoomOf(outputs.Blocks, lanes);
        weights = new NativeBuffer((nint)inputs.Blocks * positions * Room * 64);
        biases = new NativeBuffer(Room * 8);
    }

    /// <summary>Channel blocks of inputs.</summary>
    public int InputBlocks => inputs.Blocks;

    /// <summary>Channel blocks of outputs.</summary>
    public int OutputBlocks => outputs.Blocks;

    /// <summary>Channel blocks that outputs need room for.</summary>
    public int Room { get; }

    /// <summary>The channel blocks that so many channel blocks of outputs need room for.</summary>
    public static int RoomOf(int blocks, int lanes) => lanes == 16 ? (blocks + 1) / 2 * 2 : blocks;

    /// <summary>
    /// The channel blocks of the panel that begins with a channel block: vectors of sixteen lanes take two, and two of them at a time where
    /// there are so many.
    /// </summary>
    public int Panel(int first) => lanes < 16 ? 1 : Room - first >= 4 ? 4 : 2;

    /// <summary>The weights of an input, of a 1x1 kernel, in the panel that begins with a channel block.</summary>
    public float* Row(int first, int input) => weights.Data + ((nint)first * inputs.Blocks * 64) + (input * Panel(first) * 8);

    /// <summary>Takes the weights and biases as they are now.</summary>
    /// <param name="view">The weights.</param>
    /// <param name="bias">The biases by channel; null has none.</param>
    /// <param name="inputScale">What to multiply each place of the inputs with; null for nothing.</param>
    public void Pack(WeightView view, float* bias = null, float* inputScale = null)
    {
        float* target = weights.Data;
        for (int first = 0; first < Room; first += Panel(first))
        {
            int width = Panel(first) * 8;
            for (int input = 0; input < inputs.Blocks; input++)
            {
                for (int position = 0; position < positions; position++)
                {
                    for (int k = input * 8; k < (input + 1) * 8; k++)
                    {
                        PackRow((float*)view.Values + (position * view.PositionStride) + (inputs[k] * view.InputStride),
                            inputs[k] < 0 ? 0 : inputScale == null ? 1 : inputScale[k], view.OutputStride, first * 8, width, target);
                        target += width;
                    }
                }
            }
        }

        for (int n = 0; n < Room * 8; n++)
        {
            biases.Data[n] = bias != null && outputs[n] >= 0 ? bias[outputs[n]] : 0;
        }
    }

    /// <summary>Adds to the bias at a place.</summary>
    public void AddBias(int place, float value) => biases.Data[place] += value;

    /// <summary>
    /// Convolves rows of pixels with some of the weights: c = bias + the sum over inputs and the kernel. A 3x3 kernel begins at the
    /// pixel itself: the input starts a row and a pixel before the output.
    /// </summary>
    /// <param name="a">The first pixel of the first input channel block.</param>
    /// <param name="aBlockStride">Floats between its channel blocks.</param>
    /// <param name="aRowStride">Floats between its rows.</param>
    /// <param name="c">The first pixel of the first output channel block.</param>
    /// <param name="cBlockStride">Floats between its channel blocks.</param>
    /// <param name="cRowStride">Floats between its rows.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="pixels">Pixels of a row, a multiple of 16.</param>
    /// <param name="some">The range of input channel blocks.</param>
    /// <param name="of">The range of output channel blocks; it starts with a panel.</param>
    /// <param name="add">Add to what is in <paramref name="c"/>, without the bias.</param>
    public void Multiply<TSimd, TVector>(
        float* a, nint aBlockStride, nint aRowStride, float* c, nint cBlockStride, nint cRowStride, int rows, int pixels,
        (int First, int Count) some,
        (int First, int Count) of, bool add)
        where TSimd : ISimd<TVector>
        where TVector : unmanaged
    {
        // The widest chunk is that of the narrowest panel.
        int blocks = Math.Min(Chunk(1), some.Count);
        nint* offsets = stackalloc nint[blocks * positions];
        for (int block = 0; block < blocks; block++)
        {
            if (positions == 1)
            {
                offsets[block] = block * aBlockStride;
                continue;
            }

            for (int row = 0; row < 3; row++)
            {
                nint* o = offsets + (block * 9) + (row * 3);
                o[0] = (block * aBlockStride) + (row * aRowStride);
                o[1] = o[0] + 8;
                o[2] = o[0] + 16;
            }
        }

        for (int first = of.First; first < of.First + of.Count; first += Panel(first))
        {
            int panel = Panel(first);
            int chunk = Chunk(panel);
            float* w = weights.Data + ((nint)first * inputs.Blocks * positions * 64) + ((nint)some.First * positions * panel * 64);
            for (int input = 0; input < some.Count; input += chunk)
            {
                int count = Math.Min(chunk, some.Count - input);
                MatrixOperands operands = new()
                {
                    Offsets = offsets,
                    Groups = count * positions,
                    W = w + ((nint)input * positions * panel * 64),
                    Bias = add || input > 0 ? null : biases.Data + (first * 8),
                    CBlockStride = cBlockStride,
                    Pixels = pixels,
                };
                for (int row = 0; row < rows; row++)
                {
                    operands.A = a + (input * aBlockStride) + (row * aRowStride);
                    operands.C = c + ((first - of.First) * cBlockStride) + (row * cRowStride);
                    Run<TSimd, TVector>(operands, panel);
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        weights.Dispose();
        biases.Dispose();
    }

    private static void Run<TSimd, TVector>(in MatrixOperands operands, int panel)
        where TSimd : ISimd<TVector>
        where TVector : unmanaged
    {
        if (TSimd.Lanes == 8)
        {
            MatrixKernels<TSimd, TVector>.Run8x1<NearbyInput>(operands);
        }
        else if (TSimd.Lanes == 16 && panel == 2)
        {
            MatrixKernels<TSimd, TVector>.Run16x1<NearbyInput>(operands);
        }
        else
        {
            MatrixKernels<TSimd, TVector>.Run8x2<NearbyInput>(operands);
        }
    }

    // Input channel blocks whose weights are read at a time.
    private int Chunk(int panel) => Math.Max(1, ChunkFloats / (positions * panel * 64));

    private void PackRow(float* source, float scale, nint stride, int first, int width, float* target)
    {
        for (int n = 0; n < width; n++)
        {
            int output = outputs[first + n];
            target[n] = scale == 0 || output < 0 ? 0 : source[output * stride] * scale;
        }
    }
}
