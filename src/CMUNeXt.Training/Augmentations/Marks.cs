using CMUNeXt.Numerics;

namespace CMUNeXt.Training.Augmentations;

/// <summary>
/// Calipers with a dotted line between them, and lines of letters, anywhere on an image and whatever it shows: in hospitals' images
/// calipers stand at lesions, and a network that has learned to look for them finds nothing without.
/// </summary>
internal sealed class Marks : IImageChange
{
    public string Name => "marks";

    public bool IsStrong => true;

    public void Apply(AugmentedImage image, ref RandomSequence random)
    {
        float value = (float)new Interval(150, 255).Draw(ref random);
        int measurements = random.NextInt(3);
        for (int i = 0; i < measurements; i++)
        {
            Measure(image, value, ref random);
        }

        // Without a measurement there is at least a line of letters.
        int lines = random.NextInt(3) + (measurements == 0 ? 1 : 0);
        for (int i = 0; i < lines; i++)
        {
            Write(image, value, ref random);
        }
    }

    // Two calipers, a tenth to a half of the image apart.
    private static void Measure(AugmentedImage image, float value, ref RandomSequence random)
    {
        double x = random.NextDouble() * image.Width;
        double y = random.NextDouble() * image.Height;
        double angle = random.NextDouble() * Math.PI;
        double length = new Interval(0.1, 0.5).Draw(ref random) * Math.Min(image.Width, image.Height);
        (double down, double right) = Math.SinCos(angle);
        bool dotted = random.NextDouble() < 0.5;
        bool upright = random.NextDouble() < 0.5;
        int arm = 2 + random.NextInt(3);
        Cross(image, (int)x, (int)y, arm, upright, value);
        Cross(image, (int)(x + (length * right)), (int)(y + (length * down)), arm, upright, value);
        for (double t = 4; dotted && t < length; t += 4)
        {
            Put(image, (int)(x + (t * right)), (int)(y + (t * down)), value);
        }
    }

    private static void Cross(AugmentedImage image, int x, int y, int arm, bool upright, float value)
    {
        for (int i = -arm; i <= arm; i++)
        {
            Put(image, x + i, upright ? y : y + i, value);
            Put(image, upright ? x : x - i, y + i, value);
        }
    }

    private static void Write(AugmentedImage image, float value, ref RandomSequence random)
    {
        int x = random.NextInt(image.Width);
        int y = random.NextInt(image.Height);
        int length = 2 + random.NextInt(7);
        for (int i = 0; i < length; i++, x += Glyphs.Width + 1)
        {
            int glyph = random.NextInt(Glyphs.Count);
            for (int row = 0; row < Glyphs.Height; row++)
            {
                for (int column = 0; column < Glyphs.Width; column++)
                {
                    if (Glyphs.IsSet(glyph, column, row))
                    {
                        Put(image, x + column, y + row, value);
                    }
                }
            }
        }
    }

    private static void Put(AugmentedImage image, int x, int y, float value)
    {
        if (x >= 0 && x < image.Width && y >= 0 && y < image.Height)
        {
            foreach (float[] plane in image.Planes)
            {
                plane[(y * image.Width) + x] = value;
            }
        }
    }
}
