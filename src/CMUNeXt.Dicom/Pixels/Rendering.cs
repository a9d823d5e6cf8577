using System.Buffers.Binary;
using CMUNeXt.Dicom.Format;
using CMUNeXt.Images;

namespace CMUNeXt.Dicom.Pixels;

/// <summary>From frames as they are stored to images of 8 bits, gray or RGB.</summary>
internal sealed class Rendering
{
    private readonly PixelDescription pixels;
    private readonly byte[]? grayLevels;
    private readonly Palette? palette;

    public Rendering(DataSet data, PixelDescription pixels)
    {
        this.pixels = pixels;
        palette = pixels.Photometric == PhotometricInterpretation.PaletteColor ? Palette.Read(data) : null;
        grayLevels = pixels.Photometric <= PhotometricInterpretation.Monochrome2 ? GrayScale.Read(data, pixels) : null;
    }

    public Image Render(StoredFrame frame)
    {
        byte[] result = frame.Photometric switch
        {
            PhotometricInterpretation.Monochrome1 or PhotometricInterpretation.Monochrome2 => RenderGray(frame.Bytes),
            PhotometricInterpretation.PaletteColor => RenderPalette(frame.Bytes),
            PhotometricInterpretation.Rgb => RenderRgb(frame.Bytes),
            _ => RenderYbr(frame.Bytes),
        };
        return new Image(pixels.Width, pixels.Height, pixels.Samples == 1 && palette is null ? 1 : 3, result);
    }

    private byte[] RenderGray(byte[] stored)
    {
        byte[] gray = new byte[stored.Length / pixels.BytesPerSample];
        for (int i = 0; i < gray.Length; i++)
        {
            gray[i] = grayLevels![Value(stored, i)];
        }

        return gray;
    }

    private byte[] RenderPalette(byte[] stored)
    {
        byte[] rgb = new byte[stored.Length / pixels.BytesPerSample * 3];
        for (int i = 0; 3 * i < rgb.Length; i++)
        {
            palette!.Color(Value(stored, i)).CopyTo(rgb.AsSpan(3 * i));
        }

        return rgb;
    }

    private byte[] RenderRgb(byte[] stored)
    {
        if (pixels is { BitsAllocated: 8, BitsStored: 8 })
        {
            return stored;
        }

        byte[] rgb = new byte[stored.Length / pixels.BytesPerSample];
        int largest = (1 << pixels.BitsStored) - 1;
        for (int i = 0; i < rgb.Length; i++)
        {
            int value = Value(stored, i);
            rgb[i] = (byte)(pixels.BitsStored >= 8 ? value >> (pixels.BitsStored - 8) : value * 255 / largest);
        }

        return rgb;
    }

    // PS3.3, C.7.6.3.1.2, solved for red, green and blue.
    private static byte[] RenderYbr(byte[] stored)
    {
        byte[] rgb = new byte[stored.Length];
        for (int i = 0; i + 2 < stored.Length; i += 3)
        {
            double y = stored[i] + 0.5;
            int blue = stored[i + 1] - 128;
            int red = stored[i + 2] - 128;
            rgb[i] = Clamp(y + (1.402 * red));
            rgb[i + 1] = Clamp(y - (0.114 * 1.772 / 0.587 * blue) - (0.299 * 1.402 / 0.587 * red));
            rgb[i + 2] = Clamp(y + (1.772 * blue));
        }

        return rgb;
    }

    private static byte Clamp(double value) => (byte)Math.Clamp((int)Math.Floor(value), 0, 255);

    private int Value(byte[] stored, int index)
    {
        int raw = pixels.BitsAllocated == 8 ? stored[index] : BinaryPrimitives.ReadUInt16LittleEndian(stored.AsSpan(2 * index));
        return (raw >> pixels.Shift) & ((1 << pixels.BitsStored) - 1);
    }
}
