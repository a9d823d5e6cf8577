using CMUNeXt.Training.Resampling;

namespace CMUNeXt.Training.Tests.Resampling;

public class PermutationTestTests
{
    /// <summary>No sum of signed differences is nearer to 0 than their own, which is 0 but for rounding.</summary>
    [Fact]
    public void Differences_whose_mean_is_0_have_a_p_of_1()
    {
        double[] differences = [0.2, 0.1, -0.2, -0.3, 0.3, -0.1];
        Assert.NotEqual(0, differences.Sum());
        Assert.Equal(1, PermutationTest.Draw(6, 1).Of(differences, [0, 1, 2, 3, 4, 5]));
    }

    /// <summary>Of 16 sums of signed differences of 4, 2, 2, 2 those of 6 and more are 1 + 3, and as many of -6 and less.</summary>
    [Fact]
    public void Sums_that_are_as_far_but_for_rounding_count()
    {
        double[] differences = [0.4, 0.2, 0.2, -0.2];
        Assert.Equal(8.0 / 16, PermutationTest.Draw(4, 1).Of(differences, [0, 1, 2, 3]));
    }
}
