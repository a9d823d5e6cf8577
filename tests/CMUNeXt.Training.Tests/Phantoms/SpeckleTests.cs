using CMUNeXt.Training.Phantoms;

namespace CMUNeXt.Training.Tests.Phantoms;

public sealed class SpeckleTests
{
    private const int Width = 300;
    private const int Height = 200;

    [Fact]
    public void The_envelope_is_Rayleigh_distributed_with_the_power_of_the_amplitudes()
    {
        const float amplitude = 3;
        double[] envelope = [.. Envelope(amplitude).Select(v => (double)v)];
        double power = envelope.Average(v => v * v);
        Assert.InRange(power / (amplitude * amplitude), 0.94, 1.06);

        // For a Rayleigh distribution the mean is sqrt(pi)/2 of the root mean square, and P(v^2 > t power) = exp(-t).
        Assert.Equal(Math.Sqrt(Math.PI) / 2, envelope.Average() / Math.Sqrt(power), 0.01);
        foreach (double t in new[] { 0.1, 0.5, 1, 2, 3 })
        {
            Assert.Equal(Math.Exp(-t), envelope.Count(v => v * v > t * power) / (double)envelope.Length, 0.02);
        }
    }

    [Fact]
    public void It_is_correlated_farther_across_than_in_depth()
    {
        double[] envelope = [.. Envelope(1).Select(v => (double)v)];
        double across = Correlation(envelope, 2);
        double down = Correlation(envelope, 2 * Width);
        Assert.InRange(across, 0.4, 0.9);
        Assert.InRange(down, 0.0, 0.3);
        Assert.InRange(Correlation(envelope, 25), -0.1, 0.1);
    }

    private static float[] Envelope(float amplitude)
    {
        float[] values = new float[Width * Height];
        values.AsSpan().Fill(amplitude);
        Speckle.Apply(values, Width, new PhantomRandom(5, 6), lateral: 2, axial: 0.9);

        // The blur reaches over the image's edge, where there is less to sum.
        return [.. values.Where((_, i) => i % Width is >= 10 and < Width - 10 && i / Width is >= 10 and < Height - 10)];
    }

    private static double Correlation(double[] values, int lag)
    {
        // The inner part is narrower by 20; a lag in rows has to follow.
        lag = lag >= Width ? lag / Width * (Width - 20) : lag;
        double mean = values.Average();
        double variance = values.Average(v => (v - mean) * (v - mean));
        return Enumerable.Range(0, values.Length - lag).Average(i => (values[i] - mean) * (values[i + lag] - mean)) / variance;
    }
}
