using CMUNeXt.Masks;

namespace CMUNeXt.Tests.Masks;

public sealed class LesionCalibrationTests
{
    [Fact]
    public void With_a_slope_of_1_and_nothing_added_the_mean_probability_is_the_confidence()
    {
        LesionCalibration plain = new() { Intercept = 0, Slope = 1, Lesions = 1 };
        Assert.All((double[])[0.01, 0.3, 0.5, 0.75, 0.999], p => Assert.Equal(p, plain.Confidence(p, 1), 1e-12));
    }

    [Fact]
    public void Intercept_and_slope_act_on_the_logit()
    {
        LesionCalibration calibration = new() { Intercept = -2, Slope = 3, Lesions = 1 };

        // The logit of 0.8 is ln 4: 1 / (1 + e^2 / 4^3).
        Assert.Equal(64 / (64 + Math.Exp(2)), calibration.Confidence(0.8, 0.3), 1e-12);
    }

    [Fact]
    public void A_share_counts_by_its_logit_beside_that_of_a_lesion_alone()
    {
        LesionCalibration calibration = new() { Intercept = 1, Slope = 0, ShareSlope = 2, Lesions = 1 };
        Assert.Equal(1 / (1 + Math.Exp(-1)), calibration.Confidence(0.7, 1), 1e-12);

        // The logits of 1/2 and of 1, with a hundredth added to both sides: 0 and ln 101.
        Assert.Equal(1 / (1 + (Math.Exp(-1) * 101 * 101)), calibration.Confidence(0.7, 0.5), 1e-12);
        Assert.InRange(calibration.Confidence(0.7, 0), 0, 1e-6);
    }

    [Fact]
    public void Certain_probabilities_have_finite_confidences()
    {
        LesionCalibration steep = new() { Intercept = 0, Slope = 2, Lesions = 1 };
        Assert.InRange(steep.Confidence(0, 1), 0, 1e-9);
        Assert.InRange(steep.Confidence(1, 1), 1 - 1e-9, 1);
    }
}
