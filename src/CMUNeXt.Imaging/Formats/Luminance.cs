using CMUNeXt.Images;

namespace CMUNeXt.Imaging.Formats;

/// <summary>Color to gray as OpenCV's IMREAD_GRAYSCALE does it, in its integer arithmetic (weights 0.299, 0.587, 0.114).</summary>
internal static class Luminance
{
    /// <summary>The one-channel form of an image; a gray one is returned as it is.</summary>
    public static Image Of(Image image)
    {
        if (image.Channels == 1)
        {
            return image;
        }

        byte[] rgb = image.Pixels;
        byte[] gray = new byte[image.Width * image.Height];
        for (int i = 0; i < gray.Length; i++)
        {
            gray[i] = (byte)(((rgb[3 * i] * 4899) + (rgb[(3 * i) + 1] * 9617) + (rgb[(3 * i) + 2] * 1868) + (1 << 13)) >> 14);
        }

        return new Image(image.Width, image.Height, 1, gray);
    }
}
