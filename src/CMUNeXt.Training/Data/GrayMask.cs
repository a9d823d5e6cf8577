using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Imaging;

namespace CMUNeXt.Training.Data;

/// <summary>
/// Reads masks of one channel and says what their values mean: the one place for prepared sets, sets laid out by hand, and predictions.
/// </summary>
internal static class GrayMask
{
    /// <summary>A value above this is foreground in a mask of 0 and 255.</summary>
    public const byte Threshold = 127;

    // What lossy compression makes of 255.
    private const byte NearlyFull = 250;

    // The percentage of a mask's pixels between an eighth and seven eighths of its largest value: the blurred border of its lesions. Each
    // of 119 ultrasound images had more than 17 there.
    private const int MostBetween = 10;

    // The most values there of a label map, or of the mean of a few annotators' masks; an image, and a map of probabilities, have more.
    private const int MostValuesBetween = 16;

    /// <summary>
    /// Reads a mask as one channel. A file of three channels is taken where they are equal; where they differ the file holds
    /// colors, and which of them is meant cannot be known (the luminance of pure red, 76, would count as background).
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="labels">As <see cref="OneChannel"/> has it.</param>
    /// <exception cref="BadFileException">The file is missing or broken, its channels differ, or its values are lost in 8 bits.</exception>
    public static Image Load(string path, bool labels = false)
    {
        Image image = ImageFile.Load(path, out ImageInfo info);
        Image gray = OneChannel(image, info, labels)
            ?? throw new BadFileException(path, "the mask is colored; save it as a gray image");
        return TypeProblem(gray, info) is { } problem ? throw new BadFileException(path, problem) : gray;
    }

    /// <summary>The one channel of a mask, or null where it holds colors.</summary>
    /// <param name="image">The decoded file.</param>
    /// <param name="info">What the file stores.</param>
    /// <param name="labels">Whether the values are labels: those of 1, 2 or 4 bits are then wanted as stored, not stretched to 255.</param>
    public static Image? OneChannel(Image image, ImageInfo info, bool labels)
    {
        Image? gray = image.Channels == 1 ? image : EqualChannels.ToGray(image);
        return gray is null || info.Stretch == 1 || (!labels && !gray.Pixels.AsSpan().ContainsAnyInRange((byte)1, (byte)254))
            ? gray
            : new Image(gray.Width, gray.Height, 1, Array.ConvertAll(gray.Pixels, value => (byte)(value / info.Stretch)));
    }

    /// <summary>Why the way in which a mask is stored hides its values, or null where it does not.</summary>
    /// <param name="mask">The values: one channel, or three where colors are classes.</param>
    /// <param name="info">What the file stores.</param>
    public static string? TypeProblem(Image mask, ImageInfo info)
    {
        // Of colors each is looked up, so that only a black one would be lost without a word.
        if (info.LosesSmallSamples || (info.SignificantBits > 8 && mask.Channels == 1 && mask.Pixels.Max() < NearlyFull))
        {
            return "the mask has 16 bits, and its values are lost in 8: save it with 8 bits, 0 and 255 or one value for each class";
        }

        // All pixels are equal where each is as the one before it.
        ReadOnlySpan<byte> pixels = mask.Pixels;
        return info.AlphaVaries && pixels[mask.Channels..].SequenceEqual(pixels[..^mask.Channels])
            ? "the mask seems to be in the alpha, since all colors are equal: save it as gray without alpha"
            : null;
    }

    /// <summary>Why the values of a mask of one class cannot be understood, or null where they can.</summary>
    /// <param name="gray">The values.</param>
    /// <param name="threshold">The largest value that is background: 127, or 0 where 1 is foreground.</param>
    public static string? Problem(ReadOnlySpan<byte> gray, byte threshold)
    {
        Span<int> counts = stackalloc int[256];
        foreach (byte value in gray)
        {
            counts[value]++;
        }

        int largest = counts.LastIndexOfAnyExcept(0);
        if (threshold == 0 && largest > 1)
        {
            return $"it holds the value {largest} where masks are 0 and 1";
        }

        if (threshold == 0 || largest <= threshold)
        {
            return largest > threshold || largest == 0
                ? null
                : $"the largest value is {largest}, so nothing counts as foreground (above {threshold})";
        }

        // Blurred masks have values on both sides of the middle; labels, or a value for pixels to ignore, have not.
        bool low = counts[1..(threshold + 1)].ContainsAnyExcept(0);
        bool high = counts[(threshold + 1)..byte.MaxValue].ContainsAnyExcept(0);
        bool well = counts[(threshold + 1)..NearlyFull].ContainsAnyExcept(0);
        if (counts[byte.MaxValue] > 0 && (low ? !high : well))
        {
            int other = 1 + counts[1..].IndexOfAnyExcept(0);
            return $"besides 0 and 255 it holds {other}, so one of the two is not the class but something else, such as pixels to ignore; "
                + "leave 0 and 255 in it";
        }

        if (!counts[..(threshold + 1)].ContainsAnyExcept(0) && counts.Count(0) < counts.Length - 1)
        {
            return "no value is background (127 or less), and there are several";
        }

        long between = 0;
        int values = 0;
        for (int value = (largest / 8) + 1; value * 8 < largest * 7; value++)
        {
            between += counts[value];
            values += counts[value] > 0 ? 1 : 0;
        }

        return values > MostValuesBetween && between * 100 > (long)gray.Length * MostBetween
            ? $"{between * 100 / gray.Length} % of its pixels are near neither 0 nor {largest}, so it seems to be an image, or "
                + "probabilities, and no mask"
            : null;
    }

    /// <summary>Whether a mask has a pixel of its class.</summary>
    /// <param name="mask">The mask, of one class.</param>
    /// <param name="path">What to call it in messages.</param>
    /// <exception cref="BadFileException">Its values cannot be understood.</exception>
    public static bool HasForeground(Image mask, string path)
    {
        Check(mask, path);
        return mask.Pixels.AsSpan().ContainsAnyExceptInRange((byte)0, Threshold);
    }

    /// <summary>Gives the pixels of a mask's foreground a label.</summary>
    /// <param name="mask">The mask, of one class.</param>
    /// <param name="labels">The labels of all pixels, which are written to.</param>
    /// <param name="label">The label.</param>
    /// <param name="path">What to call the mask in messages.</param>
    /// <exception cref="BadFileException">
    /// What is foreground cannot be understood: a mask of 0 and 1 would silently be an empty one.
    /// </exception>
    public static void LabelForeground(Image mask, byte[] labels, byte label, string path)
    {
        Check(mask, path);
        for (int i = 0; i < mask.Pixels.Length; i++)
        {
            if (mask.Pixels[i] > Threshold)
            {
                labels[i] = label;
            }
        }
    }

    private static void Check(Image mask, string path)
    {
        if (Problem(mask.Pixels, Threshold) is { } problem)
        {
            // It takes masks of 0 and 1, and refuses the others too.
            string remedy = mask.Pixels.Max() <= Threshold ? ", and \"cmunext prepare pairs\" makes them so" : "";
            throw new BadFileException(path, $"{problem}; masks are 0 and 255{remedy}");
        }
    }
}
