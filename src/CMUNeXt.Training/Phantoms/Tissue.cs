namespace CMUNeXt.Training.Phantoms;

/// <summary>The layers of a breast from the skin down, as echogenicity in dB: skin, fat, gland, fat, muscle, chest wall.</summary>
internal sealed class Tissue
{
    private const int Layers = 6;

    private readonly int width;
    private readonly double unit;
    private readonly double[] levels = new double[Layers];
    private readonly float[][] depths = new float[Layers][];
    private readonly ValueNoise coarse;
    private readonly ValueNoise fine;
    private readonly ValueNoise septa;
    private readonly ValueNoise fibres;
    private readonly double septaStrength;
    private readonly float[] coarseRow;
    private readonly float[] fineRow;
    private readonly float[] septaRow;
    private readonly float[] fibreRow;

    public Tissue(PhantomRandom random, int width, int height)
    {
        this.width = width;
        unit = width / 10.0;
        coarse = new ValueNoise(random.NextBits());
        fine = new ValueNoise(random.NextBits());
        septa = new ValueNoise(random.NextBits());
        fibres = new ValueNoise(random.NextBits());
        septaStrength = random.Between(4.0, 11.0);
        (coarseRow, fineRow, septaRow, fibreRow) = (new float[width], new float[width], new float[width], new float[width]);

        levels[0] = random.Between(-18.0, -13.0);
        levels[1] = random.Between(-32.0, -25.0);
        levels[2] = random.Between(-24.0, -17.0);
        levels[3] = random.Between(-32.0, -26.0);
        levels[4] = random.Between(-29.0, -23.0);
        levels[5] = random.Between(-42.0, -36.0);

        double fat = random.Between(0.1, 0.3);
        double gland = fat + random.Between(0.25, 0.5);
        double behind = gland + random.Between(0.03, 0.1);
        double muscle = behind + random.Between(0.15, 0.4);
        double[] bottoms = [random.Between(0.015, 0.035), fat, gland, behind, muscle];
        double[] waviness = [0.002, 0.05, 0.06, 0.03, 0.02];
        for (int i = 0; i < bottoms.Length; i++)
        {
            depths[i] = new float[width];
            new ValueNoise(random.NextBits()).Row(0, 5.0 / width, depths[i]);
            for (int x = 0; x < width; x++)
            {
                depths[i][x] = (float)(height * (bottoms[i] + (waviness[i] * depths[i][x])));
            }
        }
    }

    /// <summary>The echogenicity of one row in dB.</summary>
    public void Row(int y, Span<float> decibels)
    {
        coarse.Row(y / (unit * 0.9), 1 / (unit * 1.6), coarseRow);
        fine.Row(y / (unit * 0.12), 1 / (unit * 0.5), fineRow);
        septa.Row(y / (unit * 0.45), 1 / (unit * 1.9), septaRow);
        fibres.Row(y / (unit * 0.07), 1 / (unit * 2.5), fibreRow);
        float blend = (float)(unit * 0.08);
        for (int x = 0; x < width; x++)
        {
            // The zero lines of a smooth field wind through it as septa do through fat.
            float ridge = Math.Max(0, 1 - (Math.Abs(septaRow[x]) * 7));
            float ridges = (float)septaStrength * ridge * ridge;
            float value = Of(0, x, ridges);
            for (int layer = 1; layer < Layers; layer++)
            {
                float weight = Math.Clamp(((y - depths[layer - 1][x]) / blend) + 0.5f, 0, 1);
                if (weight > 0)
                {
                    value += (Of(layer, x, ridges) - value) * weight;
                }
            }

            // The chest wall begins with a bright reflection.
            float wall = (y - depths[Layers - 2][x]) / (float)(unit * 0.12);
            value += 19 * Math.Max(0, 1 - (wall * wall));
            decibels[x] = value;
        }
    }

    private float Of(int layer, int x, float ridges) => (float)levels[layer] + layer switch
    {
        0 => 2 * fineRow[x],
        2 => (5 * coarseRow[x]) + (4.5f * fineRow[x]) + (0.5f * ridges),
        4 => (2 * coarseRow[x]) + (5 * fibreRow[x]) + (0.4f * ridges),
        5 => 3 * coarseRow[x],
        _ => (3 * coarseRow[x]) + (2.5f * fineRow[x]) + ridges,
    };
}
