using CMUNeXt.Backends;

namespace CMUNeXt.Tests.Backends;

public sealed class TrainableSettingsTests
{
    [Theory]
    [InlineData(0.999, 1, 2.0 / 11)]
    [InlineData(0.999, 10, 11.0 / 20)]
    [InlineData(0.999, 1_000_000, 0.999)]
    [InlineData(0.5, 10, 0.5)]
    [InlineData(0, 1, 0)]
    public void An_average_keeps_little_of_the_first_weights_and_then_what_is_asked_for(double asked, long iterations, double kept) =>
        Assert.Equal(kept, new TrainableSettings { AverageDecay = asked }.AverageDecayAt(iterations), 1e-12);
}
