using CMUNeXt.Images;
using CMUNeXt.Masks;
using CMUNeXt.Numerics;
using CMUNeXt.Training.Data;
using CMUNeXt.Training.Metrics;

namespace CMUNeXt.Training.Augmentations;

/// <summary>
/// A lesion and the tissue around it, which can be put into another image: whole in the lesion, and fading out around it, so that no edge
/// shows where the piece ends.
/// </summary>
internal sealed class LesionPiece
{
    // Of the lesion, in its own image; a larger one leaves no tissue of the other image.
    private const double LargestShare = 0.25;

    // Of the piece, in the image that it is put into.
    private const double LargestSide = 0.8;

    // How far the surroundings reach, as a share of the lesion's shorter side, and at least, in pixels.
    private const double Surroundings = 0.4;
    private const int LeastMargin = 4;

    // A mean gray value of tissue; darker is shadow, or beside the field of view.
    private const double Darkest = 15;

    private readonly int width;
    private readonly int height;
    private readonly float[][] planes;
    private readonly byte[] labels;
    private readonly float[] share;

    private LesionPiece(int width, int height, float[][] planes, byte[] labels, float[] share) =>
        (this.width, this.height, this.planes, this.labels, this.share) = (width, height, planes, labels, share);

    /// <summary>Cuts the lesions of an image out as one piece.</summary>
    /// <param name="source">The image.</param>
    /// <param name="mask">Its mask, of the same size.</param>
    /// <param name="scale">By what factor the piece is enlarged.</param>
    /// <param name="flip">Whether left and right change places.</param>
    /// <returns>Null where there is no lesion, it is too large, or it reaches the image's border.</returns>
    public static LesionPiece? Cut(Image source, Mask mask, double scale, bool flip)
    {
        if (Box(mask) is not var (left, top, right, bottom, area) || area > LargestShare * mask.Pixels.Length)
        {
            return null;
        }

        int wanted = Math.Max(LeastMargin, (int)(Surroundings * Math.Min(right - left, bottom - top)));
        int[] room = [left, top, source.Width - right, source.Height - bottom];
        int margin = Math.Min(wanted, room.Min());
        if (margin < LeastMargin)
        {
            return null;
        }

        (left, top, right, bottom) = (left - margin, top - margin, right + margin, bottom + margin);
        (int fromWidth, int fromHeight) = (right - left, bottom - top);
        (int width, int height) = (Math.Max(1, (int)(scale * fromWidth)), Math.Max(1, (int)(scale * fromHeight)));
        float[][] planes = new float[source.Channels][];
        for (int c = 0; c < planes.Length; c++)
        {
            float[] plane = new float[fromWidth * fromHeight];
            for (int i = 0; i < plane.Length; i++)
            {
                plane[i] = source.Pixels[(At(i) * source.Channels) + c];
            }

            planes[c] = Image.ResizeMap(plane, fromWidth, fromHeight, width, height);
        }

        byte[] labels = new byte[fromWidth * fromHeight];
        bool[] inside = new bool[labels.Length];
        for (int i = 0; i < labels.Length; i++)
        {
            labels[i] = mask.Pixels[At(i)];
            inside[i] = LesionLabels.IsLesion(labels[i]);
        }

        return new LesionPiece(
            width, height, planes,
            new Mask(fromWidth, fromHeight, labels).Resize(width, height).Pixels,
            Image.ResizeMap(Fade(inside, fromWidth, margin), fromWidth, fromHeight, width, height));

        int At(int i)
        {
            (int y, int x) = Math.DivRem(i, fromWidth);
            return ((top + y) * source.Width) + (flip ? right - 1 - x : left + x);
        }
    }

    /// <summary>Puts the piece somewhere into an image. Beside its new tissue the lesion is as dark as it was beside its own.</summary>
    /// <param name="image">The image, which is not changed.</param>
    /// <param name="mask">Its mask, of the same size, which is not changed.</param>
    /// <param name="random">Says where.</param>
    /// <returns>Image and mask with the lesion; null where the piece is too large or lies on no tissue.</returns>
    public (Image Image, Mask Mask)? Put(Image image, Mask mask, ref RandomSequence random)
    {
        if (width > LargestSide * image.Width || height > LargestSide * image.Height)
        {
            return null;
        }

        int x = random.NextInt(image.Width - width + 1);
        int y = random.NextInt(image.Height - height + 1);
        float gain = Gain(image, x, y);
        if (gain == 0)
        {
            return null;
        }

        byte[] pixels = [.. image.Pixels];
        byte[] classes = [.. mask.Pixels];
        for (int i = 0; i < share.Length; i++)
        {
            int to = At(i);
            for (int c = 0; c < image.Channels; c++)
            {
                ref byte pixel = ref pixels[(to * image.Channels) + c];
                float value = Math.Clamp(planes[Math.Min(c, planes.Length - 1)][i] * gain, 0, 255);
                pixel = (byte)MathF.Round(pixel + ((value - pixel) * share[i]));
            }

            // What is ignored beside the lesion stays so as far as the piece shows.
            classes[to] = labels[i] > 0 && share[i] > 0 ? labels[i] : classes[to];
        }

        return (new Image(image.Width, image.Height, image.Channels, pixels), new Mask(image.Width, image.Height, classes));

        int At(int i)
        {
            (int down, int right) = Math.DivRem(i, width);
            return ((y + down) * image.Width) + x + right;
        }
    }

    // The mean of the tissue at a place by that around the lesion; 0 where there is no tissue.
    private float Gain(Image image, int x, int y)
    {
        (double tissue, double around, int count) = (0, 0, 0);
        for (int i = 0; i < labels.Length; i++)
        {
            (int down, int right) = Math.DivRem(i, width);
            tissue += image.Pixels[(((y + down) * image.Width) + x + right) * image.Channels];
            around += labels[i] == 0 ? planes[0][i] : 0;
            count += labels[i] == 0 ? 1 : 0;
        }

        // Five gray values keep the factor of two dark places near 1.
        tissue /= labels.Length;
        return tissue < Darkest || count == 0 ? 0 : (float)Math.Clamp((tissue + 5) / ((around / count) + 5), 0.5, 2);
    }

    // 1 in the lesion, 0 at the piece's border.
    private static float[] Fade(bool[] inside, int width, int margin)
    {
        DistanceTransform distances = new(inside, width);
        float[] share = new float[inside.Length];
        long[] squared = new long[width];
        for (int i = 0; i < share.Length; i++)
        {
            if (i % width == 0)
            {
                distances.Row(i / width, squared);
            }

            float near = Math.Max(0, 1 - ((float)Math.Sqrt(squared[i % width]) / margin));
            share[i] = near * near * (3 - (2 * near));
        }

        return share;
    }

    private static (int Left, int Top, int Right, int Bottom, int Area)? Box(Mask mask)
    {
        (int left, int top, int right, int bottom, int area) = (mask.Width, mask.Height, 0, 0, 0);
        for (int i = 0; i < mask.Pixels.Length; i++)
        {
            if (LesionLabels.IsLesion(mask.Pixels[i]))
            {
                (int y, int x) = Math.DivRem(i, mask.Width);
                (left, top) = (Math.Min(left, x), Math.Min(top, y));
                (right, bottom, area) = (Math.Max(right, x + 1), y + 1, area + 1);
            }
        }

        return area > 0 ? (left, top, right, bottom, area) : null;
    }
}
