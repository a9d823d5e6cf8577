using CMUNeXt.Numerics;

namespace CMUNeXt.Training.Augmentations;

/// <summary>Another time gain compensation: a factor that grows, or falls, from top to bottom.</summary>
internal sealed class DepthGain(double most) : IImageChange
{
    public string Name => "depth gain";

    public bool IsStrong => false;

    public void Apply(AugmentedImage image, ref RandomSequence random)
    {
        double strength = new Interval(-most, most).Draw(ref random);
        foreach (float[] plane in image.Planes)
        {
            for (int y = 0; y < image.Height; y++)
            {
                float factor = (float)(1 + (strength * (((2 * y) + 1.0) / image.Height - 1)));
                foreach (ref float value in plane.AsSpan(y * image.Width, image.Width))
                {
                    value *= factor;
                }
            }
        }
    }
}
