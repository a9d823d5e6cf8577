using CMUNeXt.Images;
using CMUNeXt.Numerics;

namespace CMUNeXt.Training.Augmentations;

/// <summary>Makes an image smaller, and brings it back to its size.</summary>
internal sealed class LowResolution(double most) : IImageChange
{
    public string Name => "low resolution";

    public bool IsStrong => true;

    public void Apply(AugmentedImage image, ref RandomSequence random)
    {
        double factor = new Interval(1, most).DrawFactor(ref random);
        int width = Math.Max((int)(image.Width / factor), 1);
        int height = Math.Max((int)(image.Height / factor), 1);
        foreach (float[] plane in image.Planes)
        {
            float[] small = Image.ResizeMap(plane, image.Width, image.Height, width, height);
            Image.ResizeMap(small, width, height, image.Width, image.Height).CopyTo(plane, 0);
        }
    }
}
