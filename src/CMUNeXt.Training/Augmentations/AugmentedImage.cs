using CMUNeXt.Images;
using CMUNeXt.Masks;

namespace CMUNeXt.Training.Augmentations;

/// <summary>An image of the network's size while its gray values are changed, and its mask.</summary>
/// <param name="width">Width in pixels.</param>
/// <param name="height">Height in pixels.</param>
/// <param name="channels">1 or 3.</param>
internal sealed class AugmentedImage(int width, int height, int channels)
{
    public int Width { get; } = width;

    public int Height { get; } = height;

    /// <summary>One plane a channel: height x width values from 0 to 255, not rounded; a change may leave them outside.</summary>
    public float[][] Planes { get; } = [.. Enumerable.Range(0, channels).Select(_ => new float[width * height])];

    /// <summary>The class of each pixel.</summary>
    public Mask Mask { get; } = new(width, height, new byte[width * height]);

    /// <summary>The image, rounded to whole values from 0 to 255.</summary>
    public Image ToImage()
    {
        byte[] pixels = new byte[Width * Height * Planes.Length];
        for (int c = 0; c < Planes.Length; c++)
        {
            float[] plane = Planes[c];
            for (int i = 0, to = c; i < plane.Length; i++, to += Planes.Length)
            {
                pixels[to] = (byte)(Math.Clamp(plane[i], 0, 255) + 0.5f);
            }
        }

        return new Image(Width, Height, Planes.Length, pixels);
    }
}
