using CMUNeXt.Numerics;

namespace CMUNeXt.Training.Augmentations;

/// <summary>Gamma, then contrast about the image's mean, then brightness: one curve from gray value to gray value.</summary>
internal sealed class ToneCurve(UltrasoundAugmentation settings) : IImageChange
{
    // Steps of a gray value that the curve is tabulated in.
    private const int Fine = 8;

    public string Name => "tone";

    public bool IsStrong => false;

    public void Apply(AugmentedImage image, ref RandomSequence random)
    {
        double gamma = settings.Gamma.DrawFactor(ref random);
        double contrast = settings.Contrast.DrawFactor(ref random);
        double brightness = 255 * new Interval(-settings.Brightness, settings.Brightness).Draw(ref random);
        float[] curve = new float[(255 * Fine) + 1];
        for (int i = 0; i < curve.Length; i++)
        {
            curve[i] = (float)(255 * Math.Pow(i / (255.0 * Fine), gamma));
        }

        double sum = 0;
        foreach (float[] plane in image.Planes)
        {
            for (int i = 0; i < plane.Length; i++)
            {
                plane[i] = curve[(int)((Math.Clamp(plane[i], 0, 255) * Fine) + 0.5f)];
                sum += plane[i];
            }
        }

        double mean = sum / (image.Planes.Length * image.Planes[0].Length);
        float scale = (float)contrast;
        float shift = (float)(mean - (contrast * mean) + brightness);
        foreach (float[] plane in image.Planes)
        {
            for (int i = 0; i < plane.Length; i++)
            {
                // What is black lies beside the image or in a shadow, and stays black.
                plane[i] = plane[i] == 0 ? 0 : (plane[i] * scale) + shift;
            }
        }
    }
}
