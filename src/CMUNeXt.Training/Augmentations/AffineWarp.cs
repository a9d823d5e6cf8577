using CMUNeXt.Images;
using CMUNeXt.Masks;
using CMUNeXt.Numerics;

namespace CMUNeXt.Training.Augmentations;

/// <summary>
/// Where each pixel of the network's input comes from in an image of any size: the change of size, flip, scale, aspect, rotation and shift
/// in one, so that an image is interpolated once. Beside the image all is black, and background.
/// </summary>
/// <param name="XAcross">How far the place moves to the right with each column.</param>
/// <param name="XDown">How far it moves to the right with each row.</param>
/// <param name="XFirst">The place of the first pixel.</param>
/// <param name="YAcross">How far the place moves down with each column.</param>
/// <param name="YDown">How far it moves down with each row.</param>
/// <param name="YFirst">The place of the first pixel.</param>
internal readonly record struct AffineWarp(double XAcross, double XDown, double XFirst, double YAcross, double YDown, double YFirst)
{
    /// <summary>Draws a warp.</summary>
    /// <param name="settings">How strong it is at the most.</param>
    /// <param name="random">Where its numbers come from.</param>
    /// <param name="from">Width and height of the image.</param>
    /// <param name="to">Width and height of the network's input.</param>
    public static AffineWarp Draw(
        UltrasoundAugmentation settings, ref RandomSequence random, (int Width, int Height) from, (int Width, int Height) to)
    {
        double scale = settings.Scale.DrawFactor(ref random);
        double aspect = Math.Sqrt(settings.Aspect.DrawFactor(ref random));
        double angle = new Interval(-settings.Rotation, settings.Rotation).Draw(ref random) * Math.PI / 180;
        double right = new Interval(-settings.Shift, settings.Shift).Draw(ref random) * from.Width;
        double down = new Interval(-settings.Shift, settings.Shift).Draw(ref random) * from.Height;
        double flip = random.NextDouble() < settings.Flip ? -1 : 1;
        AffineWarp upright = Of(scale * aspect, scale / aspect, angle, (right, down), flip, from, to);
        int turns = random.NextDouble() < settings.QuarterTurns ? random.NextInt(4) : 0;
        bool upsideDown = random.NextDouble() < settings.VerticalFlip;
        return upright.Turned(turns, upsideDown, to);
    }

    /// <summary>The warp after which the network's input is turned, whatever its shape, and flipped.</summary>
    /// <param name="quarterTurns">By how many quarters it is turned to the left.</param>
    /// <param name="upsideDown">Whether top and bottom then change places.</param>
    /// <param name="to">Width and height of the network's input.</param>
    public AffineWarp Turned(int quarterTurns, bool upsideDown, (int Width, int Height) to)
    {
        // From the input's middle, in units of its sides, the way to the image's place is (xu u + xv v, yu u + yv v).
        (double xu, double xv, double yu, double yv) = (XAcross * to.Width, XDown * to.Height, YAcross * to.Width, YDown * to.Height);
        for (int i = 0; i < quarterTurns; i++)
        {
            (xu, xv, yu, yv) = (xv, -xu, yv, -yu);
        }

        (xv, yv) = upsideDown ? (-xv, -yv) : (xv, yv);
        double middleColumn = (to.Width - 1) / 2.0, middleRow = (to.Height - 1) / 2.0;
        (double xAcross, double xDown, double yAcross, double yDown) = (xu / to.Width, xv / to.Height, yu / to.Width, yv / to.Height);
        return new AffineWarp(
            xAcross, xDown, XFirst + ((XAcross - xAcross) * middleColumn) + ((XDown - xDown) * middleRow),
            yAcross, yDown, YFirst + ((YAcross - yAcross) * middleColumn) + ((YDown - yDown) * middleRow));
    }

    /// <summary>The warp that scales, rotates to the right, and shifts an image about its middle.</summary>
    /// <param name="wider">By what factor the image becomes wider.</param>
    /// <param name="higher">By what factor it becomes higher.</param>
    /// <param name="angle">In radians.</param>
    /// <param name="shift">In pixels of the image.</param>
    /// <param name="flip">-1 where left and right change places, else 1.</param>
    /// <param name="from">Width and height of the image.</param>
    /// <param name="to">Width and height of the network's input.</param>
    public static AffineWarp Of(
        double wider, double higher, double angle, (double Right, double Down) shift, double flip, (int Width, int Height) from,
        (int Width, int Height) to)
    {
        // The inverse, from the input's pixel to the image's: from the middle, undo the shift, the rotation, the scale, then the flip.
        (double sin, double cos) = Math.SinCos(angle);
        double perColumn = (double)from.Width / to.Width;
        double perRow = (double)from.Height / to.Height;
        double xx = flip * cos / wider, xy = flip * sin / wider;
        double yx = -sin / higher, yy = cos / higher;
        double firstX = (0.5 - (to.Width / 2.0)) * perColumn - shift.Right;
        double firstY = (0.5 - (to.Height / 2.0)) * perRow - shift.Down;
        return new AffineWarp(
            xx * perColumn, xy * perRow, (xx * firstX) + (xy * firstY) + (from.Width / 2.0) - 0.5,
            yx * perColumn, yy * perRow, (yx * firstX) + (yy * firstY) + (from.Height / 2.0) - 0.5);
    }

    /// <summary>Samples an image bilinearly and its mask by the nearest pixel.</summary>
    /// <param name="image">The image, of any size.</param>
    /// <param name="mask">Its mask, of the same size.</param>
    /// <param name="target">Receives both; with one plane, colors become their mean.</param>
    /// <param name="elastic">What is added to each place; null adds nothing.</param>
    public void Sample(Image image, Mask mask, AugmentedImage target, Displacement? elastic)
    {
        int width = image.Width, height = image.Height, channels = image.Channels;
        byte[] pixels = image.Pixels;
        bool average = channels == 3 && target.Planes.Length == 1;
        for (int y = 0, i = 0; y < target.Height; y++)
        {
            for (int x = 0; x < target.Width; x++, i++)
            {
                float fromX = (float)((XAcross * x) + (XDown * y) + XFirst);
                float fromY = (float)((YAcross * x) + (YDown * y) + YFirst);
                if (elastic is not null)
                {
                    fromX += elastic.X[i];
                    fromY += elastic.Y[i];
                }

                if (fromX < -0.5f || fromX >= width - 0.5f || fromY < -0.5f || fromY >= height - 0.5f)
                {
                    continue;
                }

                target.Mask.Pixels[i] = mask.Pixels[((int)(fromY + 0.5f) * width) + (int)(fromX + 0.5f)];
                fromX = Math.Clamp(fromX, 0, width - 1);
                fromY = Math.Clamp(fromY, 0, height - 1);
                int left = (int)fromX, top = (int)fromY;
                float toRight = fromX - left, toBottom = fromY - top;
                int first = ((top * width) + left) * channels;
                int right = left + 1 < width ? channels : 0;
                int below = top + 1 < height ? width * channels : 0;
                if (average)
                {
                    target.Planes[0][i] = (Between(first) + Between(first + 1) + Between(first + 2)) / 3;
                }
                else
                {
                    for (int c = 0; c < target.Planes.Length; c++)
                    {
                        target.Planes[c][i] = Between(first + c);
                    }
                }

                float Between(int place)
                {
                    float upper = pixels[place] + ((pixels[place + right] - pixels[place]) * toRight);
                    float lower = pixels[place + below] + ((pixels[place + below + right] - pixels[place + below]) * toRight);
                    return upper + ((lower - upper) * toBottom);
                }
            }
        }
    }
}
