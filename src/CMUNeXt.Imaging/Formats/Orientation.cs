using CMUNeXt.Images;

namespace CMUNeXt.Imaging.Formats;

/// <summary>
/// The orientation of Exif and TIFF (tag 274), 1 to 8: where the first stored row and column stand in the shown image.
/// </summary>
internal static class Orientation
{
    /// <summary>Stored as shown.</summary>
    public const int Upright = 1;

    /// <summary>Whether rows and columns change places.</summary>
    public static bool SwapsAxes(int orientation) => orientation is >= 5 and <= 8;

    /// <summary>The image as it is to be shown; an unknown value leaves it as it is.</summary>
    public static Image Apply(Image stored, int orientation)
    {
        if (orientation is <= Upright or > 8)
        {
            return stored;
        }

        bool swap = SwapsAxes(orientation);
        int width = swap ? stored.Height : stored.Width;
        int height = swap ? stored.Width : stored.Height;
        int channels = stored.Channels;
        byte[] pixels = new byte[stored.Pixels.Length];
        int target = 0;
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                (int column, int row) = orientation switch
                {
                    2 => (stored.Width - 1 - x, y),
                    3 => (stored.Width - 1 - x, stored.Height - 1 - y),
                    4 => (x, stored.Height - 1 - y),
                    5 => (y, x),
                    6 => (y, stored.Height - 1 - x),
                    7 => (stored.Width - 1 - y, stored.Height - 1 - x),
                    _ => (stored.Width - 1 - y, x),
                };
                int source = ((row * stored.Width) + column) * channels;
                for (int c = 0; c < channels; c++)
                {
                    pixels[target++] = stored.Pixels[source + c];
                }
            }
        }

        return new Image(width, height, channels, pixels);
    }
}
