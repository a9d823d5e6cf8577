using CMUNeXt.Networks;
using CMUNeXt.Tensors;
using CMUNeXt.Tests;
using CMUNeXt.Torch.Networks;

namespace CMUNeXt.Torch.Tests.Networks;

public class CMUNeXtModuleTests
{
    private static readonly CMUNeXtConfiguration Odd = new([4, 6, 10, 12, 14], [2, 1, 3, 1, 2], [3, 5, 1, 7, 9]);

    public static TheoryData<string> Ablations => [.. Odd.Ablations().Select(ablation => ablation.Name)];

    [Theory]
    [MemberData(nameof(Ablations))]
    public void Any_configuration_computes_and_agrees_with_the_layers_of_the_core(string ablation)
    {
        CMUNeXtConfiguration configuration = Odd.Ablations().Single(other => other.Name == ablation).Configuration;
        NetworkDescription description = new() { Name = "cmunext", Channels = 5, Outputs = 3, Configuration = configuration };
        IReadOnlyList<Layer> layers = configuration.Layers(5, 3);
        using TorchSharp.torch.nn.Module module = TorchModules.Create(description);
        Assert.Equal(
            ExpectedTensor.Of(layers).Select(tensor => (tensor.Name, string.Join('x', tensor.Shape))),
            TorchModules.Tensors(module).Select(tensor => (tensor.Name, string.Join('x', tensor.Value.shape))));

        using TorchNetwork network = new(description, Initialization.Create(layers, 1));
        Assert.Equal(2 * 3 * 20 * 33, network.Forward(new float[2 * 5 * 20 * 33], 2, 20, 33).Length);
    }

    [Fact]
    public void A_size_that_is_no_multiple_of_16_is_padded_with_zeros_on_the_right_and_below()
    {
        NetworkDescription description = NetworkCatalog.Describe("cmunext-s", channels: 1);
        using TorchNetwork network = new(description, description.Configuration!.StartingWeights(1, 1, 7));
        float[] input = Formula.Input(1, 20 * 30);
        float[] padded = new float[32 * 32];
        for (int y = 0; y < 20; y++)
        {
            input.AsSpan(y * 30, 30).CopyTo(padded.AsSpan(y * 32));
        }

        float[] expected = network.Forward(padded, 1, 32, 32);
        float[] actual = network.Forward(input, 1, 20, 30);
        for (int y = 0; y < 20; y++)
        {
            Assert.Equal(expected.AsSpan(y * 32, 30), actual.AsSpan(y * 30, 30));
        }
    }

    [Fact]
    public void Weights_that_do_not_fit_are_refused_with_the_first_tensor_that_does_not()
    {
        NetworkDescription description = NetworkCatalog.Describe("cmunext-s");
        StateDict state = description.Configuration!.StartingWeights(3, 1, 1);
        ArgumentException missing = Assert.Throws<ArgumentException>(() => new TorchNetwork(description, new StateDict(state.Skip(1))));
        Assert.Contains("stem.conv.0.weight is missing", missing.Message, StringComparison.Ordinal);
        ArgumentException other = Assert.Throws<ArgumentException>(() => new TorchNetwork(NetworkCatalog.Describe("cmunext"), state));
        Assert.Contains("[8, 3, 3, 3]", other.Message, StringComparison.Ordinal);
    }
}
