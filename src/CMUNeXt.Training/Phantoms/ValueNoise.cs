using CMUNeXt.Numerics;

namespace CMUNeXt.Training.Phantoms;

/// <summary>Smooth random fields: values on a lattice, with C1 interpolation between them.</summary>
internal sealed class ValueNoise(ulong seed)
{
    /// <summary>One row of noise.</summary>
    /// <param name="row">The ordinate in lattice units.</param>
    /// <param name="step">The distance of neighboring values in lattice units.</param>
    /// <param name="values">Values in [-1, 1], from abscissa 0 on.</param>
    public void Row(double row, double step, Span<float> values)
    {
        double floor = Math.Floor(row);
        int top = (int)floor;
        float v = Smooth((float)(row - floor));
        int cell = int.MinValue;
        float left = 0;
        float right = 0;
        for (int i = 0; i < values.Length; i++)
        {
            double x = i * step;
            int column = (int)x;
            if (column != cell)
            {
                left = Column(column, top, v);
                right = Column(column + 1, top, v);
                cell = column;
            }

            values[i] = left + ((right - left) * Smooth((float)(x - column)));
        }
    }

    private float Column(int column, int top, float v)
    {
        float upper = At(column, top);
        return upper + ((At(column, top + 1) - upper) * v);
    }

    private float At(int x, int y)
    {
        ulong bits = RandomSequence.Mix(seed + ((ulong)(uint)x << 32) + (uint)y + 0x9E3779B97F4A7C15);
        return ((int)(bits >> 40) * (2f / (1 << 24))) - 1;
    }

    private static float Smooth(float t) => t * t * (3 - (2 * t));
}
