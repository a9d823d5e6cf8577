using CMUNeXt.Pictures;

namespace CMUNeXt.Training.Preparation;

/// <summary>Scales a mask of one channel by its nearest pixels, as OpenCV's INTER_NEAREST does: source index floor(i x n / m).</summary>
internal static class NearestMask
{
    /// <summary>The mask at another size.</summary>
    public static Picture Resize(Picture mask, int width, int height)
    {
        byte[] pixels = new byte[width * height];
        for (int y = 0; y < height; y++)
        {
            int row = (int)((long)y * mask.Height / height) * mask.Width;
            for (int x = 0; x < width; x++)
            {
                pixels[(y * width) + x] = mask.Pixels[row + (int)((long)x * mask.Width / width)];
            }
        }

        return new Picture(width, height, 1, pixels);
    }
}
