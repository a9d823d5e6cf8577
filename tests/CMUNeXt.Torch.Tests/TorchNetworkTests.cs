using CMUNeXt.Networks;
using CMUNeXt.Tensors;
using CMUNeXt.Tests;

namespace CMUNeXt.Torch.Tests;

public sealed class TorchNetworkTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_prepared_call_computes_what_forward_does_in_either_layout(bool channelsLast)
    {
        NetworkDescription description = NetworkCatalog.Describe("cmunext-s");
        StateDict weights = description.Configuration!.StartingWeights(3, 1, 3);
        using TorchNetwork usual = new(description, weights, threads: 1);
        using TorchNetwork network = new(description, weights, threads: 1, channelsLast: channelsLast);
        float[] input = Formula.Input(2, 2 * 3 * 32 * 48);
        float[] expected = usual.Forward(input, 2, 32, 48);
        using PreparedCall call = network.Prepare(input, 2, 32, 48);
        call.Run();
        Assert.InRange(Golden.RelativeDifference(expected, call.CopyLogits()), 0, 1e-5);
        call.Run();
        Assert.InRange(Golden.RelativeDifference(expected, call.CopyLogits()), 0, 1e-5);
        Assert.StartsWith("libtorch 2.", network.Engine, StringComparison.Ordinal);
    }
}
