using CMUNeXt.Images;

namespace CMUNeXt.Imaging.Tests;

/// <summary>Images as they are shown, by the words in which the Exif standard says it.</summary>
internal static class Upright
{
    /// <summary>Each orientation, with where the first row and the first column of the stored image are shown.</summary>
    public static TheoryData<int, string> Orientations => new()
    {
        { 1, "top left" },
        { 2, "top right" },
        { 3, "bottom right" },
        { 4, "bottom left" },
        { 5, "left top" },
        { 6, "right top" },
        { 7, "right bottom" },
        { 8, "left bottom" },
    };

    /// <summary>What is shown of a stored image.</summary>
    public static Image Of(Image stored, string firstRowThenColumn)
    {
        bool swap = firstRowThenColumn.StartsWith("left", StringComparison.Ordinal)
            || firstRowThenColumn.StartsWith("right", StringComparison.Ordinal);
        int width = swap ? stored.Height : stored.Width;
        int height = swap ? stored.Width : stored.Height;
        int channels = stored.Channels;
        byte[] pixels = new byte[stored.Pixels.Length];
        for (int row = 0; row < stored.Height; row++)
        {
            for (int column = 0; column < stored.Width; column++)
            {
                (int x, int y) = firstRowThenColumn switch
                {
                    "top left" => (column, row),
                    "top right" => (width - 1 - column, row),
                    "bottom right" => (width - 1 - column, height - 1 - row),
                    "bottom left" => (column, height - 1 - row),
                    "left top" => (row, column),
                    "right top" => (width - 1 - row, column),
                    "right bottom" => (width - 1 - row, height - 1 - column),
                    _ => (row, height - 1 - column),
                };
                stored.Pixels.AsSpan(((row * stored.Width) + column) * channels, channels)
                    .CopyTo(pixels.AsSpan(((y * width) + x) * channels));
            }
        }

        return new Image(width, height, channels, pixels);
    }
}
