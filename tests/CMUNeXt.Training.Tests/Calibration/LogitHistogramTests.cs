using CMUNeXt.Numerics;
using CMUNeXt.Training.Calibration;

namespace CMUNeXt.Training.Tests.Calibration;

public sealed class LogitHistogramTests
{
    [Theory]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(2.5)]
    public void The_temperature_is_what_the_logits_were_too_large_by(double temperature)
    {
        LogitHistogram pixels = LogitHistogram.Sum([Drawn(1, temperature), Drawn(2, temperature)]);
        Assert.Equal(temperature, pixels.FitTemperature(), temperature * 0.05);
        Assert.InRange(pixels.ExpectedCalibrationError(temperature), 0, 0.01);
        if (temperature != 1)
        {
            Assert.InRange(pixels.ExpectedCalibrationError(1), 0.03, 0.5);
        }
    }

    [Fact]
    public void The_error_is_the_distance_of_probability_and_truth()
    {
        // Half of the pixels are said to be lesion for certain, and a quarter of those are not.
        float[] logits = [30, 30, 30, 30, -30, -30, -30, -30];
        Assert.Equal(0.125, LogitHistogram.Of(logits, [1, 1, 1, 0, 0, 0, 0, 0]).ExpectedCalibrationError(1), 1e-6);
    }

    private static LogitHistogram Drawn(ulong seed, double temperature)
    {
        RandomSequence random = new(seed, "pixels");
        float[] logits = new float[40000];
        byte[] reference = new byte[logits.Length];
        for (int i = 0; i < logits.Length; i++)
        {
            logits[i] = (float)((8 * random.NextDouble()) - 4);
            reference[i] = random.NextDouble() < 1 / (1 + Math.Exp(-logits[i] / temperature)) ? (byte)1 : (byte)0;
        }

        return LogitHistogram.Of(logits, reference);
    }
}
