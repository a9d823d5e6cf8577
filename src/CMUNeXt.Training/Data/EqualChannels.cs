using CMUNeXt.Images;

namespace CMUNeXt.Training.Data;

/// <summary>Recognizes gray images that are stored as red, green, blue.</summary>
internal static class EqualChannels
{
    /// <summary>The one channel of an image whose three are equal everywhere; null where they differ.</summary>
    /// <param name="image">An image of 3 channels.</param>
    public static Image? ToGray(Image image)
    {
        byte[] rgb = image.Pixels;
        byte[] gray = new byte[image.Width * image.Height];
        for (int i = 0; i < gray.Length; i++)
        {
            byte red = rgb[3 * i];
            if (rgb[(3 * i) + 1] != red || rgb[(3 * i) + 2] != red)
            {
                return null;
            }

            gray[i] = red;
        }

        return new Image(image.Width, image.Height, 1, gray);
    }
}
