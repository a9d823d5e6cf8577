using CMUNeXt.Images;
using CMUNeXt.Numerics;

namespace CMUNeXt.Training.Augmentations;

/// <summary>An elastic warp: how far each pixel's place moves, smooth between the points of a coarse grid.</summary>
/// <param name="X">To the right, in pixels of the image.</param>
/// <param name="Y">Down.</param>
internal sealed record Displacement(float[] X, float[] Y)
{
    private const int Grid = 6;

    /// <summary>Draws a warp that moves no place by more than a share of the image's sides.</summary>
    public static Displacement Draw(double most, ref RandomSequence random, (int Width, int Height) from, (int Width, int Height) to)
    {
        float[] x = new float[Grid * Grid];
        float[] y = new float[Grid * Grid];
        Interval share = new(-most, most);
        for (int i = 0; i < x.Length; i++)
        {
            x[i] = (float)(share.Draw(ref random) * from.Width);
            y[i] = (float)(share.Draw(ref random) * from.Height);
        }

        return new Displacement(Image.ResizeMap(x, Grid, Grid, to.Width, to.Height), Image.ResizeMap(y, Grid, Grid, to.Width, to.Height));
    }
}
