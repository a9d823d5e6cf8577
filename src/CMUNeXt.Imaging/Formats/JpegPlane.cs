using BitMiracle.LibJpeg.Classic;

namespace CMUNeXt.Imaging.Formats;

/// <summary>The samples of one component of a JPEG.</summary>
internal sealed class JpegPlane
{
    private const int BlockSize = 8;

    private readonly int rowsPerStrip;
    private readonly int stride;

    public JpegPlane(jpeg_component_info component, jpeg_decompress_struct jpeg)
    {
        int mostAcross = jpeg.Comp_info.Take(jpeg.Num_components).Max(static other => other.H_samp_factor);
        int mostDown = jpeg.Max_v_samp_factor;
        if (mostAcross % component.H_samp_factor != 0 || mostDown % component.V_samp_factor != 0)
        {
            throw new InvalidDataException("a JPEG whose colors are shrunk by a fraction, which is not read: convert it to PNG");
        }

        ShrunkAcross = mostAcross / component.H_samp_factor;
        ShrunkDown = mostDown / component.V_samp_factor;
        Width = (jpeg.Image_width + ShrunkAcross - 1) / ShrunkAcross;
        Height = (jpeg.Image_height + ShrunkDown - 1) / ShrunkDown;
        rowsPerStrip = component.V_samp_factor * BlockSize;

        // The decoder fills whole groups of blocks.
        stride = (jpeg.Image_width + (mostAcross * BlockSize) - 1) / (mostAcross * BlockSize) * component.H_samp_factor * BlockSize;
        Samples = new byte[(long)Width * Height];
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>How many pixels a sample covers across: 1, 2, 4, or even 3.</summary>
    public int ShrunkAcross { get; }

    /// <summary>How many pixels a sample covers down.</summary>
    public int ShrunkDown { get; }

    /// <summary>Height x Width.</summary>
    public byte[] Samples { get; }

    /// <summary>Rows for a strip of the decoder.</summary>
    public byte[][] NewRows() => [.. Enumerable.Range(0, rowsPerStrip).Select(_ => new byte[stride])];

    /// <summary>Keeps a strip's rows.</summary>
    public void Take(byte[][] rows, int strip)
    {
        int first = strip * rowsPerStrip;
        for (int y = first; y < Math.Min(first + rowsPerStrip, Height); y++)
        {
            rows[y - first].AsSpan(0, Width).CopyTo(Samples.AsSpan(y * Width));
        }
    }
}
