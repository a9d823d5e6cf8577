using CMUNeXt.Pictures;

namespace CMUNeXt.Training.Data;

/// <summary>Recognises grey pictures that are stored as red, green, blue.</summary>
internal static class EqualChannels
{
    /// <summary>The one channel of a picture whose three are equal everywhere; null where they differ.</summary>
    /// <param name="picture">A picture of 3 channels.</param>
    public static Picture? ToGrey(Picture picture)
    {
        byte[] rgb = picture.Pixels;
        byte[] grey = new byte[picture.Width * picture.Height];
        for (int i = 0; i < grey.Length; i++)
        {
            byte red = rgb[3 * i];
            if (rgb[(3 * i) + 1] != red || rgb[(3 * i) + 2] != red)
            {
                return null;
            }

            grey[i] = red;
        }

        return new Picture(picture.Width, picture.Height, 1, grey);
    }
}
