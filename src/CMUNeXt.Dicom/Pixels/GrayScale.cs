using CMUNeXt.Dicom.Format;

namespace CMUNeXt.Dicom.Pixels;

/// <summary>
/// From stored values to 256 gray levels: rescaled, through the file's window, as a viewer first shows them (PS3.3, C.11.1 and C.11.2).
/// </summary>
internal static class GrayScale
{
    /// <summary>The gray level of each stored value, 0 being black.</summary>
    /// <returns>2 to the power of the stored bits values.</returns>
    /// <exception cref="InvalidDataException">The window or the scale is no number.</exception>
    public static byte[] Read(DataSet data, PixelDescription pixels)
    {
        byte[] levels = new byte[1 << pixels.BitsStored];
        double slope = data.Number(DicomAttribute.RescaleSlope) ?? 1;
        double intercept = data.Number(DicomAttribute.RescaleIntercept) ?? 0;
        double least = pixels.IsSigned ? -(levels.Length / 2) : 0;
        (double low, double high) = Window(data) ?? InOrder((least * slope) + intercept, ((least + levels.Length - 1) * slope) + intercept);
        for (int i = 0; i < levels.Length; i++)
        {
            int stored = pixels.IsSigned && i >= levels.Length / 2 ? i - levels.Length : i;
            double value = (stored * slope) + intercept;
            double part = value <= low ? 0 : value >= high ? 1 : (value - low) / (high - low);
            byte level = (byte)Math.Round(255 * part);
            levels[i] = pixels.Photometric == PhotometricInterpretation.Monochrome1 ? (byte)(255 - level) : level;
        }

        return levels;
    }

    // A slope below 0 turns dark into bright: what is stored last is least.
    private static (double Low, double High) InOrder(double first, double last) => (Math.Min(first, last), Math.Max(first, last));

    // Without a window all that can be stored is shown.
    private static (double Low, double High)? Window(DataSet data)
    {
        if (data.Number(DicomAttribute.WindowCenter) is not { } center
            || data.Number(DicomAttribute.WindowWidth) is not (>= 1 and { } width))
        {
            return null;
        }

        double half = (width - 1) / 2;
        return (center - 0.5 - half, center - 0.5 + half);
    }
}
