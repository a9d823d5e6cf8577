using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using CMUNeXt.Images;

namespace CMUNeXt.Imaging;

/// <summary>
/// Says where an image looks unlike the gray B-mode ultrasound that the weights were trained on. It only warns: what a network finds in
/// such an image may still be right, but nobody has measured how often.
/// </summary>
public static class InputCheck
{
    // Chosen so that of BUSI, BUS-UCLM without Doppler, DDTI and phantoms no more than 1 % are warned of; see docs/notebook/predicting.md.
    private const int Saturation = 80;
    private const double MostColored = 0.001;
    private const int Dark = 12;
    private const double MostDark = 0.65;
    private const int White = 235;
    private const double MostWhite = 0.2;
    private const double LeastSpeckle = 0.45;
    private const double LeastNeighborCorrelation = 0.2;

    /// <summary>Looks at an image.</summary>
    /// <param name="image">Any size, gray or color.</param>
    /// <returns>One sentence for everything unlike; none for an image that looks as it should.</returns>
    public static IReadOnlyList<string> Warnings(Image image)
    {
        ArgumentNullException.ThrowIfNull(image);
        List<string> warnings = [];
        byte[] gray = Gray(image, out double colored);
        if (colored > MostColored)
        {
            warnings.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"{100 * colored:0.0} % of the pixels are colored, as in a Doppler image or a photograph; the weights know gray images."));
        }

        (double dark, double white) = DarkAndWhite(gray);
        if (dark > MostDark)
        {
            warnings.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"{100 * dark:0} % of the image is black; cut off the frame around the ultrasound image."));
        }

        if (white > MostWhite)
        {
            warnings.Add("Much of the image is white, as on a page or a screen; it does not look like an ultrasound image.");
        }

        (double speckle, double correlation) = Texture.Of(gray, image.Width, image.Height);
        if (speckle < LeastSpeckle)
        {
            warnings.Add("There is no speckle in most of it; it does not look like an ultrasound image.");
        }
        else if (correlation < LeastNeighborCorrelation)
        {
            warnings.Add("Neighboring pixels have nothing in common, as in noise; it does not look like an ultrasound image.");
        }

        return warnings;
    }

    private static byte[] Gray(Image image, out double colored)
    {
        colored = 0;
        if (image.Channels == 1)
        {
            return image.Pixels;
        }

        byte[] gray = new byte[image.Width * image.Height];
        int count = 0;
        for (int i = 0; i < gray.Length; i++)
        {
            (byte red, byte green, byte blue) = (image.Pixels[3 * i], image.Pixels[(3 * i) + 1], image.Pixels[(3 * i) + 2]);
            gray[i] = (byte)((red + green + blue) / 3);
            count += Math.Max(red, Math.Max(green, blue)) - Math.Min(red, Math.Min(green, blue)) > Saturation ? 1 : 0;
        }

        colored = (double)count / gray.Length;
        return gray;
    }

    private static (double Dark, double White) DarkAndWhite(ReadOnlySpan<byte> gray) =>
        (1 - (CountAbove(Dark, gray) / (double)gray.Length), CountAbove(White, gray) / (double)gray.Length);

    private static int CountAbove(byte limit, ReadOnlySpan<byte> values)
    {
        int count = 0;
        ReadOnlySpan<Vector<byte>> vectors = MemoryMarshal.Cast<byte, Vector<byte>>(values);
        Vector<byte> limits = new(limit);
        for (int i = 0; i < vectors.Length; i += byte.MaxValue)
        {
            // A true comparison is all ones, that is -1; a byte counts up to 255 of them.
            Vector<byte> counts = Vector<byte>.Zero;
            foreach (Vector<byte> vector in vectors[i..Math.Min(vectors.Length, i + byte.MaxValue)])
            {
                counts -= Vector.GreaterThan(vector, limits);
            }

            Vector.Widen(counts, out Vector<ushort> low, out Vector<ushort> high);
            count += Vector.Sum(low + high);
        }

        foreach (byte value in values[(vectors.Length * Vector<byte>.Count)..])
        {
            count += value > limit ? 1 : 0;
        }

        return count;
    }
}
