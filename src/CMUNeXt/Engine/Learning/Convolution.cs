using CMUNeXt.Engine.Simd;

namespace CMUNeXt.Engine.Learning;

/// <summary>A 3x3 convolution of a source, upsampled or not, to some octets of a stage: what its passes in both directions share.</summary>
internal sealed unsafe class Convolution<TSimd, TVector> : IDisposable
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    // The memory of a task stays in the second-level cache.
    private const int Budget = 144 * 1024;

    /// <summary>Makes room for the weights.</summary>
    public Convolution(Source<TSimd, TVector> input, bool upsampled, Stage<TSimd, TVector> output, ChannelOrder outputs)
    {
        Input = input;
        Upsampled = upsampled;
        Output = output;
        Outputs = outputs;
        Forward = new PackedWeights(input.Channels, outputs, 9, TSimd.Lanes);
        Backward = new PackedWeights(outputs, input.Channels, 9, TSimd.Lanes);
    }

    public Source<TSimd, TVector> Input { get; }

    /// <summary>Whether the input is upsampled by 2 first.</summary>
    public bool Upsampled { get; }

    public Stage<TSimd, TVector> Output { get; }

    /// <summary>The channels that this convolution computes: those of the output, or of one of its groups.</summary>
    public ChannelOrder Outputs { get; }

    /// <summary>The octet of the output at which they begin.</summary>
    public int FirstOctet { get; init; }

    /// <summary>Outputs x inputs x 3 x 3, of all groups.</summary>
    public required Parameter Weight { get; init; }

    /// <summary>Null where a normalisation takes it away again.</summary>
    public Parameter? Bias { get; init; }

    /// <summary>The first of its output channels in weight and bias.</summary>
    public int FirstChannel { get; init; }

    /// <summary>Input channels.</summary>
    public required int Inputs { get; init; }

    public PackedWeights Forward { get; }

    public PackedWeights Backward { get; }

    /// <summary>Where the weights begin.</summary>
    public float* FirstWeight => Weight.Value + ((nint)FirstChannel * Inputs * 9);

    /// <summary>Rows of the output that a piece of work computes, for so many floats for each row and beside them; even where upsampled.</summary>
    public int RowsFor(nint perRow, nint beside)
    {
        int height = Output.Height;
        int most = (int)Math.Clamp((Budget - beside) / perRow, Upsampled ? 2 : 1, height);
        int bands = (height + most - 1) / most;
        int rows = (height + bands - 1) / bands;
        return Upsampled ? Math.Min(rows + (rows % 2), height) : rows;
    }

    /// <summary>Fills a window of the input, upsampled where that is to be.</summary>
    /// <param name="window">The window.</param>
    /// <param name="image">The picture.</param>
    /// <param name="firstRow">The first row, from -1.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="scratch">Room for <see cref="UpsamplingScratch"/> floats.</param>
    public void FillInput(in Window<TSimd, TVector> window, int image, int firstRow, int rows, float* scratch)
    {
        for (int octet = 0; octet < Input.Octets; octet++)
        {
            if (Upsampled)
            {
                Upsample(window, octet, image, firstRow, rows, scratch);
            }
            else
            {
                window.Fill(octet, Input, octet, image, firstRow, rows);
            }
        }
    }

    /// <summary>The floats that filling so many rows needs.</summary>
    public nint UpsamplingScratch(int rows) => Upsampled ? ((rows / 2) + 4) * SmallRow : 0;

    private nint SmallRow => (Input.Width + 6) * 8;

    /// <inheritdoc/>
    public void Dispose()
    {
        Forward.Dispose();
        Backward.Dispose();
    }

    private void Upsample(in Window<TSimd, TVector> window, int octet, int image, int firstRow, int rows, float* scratch)
    {
        int height = Input.Height;
        int first = Math.Clamp((firstRow - 1) >> 1, 0, height - 1);
        int last = Math.Clamp((firstRow + rows) >> 1, 0, height - 1);
        float* small = scratch + SmallRow;
        for (int y = first; y <= last; y++)
        {
            Input.Read(octet, (((nint)image * height) + y) * Input.Width, Input.Width, small + ((y - first) * SmallRow));
        }

        for (int r = 0; r < rows; r++)
        {
            int y = firstRow + r;
            if (y < 0 || y >= 2 * height)
            {
                window.Clear(octet, r);
                continue;
            }

            int near = y >> 1;
            int far = Math.Clamp(y % 2 == 0 ? near - 1 : near + 1, 0, height - 1);
            Upsampling<TSimd, TVector>.Row(
                small + ((near - first) * SmallRow), small + ((far - first) * SmallRow), Input.Width, scratch, window.At(octet, r));
            window.ClearMargins(octet, r);
        }
    }
}
