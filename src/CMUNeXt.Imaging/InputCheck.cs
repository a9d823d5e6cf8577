using System.Buffers;
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
    /// <param name="image">Any size, gray or color.</param>
    /// <returns>One sentence for everything unlike; none for an image that looks as it should.</returns>
    public static IReadOnlyList<string> Warnings(Image image)
    {
        ArgumentNullException.ThrowIfNull(image);
        List<string> warnings = [];
        byte[] gray = Gray(image, out double colored);
        if (colored > MostColored)
        {
            warnings.Add(
                $"{100 * colored:0.0} % of the pixels are colored, as in a Doppler image or a photograph; the weights know gray images.");
        }

        (double dark, double white) = DarkAndWhite(gray);
        if (dark > MostDark)
        {
            warnings.Add($"{100 * dark:0} % of the image is black; cut off the frame around the ultrasound image.");
        }

        if (white > MostWhite)
        {
            warnings.Add("Much of the image is white, as on a page or a screen; it does not look like an ultrasound image.");
        }

        (double speckle, double correlation) = Texture(gray, image.Width, image.Height);
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

    /// <summary>
    /// The part of what is not dark in which the local standard deviation is at least 6 % of the local mean, and the correlation of what
    /// neighboring pixels differ from their local mean by.
    /// </summary>
    private static (double Speckle, double Correlation) Texture(byte[] gray, int width, int height)
    {
        const int Pixels = Side * Side;
        double[] rented = ArrayPool<double>.Shared.Rent(4 * Pixels);
        Span<double> residuals = rented.AsSpan(0, Pixels);
        Span<double> means = rented.AsSpan(Pixels, Pixels);
        Span<double> squares = rented.AsSpan(2 * Pixels, Pixels);
        Span<double> variances = rented.AsSpan(3 * Pixels, Pixels);
        BlockMeans.Of(gray, width, height, Side, residuals);
        LocalMeans(residuals, means);
        Subtract(means, residuals, squares);
        LocalMeans(squares, variances);
        double products = 0;
        double sum = 0;
        for (int y = 0; y < Side; y++)
        {
            ReadOnlySpan<double> row = residuals.Slice(y * Side, Side);
            products += Dot(row[1..], row);
            sum += Dot(row, row);
        }

        double speckle = SpeckledPart(means, variances);
        ArrayPool<double>.Shared.Return(rented);
        return (speckle, sum > 0 ? products / sum : 0);
    }

    // The values less their means, and the squares of what is left.
    private static void Subtract(ReadOnlySpan<double> means, Span<double> values, Span<double> squares)
    {
        ReadOnlySpan<Vector<double>> meanVectors = MemoryMarshal.Cast<double, Vector<double>>(means);
        Span<Vector<double>> valueVectors = MemoryMarshal.Cast<double, Vector<double>>(values);
        Span<Vector<double>> squareVectors = MemoryMarshal.Cast<double, Vector<double>>(squares);
        for (int i = 0; i < meanVectors.Length; i++)
        {
            Vector<double> value = valueVectors[i] - meanVectors[i];
            valueVectors[i] = value;
            squareVectors[i] = value * value;
        }
    }

    private static double SpeckledPart(ReadOnlySpan<double> means, ReadOnlySpan<double> variances)
    {
        ReadOnlySpan<Vector<double>> meanVectors = MemoryMarshal.Cast<double, Vector<double>>(means);
        ReadOnlySpan<Vector<double>> varianceVectors = MemoryMarshal.Cast<double, Vector<double>>(variances);
        Vector<long> bright = Vector<long>.Zero;
        Vector<long> speckled = Vector<long>.Zero;
        for (int i = 0; i < meanVectors.Length; i++)
        {
            Vector<double> contrast = SpeckleContrast * meanVectors[i];
            Vector<long> isBright = Vector.GreaterThan(meanVectors[i], new Vector<double>(LeastBrightness));
            bright -= isBright;
            speckled -= isBright & Vector.GreaterThan(varianceVectors[i], contrast * contrast);
        }

        long count = Vector.Sum(bright);
        return count == 0 ? 0 : (double)Vector.Sum(speckled) / count;
    }

    // As long as the first.
    private static double Dot(ReadOnlySpan<double> first, ReadOnlySpan<double> second)
    {
        Vector<double> sums = Vector<double>.Zero;
        int i = 0;
        for (; i <= first.Length - Vector<double>.Count; i += Vector<double>.Count)
        {
            sums += new Vector<double>(first[i..]) * new Vector<double>(second[i..]);
        }

        double sum = Vector.Sum(sums);
        for (; i < first.Length; i++)
        {
            sum += first[i] * second[i];
        }

        return sum;
    }

    // A mean filter that is cut off at the borders: the sums of columns over some rows, and of some of these, with zeros at both ends.
    private static void LocalMeans(ReadOnlySpan<double> values, Span<double> means)
    {
        double[] columns = new double[Radius + Side + Radius];
        double[] across = [.. Enumerable.Range(0, Side).Select(x => (double)Covered(x))];
        for (int y = -Radius; y < Side; y++)
        {
            if (y + Radius < Side)
            {
                Accumulate(columns.AsSpan(Radius), values.Slice((y + Radius) * Side, Side), 1);
            }

            if (y - Radius - 1 >= 0)
            {
                Accumulate(columns.AsSpan(Radius), values.Slice((y - Radius - 1) * Side, Side), -1);
            }

            for (int x = 0; y >= 0 && x < Side; x += Vector<double>.Count)
            {
                Vector<double> sum = Vector<double>.Zero;
                for (int shift = 0; shift <= 2 * Radius; shift++)
                {
                    sum += Vector.LoadUnsafe(ref columns[0], (nuint)(x + shift));
                }

                (sum / (Covered(y) * new Vector<double>(across, x))).CopyTo(means[((y * Side) + x)..]);
            }
        }

        static int Covered(int place) => Math.Min(Side, place + Radius + 1) - Math.Max(0, place - Radius);
    }

    private static void Accumulate(Span<double> columns, ReadOnlySpan<double> row, double sign)
    {
        for (int x = 0; x < row.Length; x += Vector<double>.Count)
        {
            (new Vector<double>(columns[x..]) + (new Vector<double>(row[x..]) * sign)).CopyTo(columns[x..]);
        }
    }
}
