using CMUNeXt.Numerics;

namespace CMUNeXt.Training.Augmentations;

/// <summary>A Gaussian blur.</summary>
internal sealed class GaussianBlur(double most) : IImageChange
{
    private const double Least = 0.3;

    public string Name => "blur";

    public bool IsStrong => true;

    public void Apply(AugmentedImage image, ref RandomSequence random)
    {
        double sigma = new Interval(Math.Min(Least, most), most).Draw(ref random);
        int radius = (int)Math.Ceiling(3 * sigma);
        double[] curve = [.. Enumerable.Range(-radius, (2 * radius) + 1).Select(x => Math.Exp(-x * x / (2 * sigma * sigma)))];
        double sum = curve.Sum();
        float[] weights = [.. curve.Select(value => (float)(value / sum))];
        foreach (float[] plane in image.Planes)
        {
            SeparableFilter.Apply(plane, image.Width, image.Height, weights);
        }
    }
}
