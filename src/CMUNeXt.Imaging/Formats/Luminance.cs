using CMUNeXt.Pictures;

namespace CMUNeXt.Imaging.Formats;

/// <summary>Colour to grey as OpenCV's IMREAD_GRAYSCALE does it, in its integer arithmetic (weights 0.299, 0.587, 0.114).</summary>
internal static class Luminance
{
    /// <summary>The one-channel form of a picture; a grey one is returned as it is.</summary>
    public static Picture Of(Picture picture)
    {
        if (picture.Channels == 1)
        {
            return picture;
        }

        byte[] rgb = picture.Pixels;
        byte[] grey = new byte[picture.Width * picture.Height];
        for (int i = 0; i < grey.Length; i++)
        {
            grey[i] = (byte)(((rgb[3 * i] * 4899) + (rgb[(3 * i) + 1] * 9617) + (rgb[(3 * i) + 2] * 1868) + (1 << 13)) >> 14);
        }

        return new Picture(picture.Width, picture.Height, 1, grey);
    }
}
