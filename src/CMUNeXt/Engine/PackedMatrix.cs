using CMUNeXt.Engine.Simd;

namespace CMUNeXt.Engine;

/// <summary>Weights of a matrix product in the order in which the micro-kernels read them: panels of a few octets of output channels.</summary>
internal sealed unsafe class PackedMatrix : IDisposable
{
    private readonly NativeBuffer weights;
    private readonly NativeBuffer biases;
    private readonly int panelOctets;

    /// <summary>Packs weights for an instruction set.</summary>
    /// <param name="inputs">Input channels; padded with zeros to octets.</param>
    /// <param name="outputs">Output channels; padded with zeros to octets.</param>
    /// <param name="panelOctets">The octets of the widest panel: 1, 2 or 4.</param>
    /// <param name="weight">The weight of (output, input).</param>
    /// <param name="bias">The bias of an output.</param>
    public PackedMatrix(int inputs, int outputs, int panelOctets, Func<int, int, double> weight, Func<int, double>? bias = null)
    {
        this.panelOctets = panelOctets;
        InputOctets = (inputs + 7) / 8;
        OutputOctets = (outputs + 7) / 8;
        weights = new NativeBuffer((nint)InputOctets * OutputOctets * 64);
        biases = new NativeBuffer(OutputOctets * 8);
        for (int first = 0; first < OutputOctets; first += PanelAt(OutputOctets - first))
        {
            int width = PanelAt(OutputOctets - first) * 8;
            float* panel = weights.Data + ((nint)first * InputOctets * 64);
            for (int k = 0; k < inputs; k++)
            {
                for (int n = 0; n < width && (first * 8) + n < outputs; n++)
                {
                    panel[(k * width) + n] = (float)weight((first * 8) + n, k);
                }
            }
        }

        for (int n = 0; n < outputs; n++)
        {
            biases.Data[n] = (float)(bias?.Invoke(n) ?? 0);
        }
    }

    /// <summary>Octets of input channels.</summary>
    public int InputOctets { get; }

    /// <summary>Octets of output channels.</summary>
    public int OutputOctets { get; }

    /// <summary>Multiply-adds for a pixel.</summary>
    public long MultiplyAdds => weights.Count;

    /// <summary>The weights, in bytes.</summary>
    public long Bytes => weights.Count * sizeof(float);

    /// <summary>Multiplies pixels with some of the weights: c = a w + bias, or c += a w.</summary>
    /// <param name="a">The input octets from <paramref name="inputs"/> on.</param>
    /// <param name="aOctet">Floats between them.</param>
    /// <param name="pixels">A multiple of the instruction set's rows.</param>
    /// <param name="c">The output octets from <paramref name="outputs"/> on.</param>
    /// <param name="cOctet">Floats between them.</param>
    /// <param name="inputs">The range of input octets.</param>
    /// <param name="outputs">The range of output octets; it starts and ends with a panel.</param>
    /// <param name="add">Add to what is in <paramref name="c"/>, without the bias.</param>
    public void Multiply<TSimd, TVector>(
        float* a, nint aOctet, int pixels, float* c, nint cOctet, (int First, int Count) inputs, (int First, int Count) outputs, bool add = false)
        where TSimd : ISimd<TVector>
        where TVector : unmanaged
    {
        MatrixOperands operands = new() { A = a, AOctet = aOctet, Octets = inputs.Count, COctet = cOctet, Pixels = pixels };
        int end = outputs.First + outputs.Count;
        for (int octet = outputs.First; octet < end;)
        {
            int count = PanelAt(OutputOctets - octet);
            operands.W = weights.Data + ((nint)octet * InputOctets * 64) + ((nint)inputs.First * count * 64);
            operands.Bias = add ? null : biases.Data + (octet * 8);
            operands.C = c + ((octet - outputs.First) * cOctet);
            TSimd.MultiplyPanel(operands, count);
            octet += count;
        }
    }

    /// <inheritdoc cref="Multiply{TSimd, TVector}(float*, nint, int, float*, nint, ValueTuple{int, int}, ValueTuple{int, int}, bool)"/>
    public void Multiply<TSimd, TVector>(float* a, nint aOctet, int pixels, float* c, nint cOctet)
        where TSimd : ISimd<TVector>
        where TVector : unmanaged =>
        Multiply<TSimd, TVector>(a, aOctet, pixels, c, cOctet, (0, InputOctets), (0, OutputOctets));

    /// <inheritdoc/>
    public void Dispose()
    {
        weights.Dispose();
        biases.Dispose();
    }

    // Full panels first, then ever smaller ones.
    private int PanelAt(int left) => left >= panelOctets ? panelOctets : left >= 2 && panelOctets >= 2 ? 2 : 1;
}
