using CMUNeXt.Images;

namespace CMUNeXt.Training.Preparation;

/// <summary>Recognizes masks in which background and foreground have changed places.</summary>
internal static class InvertedMask
{
    /// <summary>Whether more than half of the pixels are foreground, nine tenths of the outermost among them.</summary>
    /// <param name="classes">The class of each pixel, 0 the background.</param>
    public static bool Seems(Image classes)
    {
        int foreground = classes.Pixels.Length - classes.Pixels.AsSpan().Count((byte)0);

        // A label map of several classes may do without background.
        if (foreground <= classes.Pixels.Length / 2
            || (foreground == classes.Pixels.Length && classes.Pixels.AsSpan().ContainsAnyExcept(classes.Pixels[0])))
        {
            return false;
        }

        int border = 0;
        int foregroundBorder = 0;
        for (int i = 0; i < classes.Pixels.Length; i++)
        {
            int x = i % classes.Width;
            int y = i / classes.Width;
            if (x == 0 || y == 0 || x == classes.Width - 1 || y == classes.Height - 1)
            {
                border++;
                foregroundBorder += classes.Pixels[i] > 0 ? 1 : 0;
            }
        }

        return foregroundBorder * 10L >= border * 9L;
    }
}
