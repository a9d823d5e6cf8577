namespace CMUNeXt.Training.Phantoms;

/// <summary>The kinds of contour.</summary>
internal enum LesionContour
{
    /// <summary>A smooth oval, as cysts and fibroadenomas have.</summary>
    Oval,

    /// <summary>Several soft bulges.</summary>
    Lobulated,

    /// <summary>Irregular, with spikes that grow into the tissue.</summary>
    Spiculated,
}

/// <summary>
/// One lesion: a star-shaped contour around its center, and how it echoes. Angles are handled as (cosine, sine) pairs, and multiples
/// of them by powers of that complex number, so that no inverse function is needed.
/// </summary>
internal sealed class Lesion
{
    private readonly double centerX;
    private readonly double centerY;
    private readonly double radiusX;
    private readonly double radiusY;
    private readonly double tiltCos;
    private readonly double tiltSin;
    private readonly (double Cos, double Sin)[] harmonics;
    private readonly (double Cos, double Sin, double Height, double Width)[] spikes;

    private Lesion(PhantomRandom random, int width, int height)
    {
        Contour = random.Chance(0.45) ? LesionContour.Oval : random.Chance(0.5) ? LesionContour.Lobulated : LesionContour.Spiculated;
        bool wide = Contour != LesionContour.Spiculated;

        // The square root makes small lesions the more frequent ones.
        double size = Math.Min(width, height) * (0.05 + (0.21 * random.NextDouble() * Math.Sqrt(random.NextDouble())));
        double ratio = wide ? random.Between(0.5, 0.85) : random.Between(0.75, 1.25);
        radiusX = size;
        radiusY = size * ratio;
        centerX = width * random.Between(0.22, 0.78);
        centerY = Math.Max(height * random.Between(0.26, 0.58), (height * 0.1) + (1.2 * radiusY));
        double tilt = random.Between(-0.06, 0.06);
        tiltCos = PortableMath.Cos(tilt);
        tiltSin = PortableMath.Sin(tilt);

        double roughness = Contour switch { LesionContour.Oval => 0.02, LesionContour.Lobulated => 0.09, _ => 0.05 };
        harmonics = new (double, double)[Contour == LesionContour.Spiculated ? 9 : 6];
        for (int k = 1; k < harmonics.Length; k++)
        {
            double strength = roughness * random.Between(0.3, 1.0) * (k == 1 ? 0.3 : 1);
            double phase = random.NextDouble();
            harmonics[k] = (strength * PortableMath.Cos(phase), strength * PortableMath.Sin(phase));
        }

        spikes = new (double, double, double, double)[Contour == LesionContour.Spiculated ? random.Between(7, 14) : 0];
        for (int i = 0; i < spikes.Length; i++)
        {
            double angle = (i + random.Between(-0.35, 0.35)) / spikes.Length;
            spikes[i] = (PortableMath.Cos(angle), PortableMath.Sin(angle), random.Between(0.12, 0.45), random.Between(0.012, 0.04));
        }

        Level = random.Between(-13.0, -5.0);
        Texture = random.Between(1.0, 4.0);
        Margin = Contour == LesionContour.Spiculated ? random.Between(0.05, 0.14) : random.Between(0.02, 0.06);
        Rim = Contour == LesionContour.Spiculated ? random.Between(0.0, 3.0) : random.Between(2.0, 7.0);
        Posterior = Contour == LesionContour.Spiculated
            ? (random.Chance(0.75) ? random.Between(-20.0, -8.0) : 0)
            : random.Chance(0.6) ? random.Between(3.0, 9.0) : 0;
        bool cyst = Contour == LesionContour.Oval && random.Chance(0.35);
        if (cyst)
        {
            Level = -26;
            Texture = 1;
            Posterior = random.Between(6.0, 11.0);
        }
    }

    public LesionContour Contour { get; }

    /// <summary>The echo inside, in dB relative to the tissue at its place.</summary>
    public double Level { get; }

    /// <summary>How much the echo inside varies, in dB.</summary>
    public double Texture { get; }

    /// <summary>The width of the transition at the contour, as a part of the radius.</summary>
    public double Margin { get; }

    /// <summary>The brightness of the rim, in dB.</summary>
    public double Rim { get; }

    /// <summary>What the tissue below the thickest part gains (enhancement) or loses (shadow), in dB.</summary>
    public double Posterior { get; }

    /// <summary>The pixels that the lesion and its margin can reach, the last ones excluded.</summary>
    public (int Left, int Top, int Right, int Bottom) Reach(int width, int height)
    {
        double reach = 1.9 * Math.Max(radiusX, radiusY);
        return (
            Math.Max(0, (int)(centerX - reach)),
            Math.Max(0, (int)(centerY - reach)),
            Math.Min(width, (int)(centerX + reach) + 1),
            Math.Min(height, (int)(centerY + reach) + 1));
    }

    /// <summary>Places a lesion.</summary>
    public static Lesion Create(PhantomRandom random, int width, int height) => new(random, width, height);

    /// <summary>The distance from the center as a part of the contour's in that direction: below 1 inside.</summary>
    public double RelativeRadius(double x, double y)
    {
        double dx = x - centerX;
        double dy = y - centerY;
        double u = ((dx * tiltCos) + (dy * tiltSin)) / radiusX;
        double v = ((dy * tiltCos) - (dx * tiltSin)) / radiusY;
        double radius = Math.Sqrt((u * u) + (v * v));
        if (radius is < 0.4 or > 1.8)
        {
            return radius;
        }

        double cos = u / radius;
        double sin = v / radius;
        double contour = 1;
        double powerCos = 1;
        double powerSin = 0;
        for (int k = 1; k < harmonics.Length; k++)
        {
            (powerCos, powerSin) = ((powerCos * cos) - (powerSin * sin), (powerCos * sin) + (powerSin * cos));
            contour += (harmonics[k].Cos * powerCos) + (harmonics[k].Sin * powerSin);
        }

        foreach ((double spikeCos, double spikeSin, double spikeHeight, double spikeWidth) in spikes)
        {
            // 1 - cos of the angle to the spike is half its square for small angles.
            double away = 1 - ((cos * spikeCos) + (sin * spikeSin));
            if (away < spikeWidth)
            {
                double near = 1 - (away / spikeWidth);
                contour += spikeHeight * near * near;
            }
        }

        return radius / contour;
    }
}
