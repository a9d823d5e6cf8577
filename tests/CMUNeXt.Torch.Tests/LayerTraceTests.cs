using CMUNeXt.Backends;
using CMUNeXt.Networks;
using CMUNeXt.Tests;
using CMUNeXt.Torch.Tests.Networks;

namespace CMUNeXt.Torch.Tests;

public class LayerTraceTests
{
    public static TheoryData<string> Names => [.. GoldenNetworkTests.Names, "mobileuvit", "mobileuvit_l"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Parameters_and_multiply_accumulates_are_the_originals(string name)
    {
        (long parameters, long macs, int[] input) = Golden.Summary(name);
        (long Parameters, IReadOnlyList<LayerCost> Layers) cost = LayerTrace.Of(Golden.Describe(name), input[2], input[3]);
        Assert.Equal(parameters, cost.Parameters);
        Assert.Equal(macs, input[0] * cost.Layers.Sum(layer => layer.Macs));
    }

    // The table of the authors' benchmark.
    [Theory]
    [InlineData("unet", 65.52)]
    [InlineData("attention-unet", 66.63)]
    [InlineData("unetpp", 37.62)]
    [InlineData("unet3plus", 199.74)]
    [InlineData("unext", 0.58)]
    [InlineData("cmunet", 91.25)]
    [InlineData("cmunext", 7.41)]
    [InlineData("swinunet", 5.91)]
    [InlineData("mobileuvit", 2.51)]
    public void Counted_as_the_published_figures_are_it_costs_what_is_published(string name, double published)
    {
        int side = NetworkCatalog.SizeOf(name).Default;
        (long Parameters, IReadOnlyList<LayerCost> Layers) cost = LayerTrace.Of(NetworkCatalog.Describe(name), side, side);
        Assert.Equal(published, cost.Layers.Sum(layer => layer.CountedMacs) / 1e9, 0.01);
    }
}
