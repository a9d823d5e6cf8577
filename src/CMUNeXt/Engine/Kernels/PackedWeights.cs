using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Kernels;

/// <summary>
/// The weights of a 3x3 or 1x1 convolution in the order in which the micro-kernels read them: panels of a few octets of outputs. They
/// change with each step, so packing is a plain copy.
/// </summary>
internal sealed unsafe class PackedWeights : IDisposable
{
    // The weights of so many floats stay in the first-level cache while all pixels of a task go by.
    private const int BlockFloats = 5 * 1024;

    private readonly NativeBuffer weights;
    private readonly NativeBuffer biases;
    private readonly ChannelPlaces inputs;
    private readonly ChannelPlaces outputs;
    private readonly int taps;
    private readonly int lanes;

    /// <summary>Makes room.</summary>
    /// <param name="inputs">The input's channels.</param>
    /// <param name="outputs">The output's.</param>
    /// <param name="taps">9 or 1.</param>
    /// <param name="lanes">Of the instruction set's vectors.</param>
    public PackedWeights(ChannelPlaces inputs, ChannelPlaces outputs, int taps, int lanes)
    {
        this.inputs = inputs;
        this.outputs = outputs;
        this.taps = taps;
        this.lanes = lanes;
        Room = RoomOf(outputs.Octets, lanes);
        weights = new NativeBuffer((nint)inputs.Octets * taps * Room * 64);
        biases = new NativeBuffer(Room * 8);
    }

    /// <summary>Octets of inputs.</summary>
    public int InputOctets => inputs.Octets;

    /// <summary>Octets of outputs.</summary>
    public int OutputOctets => outputs.Octets;

    /// <summary>Octets that outputs need room for.</summary>
    public int Room { get; }

    /// <summary>The octets that so many octets of outputs need room for.</summary>
    public static int RoomOf(int octets, int lanes) => lanes == 16 ? (octets + 1) / 2 * 2 : octets;

    /// <summary>
    /// The octets of the panel that begins with an octet: vectors of sixteen lanes take two, and two of them at a time where there are so
    /// many.
    /// </summary>
    public int Panel(int first) => lanes < 16 ? 1 : Room - first >= 4 ? 4 : 2;

    /// <summary>The weights of an input, of the one tap, in the panel that begins with an octet.</summary>
    public float* Row(int first, int input) => weights.Data + ((nint)first * inputs.Octets * 64) + (input * Panel(first) * 8);

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
            for (int input = 0; input < inputs.Octets; input++)
            {
                for (int tap = 0; tap < taps; tap++)
                {
                    for (int k = input * 8; k < (input + 1) * 8; k++)
                    {
                        PackRow((float*)view.Values + (tap * view.Tap) + (inputs[k] * view.Input),
                            inputs[k] < 0 ? 0 : inputScale == null ? 1 : inputScale[k], view.Output, first * 8, width, target);
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
    /// Convolves rows of pixels with some of the weights: c = bias + the sum over inputs and taps. The taps of a 3x3 kernel begin at the
    /// pixel itself: the input starts a row and a pixel before the output.
    /// </summary>
    /// <param name="a">The first pixel of the first input octet.</param>
    /// <param name="aOctet">Floats between its octets.</param>
    /// <param name="aRow">Floats between its rows.</param>
    /// <param name="c">The first pixel of the first output octet.</param>
    /// <param name="cOctet">Floats between its octets.</param>
    /// <param name="cRow">Floats between its rows.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="pixels">Pixels of a row, a multiple of 16.</param>
    /// <param name="some">The range of input octets.</param>
    /// <param name="of">The range of output octets; it starts with a panel.</param>
    /// <param name="add">Add to what is in <paramref name="c"/>, without the bias.</param>
    public void Multiply<TSimd, TVector>(
        float* a, nint aOctet, nint aRow, float* c, nint cOctet, nint cRow, int rows, int pixels, (int First, int Count) some,
        (int First, int Count) of, bool add)
        where TSimd : ISimd<TVector>
        where TVector : unmanaged
    {
        // The widest block is that of the narrowest panel.
        int octets = Math.Min(Block(1), some.Count);
        nint* offsets = stackalloc nint[octets * taps];
        for (int octet = 0; octet < octets; octet++)
        {
            if (taps == 1)
            {
                offsets[octet] = octet * aOctet;
                continue;
            }

            for (int row = 0; row < 3; row++)
            {
                nint* o = offsets + (octet * 9) + (row * 3);
                o[0] = (octet * aOctet) + (row * aRow);
                o[1] = o[0] + 8;
                o[2] = o[0] + 16;
            }
        }

        for (int first = of.First; first < of.First + of.Count; first += Panel(first))
        {
            int panel = Panel(first);
            int block = Block(panel);
            float* w = weights.Data + ((nint)first * inputs.Octets * taps * 64) + ((nint)some.First * taps * panel * 64);
            for (int input = 0; input < some.Count; input += block)
            {
                int count = Math.Min(block, some.Count - input);
                MatrixOperands operands = new()
                {
                    Offsets = offsets,
                    Groups = count * taps,
                    W = w + ((nint)input * taps * panel * 64),
                    Bias = add || input > 0 ? null : biases.Data + (first * 8),
                    COctet = cOctet,
                    Pixels = pixels,
                };
                for (int row = 0; row < rows; row++)
                {
                    operands.A = a + (input * aOctet) + (row * aRow);
                    operands.C = c + ((first - of.First) * cOctet) + (row * cRow);
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

    // Input octets whose weights are read at a time.
    private int Block(int panel) => Math.Max(1, BlockFloats / (taps * panel * 64));

    private void PackRow(float* source, float scale, nint step, int first, int width, float* target)
    {
        for (int n = 0; n < width; n++)
        {
            int output = outputs[first + n];
            target[n] = scale == 0 || output < 0 ? 0 : source[output * step] * scale;
        }
    }
}
