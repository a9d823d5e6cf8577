using CMUNeXt.Networks;
using CMUNeXt.Training.Protocol;
using CMUNeXt.Training.Runs;

namespace CMUNeXt.Training.Tests.Runs;

public sealed class RunSettingsTests
{
    public static TheoryData<int, TrainingProtocol, string> Faults => new()
    {
        { 1, new() { Focal = 2, HealthyPixels = 0.05 }, "let healthy pixels be 1" },
        { 1, new() { ClassWeights = [1, 2, 3] }, "must be 2 weights of classes (--class-weights), that of the background first, not 3" },
        { 3, new() { Presence = 0.5 }, "presence is for one class" },
    };

    [Fact]
    public void A_network_that_no_weight_file_holds_is_refused()
    {
        RunSettings settings = SomeRun.Settings(new TrainingProtocol());
        CMUNeXtConfiguration small = settings.Network.Configuration!;
        Assert.All(
            (CMUNeXtConfiguration[])
            [
                small with { Dims = [65536, 65536, 65536, 65536, 65536] },
                small with { Dims = [512, 512, 512, 512, 512], Kernels = [255, 255, 255, 255, 255], Block = EncoderBlock.Plain },
            ],
            giant => Assert.Contains(
                "a weight file holds at most 536870911",
                (settings with { Network = settings.Network with { Configuration = giant } }).FindFault(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(500, false)]
    [InlineData(501, true)]
    [InlineData(1e-9, true)]
    [InlineData(1e-300, true)]
    public void Shares_so_far_apart_that_no_epoch_would_end_are_refused(double share, bool refused)
    {
        RunSettings settings = SomeRun.Settings(new TrainingProtocol()) with
        {
            Train = ["a", "b", "c"],
            Shares = [new ListShare(2, 1), new ListShare(1, share)],
        };
        Assert.Equal(refused, settings.FindFault()?.Contains("more than 1000 times", StringComparison.Ordinal) == true);
        Assert.Equal(refused, settings.FindFault() is not null);
    }

    [Theory]
    [MemberData(nameof(Faults), DisableDiscoveryEnumeration = true)]
    public void What_a_backend_would_refuse_is_said_in_its_words(int outputs, TrainingProtocol protocol, string expected)
    {
        RunSettings settings = SomeRun.Settings(protocol);
        Assert.Null((settings with { Protocol = new TrainingProtocol() }).FindFault());
        settings = settings with { Network = settings.Network with { Outputs = outputs } };
        string fault = Assert.IsType<string>(settings.FindFault());
        Assert.Contains(expected, fault, StringComparison.Ordinal);
        Assert.DoesNotContain("Parameter", fault, StringComparison.Ordinal);
        Assert.Equal(
            fault, Assert.Throws<ArgumentException>(() => protocol.ToTrainableSettings().CheckFor(settings.Network)).Message);
    }
}
