using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Imaging;

namespace CMUNeXt.Training.Data;

/// <summary>Reads the grey values of a mask file.</summary>
internal static class GreyMask
{
    /// <summary>A value above this is foreground in a mask of 0 and 255.</summary>
    public const byte Threshold = 127;

    /// <summary>
    /// Reads a mask as one channel. A file of three channels is taken where they are equal; where they differ the file holds
    /// colours, and which of them is meant cannot be known (the luminance of pure red, 76, would count as background).
    /// </summary>
    /// <exception cref="BadFileException">The file is missing or broken, or its channels differ.</exception>
    public static Image Load(string path)
    {
        Image image = ImageFile.Load(path);
        if (image.Channels == 1)
        {
            return image;
        }

        return EqualChannels.ToGrey(image)
            ?? throw new BadFileException(path, "the mask is coloured; save it as a grey image");
    }

    /// <summary>Gives the pixels of a mask's foreground, above 127, a label.</summary>
    /// <exception cref="BadFileException">There are values above 0, and none is foreground: a mask of 0 and 1 would silently be an empty one.</exception>
    public static void Mark(Image mask, byte[] labels, byte label, string path)
    {
        bool foreground = false;
        byte largest = 0;
        for (int i = 0; i < mask.Pixels.Length; i++)
        {
            largest = Math.Max(largest, mask.Pixels[i]);
            if (mask.Pixels[i] > Threshold)
            {
                labels[i] = label;
                foreground = true;
            }
        }

        if (!foreground && largest > 0)
        {
            throw new BadFileException(
                path,
                $"the largest value is {largest}, so nothing counts as foreground (above {Threshold}); "
                + "masks are 0 and 255, and \"cmunext prepare pairs\" makes them so");
        }
    }
}
