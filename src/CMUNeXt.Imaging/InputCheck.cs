using System.Numerics;
using System.Runtime.InteropServices;
using CMUNeXt.Images;

namespace CMUNeXt.Imaging;

/// <summary>
/// Says where an image looks unlike the grey B-mode ultrasound that the weights were trained on. It only warns: what a network finds in
/// such an image may still be right, but nobody has measured how often.
/// </summary>
public static class InputCheck
{
    /// <summary>The side of the copy on which texture is judged: that of the usual input of a network.</summary>
    private const int Side = 256;

    // Chosen so that of BUSI, BUS-UCLM without Doppler, DDTI and phantoms no more than 1 % are warned of; see docs/how-to/predict.md.
    private const int Saturation = 80;
    private const double MostColored = 0.001;
    private const int Dark = 12;
    private const double MostDark = 0.65;
    private const int White = 235;
    private const double MostWhite = 0.2;
    private const double LeastSpeckle = 0.45;
    private const double LeastNeighborCorrelation = 0.2;

    private const int Radius = 3;
    private const double LeastBrightness = 15;
    private const double SpeckleContrast = 0.06;

    /// <summary>Looks at an image.</summary>
    /// <param name="image">Any size, grey or color.</param>
    /// <returns>One sentence for everything unlike; none for an image that looks as it should.</returns>
    public static IReadOnlyList<string> Warnings(Image image)
    {
        ArgumentNullException.ThrowIfNull(image);
        List<string> warnings = [];
        byte[] grey = Grey(image, out double colored);
        if (colored > MostColored)
        {
            warnings.Add(
                $"{100 * colored:0.0} % of the pixels are colored, as in a Doppler image or a photograph; the weights know grey images.");
        }

        (double dark, double white) = DarkAndWhite(grey);
        if (dark > MostDark)
        {
            warnings.Add($"{100 * dark:0} % of the image is black; cut off the frame around the ultrasound image.");
        }

        if (white > MostWhite)
        {
            warnings.Add("Much of the image is white, as on a page or a screen; it does not look like an ultrasound image.");
        }

        (double speckle, double correlation) = Texture(grey, image.Width, image.Height);
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

    private static byte[] Grey(Image image, out double colored)
    {
        colored = 0;
        if (image.Channels == 1)
        {
            return image.Pixels;
        }

        byte[] grey = new byte[image.Width * image.Height];
        int count = 0;
        for (int i = 0; i < grey.Length; i++)
        {
            (byte red, byte green, byte blue) = (image.Pixels[3 * i], image.Pixels[(3 * i) + 1], image.Pixels[(3 * i) + 2]);
            grey[i] = (byte)((red + green + blue) / 3);
            count += Math.Max(red, Math.Max(green, blue)) - Math.Min(red, Math.Min(green, blue)) > Saturation ? 1 : 0;
        }

        colored = (double)count / grey.Length;
        return grey;
    }

    private static (double Dark, double White) DarkAndWhite(byte[] grey)
    {
        int dark = 0;
        int white = 0;
        foreach (byte value in grey)
        {
            dark += value <= Dark ? 1 : 0;
            white += value > White ? 1 : 0;
        }

        return ((double)dark / grey.Length, (double)white / grey.Length);
    }

    /// <summary>
    /// The part of what is not dark in which the local standard deviation is at least 6 % of the local mean, and the correlation of what
    /// neighboring pixels differ from their local mean by.
    /// </summary>
    private static (double Speckle, double Correlation) Texture(byte[] grey, int width, int height)
    {
        double[] residuals = BlockMeans(grey, width, height);
        double[] means = LocalMeans(residuals);
        for (int i = 0; i < residuals.Length; i++)
        {
            residuals[i] -= means[i];
        }

        double[] variances = LocalMeans(Array.ConvertAll(residuals, static residual => residual * residual));
        int bright = 0;
        int speckled = 0;
        double products = 0;
        double squares = 0;
        for (int i = 0; i < residuals.Length; i++)
        {
            if (means[i] > LeastBrightness)
            {
                double contrast = SpeckleContrast * means[i];
                bright++;
                speckled += variances[i] > contrast * contrast ? 1 : 0;
            }

            squares += residuals[i] * residuals[i];
            products += i % Side == 0 ? 0 : residuals[i] * residuals[i - 1];
        }

        return (bright == 0 ? 0 : (double)speckled / bright, squares > 0 ? products / squares : 0);
    }

    private static double[] BlockMeans(byte[] grey, int width, int height)
    {
        int[] columns = Edges(width);
        int[] rows = Edges(height);
        double[] means = new double[Side * Side];
        for (int i = 0; i < means.Length; i++)
        {
            (int left, int top) = (columns[i % Side], rows[i / Side]);
            (int right, int bottom) = (Math.Max(left + 1, columns[(i % Side) + 1]), Math.Max(top + 1, rows[(i / Side) + 1]));
            int sum = 0;
            for (int y = top; y < bottom; y++)
            {
                for (int x = left; x < right; x++)
                {
                    sum += grey[(y * width) + x];
                }
            }

            means[i] = (double)sum / ((bottom - top) * (right - left));
        }

        return means;
    }

    private static int[] Edges(int length) => [.. Enumerable.Range(0, Side + 1).Select(i => (int)((long)i * length / Side))];

    // A mean filter that is cut off at the borders: the sums of columns over some rows, and of some of these.
    private static double[] LocalMeans(double[] values)
    {
        double[] columns = new double[Side];
        double[] means = new double[values.Length];
        for (int y = -Radius; y < Side; y++)
        {
            if (y + Radius < Side)
            {
                Accumulate(columns, values.AsSpan((y + Radius) * Side, Side), 1);
            }

            if (y - Radius - 1 >= 0)
            {
                Accumulate(columns, values.AsSpan((y - Radius - 1) * Side, Side), -1);
            }

            int rows = Math.Min(Side, y + Radius + 1) - Math.Max(0, y - Radius);
            double sum = 0;
            for (int x = -Radius; y >= 0 && x < Side; x++)
            {
                sum += x + Radius < Side ? columns[x + Radius] : 0;
                sum -= x - Radius - 1 >= 0 ? columns[x - Radius - 1] : 0;
                if (x >= 0)
                {
                    means[(y * Side) + x] = sum / (rows * (Math.Min(Side, x + Radius + 1) - Math.Max(0, x - Radius)));
                }
            }
        }

        return means;
    }

    private static void Accumulate(Span<double> columns, ReadOnlySpan<double> row, double sign)
    {
        Span<Vector<double>> sums = MemoryMarshal.Cast<double, Vector<double>>(columns);
        ReadOnlySpan<Vector<double>> added = MemoryMarshal.Cast<double, Vector<double>>(row);
        for (int i = 0; i < sums.Length; i++)
        {
            sums[i] += added[i] * sign;
        }
    }
}
