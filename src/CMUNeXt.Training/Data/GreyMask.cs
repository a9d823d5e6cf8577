using CMUNeXt.Files;
using CMUNeXt.Imaging;
using CMUNeXt.Pictures;

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
    public static Picture Load(string path)
    {
        Picture picture = PictureFile.Load(path);
        if (picture.Channels == 1)
        {
            return picture;
        }

        return EqualChannels.ToGrey(picture)
            ?? throw new BadFileException(path, "the mask is coloured; save it as a grey picture");
    }
}
