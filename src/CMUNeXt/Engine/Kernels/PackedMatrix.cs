using System.Runtime.CompilerServices;
using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Kernels;

/// <summary>
/// Weights of a matrix product in the order in which the micro-kernels read them: panels of a few octets of output channels, in each of
/// them one input after the other.
/// </summary>
internal sealed unsafe class PackedMatrix : IDisposable
{
    private readonly NativeBuffer weights;
    private readonly NativeBuffer biases;
    private readonly int depth;
    private readonly int panelOctets;
    private readonly bool pairs;

    /// <summary>Makes room for weights, all zeros.</summary>
    /// <param name="groups">The groups of inputs.</param>
    /// <param name="depth">Inputs in a group: those of the <see cref="IMatrixInput"/> that is multiplied with.</param>
    /// <param name="outputs">Output channels; padded with zeros to octets.</param>
    /// <param name="panelOctets">The octets of the widest panel: 1, 2 or 4.</param>
    /// <param name="pairs">Whether a panel of one octet holds two inputs in a vector.</param>
    public PackedMatrix(int groups, int depth, int outputs, int panelOctets, bool pairs)
    {
        this.depth = depth;
        this.panelOctets = panelOctets;
        this.pairs = pairs;
        Groups = groups;
        OutputOctets = (outputs + 7) / 8;
        weights = new NativeBuffer((nint)Groups * depth * OutputOctets * 8);
        biases = new NativeBuffer(OutputOctets * 8);
    }

    /// <summary>Groups of inputs: octets of input channels, or rows of planes.</summary>
    public int Groups { get; }

    /// <summary>Octets of output channels.</summary>
    public int OutputOctets { get; }

    /// <summary>Multiply-adds for a pixel.</summary>
    public long MultiplyAdds => weights.Count;

    /// <summary>The weights, in bytes.</summary>
    public long Bytes => weights.Count * sizeof(float);

    /// <summary>Sets the weight of an output and an input.</summary>
    public double this[int output, int input]
    {
        set
        {
            int octet = output / 8;
            int whole = OutputOctets / panelOctets * panelOctets;

            // Full panels first, then ever smaller ones.
            int first = octet < whole ? octet / panelOctets * panelOctets
                : panelOctets == 4 && OutputOctets - whole >= 2 && octet < whole + 2 ? whole
                : octet;
            int count = PanelAt(OutputOctets - first);
            int column = output - (first * 8);
            float* panel = Panel(first);
            panel[pairs && count == 1 ? (input / 2 * 16) + (column * 2) + (input % 2) : ((nint)input * count * 8) + column] = (float)value;
        }
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
    /// <param name="c">The output octets from <paramref name="outputs"/> on.</param>
    /// <param name="cOctet">Floats between them.</param>
    /// <param name="inputs">The range of groups of inputs.</param>
    /// <param name="outputs">The range of output octets; it starts and ends with a panel.</param>
    /// <param name="add">Add to what is in <paramref name="c"/>, without the bias.</param>
    /// <param name="next">What the same range of outputs is multiplied with afterwards, to be prefetched meanwhile.</param>
    public void Multiply<TSimd, TVector, TInput>(
        float* a,
        nint aGroup,
        int pixels,
        float* c,
        nint cOctet,
        (int First, int Count) inputs,
        (int First, int Count) outputs,
        bool add = false,
        PackedMatrix? next = null)
        where TSimd : ISimd<TVector>
        where TVector : unmanaged
        where TInput : IMatrixInput
    {
        MatrixOperands operands = new() { A = a, AGroup = aGroup, Groups = inputs.Count, COctet = cOctet, Pixels = pixels };
        int end = outputs.First + outputs.Count;
        for (int octet = outputs.First; octet < end;)
        {
            int count = PanelAt(OutputOctets - octet);
            int perInput = count * 8;
            operands.W = Panel(octet) + ((nint)inputs.First * depth * perInput);
            operands.Ahead = octet + count == end && next is not null
                ? next.Panel(outputs.First) + ((nint)inputs.First * depth * PanelAt(next.OutputOctets - outputs.First) * 8)
                : operands.W + ((nint)Groups * depth * perInput);
            operands.AheadStep = (perInput * MatrixPanel<TSimd, TVector>.Pixels(count) / pixels) + 1;
            operands.Bias = add ? null : biases.Data + (octet * 8);
            operands.C = c + ((octet - outputs.First) * cOctet);
            MatrixPanel<TSimd, TVector>.Multiply<TInput>(operands, count);
            octet += count;
        }
    }

    /// <summary>Multiplies octets of pixels with all of the weights: c = a w + bias.</summary>
    public void Multiply<TSimd, TVector>(float* a, nint aOctet, int pixels, float* c, nint cOctet)
        where TSimd : ISimd<TVector>
        where TVector : unmanaged =>
        Multiply<TSimd, TVector, OctetInput>(a, aOctet, pixels, c, cOctet, (0, Groups), (0, OutputOctets));

    /// <inheritdoc/>
    public void Dispose()
    {
        weights.Dispose();
        biases.Dispose();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private float* Panel(int octet) => weights.Data + ((nint)octet * Groups * depth * 8);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int PanelAt(int left) => left >= panelOctets ? panelOctets : left >= 2 && panelOctets >= 2 ? 2 : 1;
}
