using CMUNeXt.Backends;
using CMUNeXt.Networks;
using CMUNeXt.Tensors;
using CMUNeXt.Tests;

namespace CMUNeXt.Cli.Tests;

/// <summary>The backends side by side.</summary>
public class BackendTests
{
    [Theory]
    [InlineData("cmunext-s", 96, 160)]
    [InlineData("cmunext-s", 50, 71)]
    [InlineData("cmunext", 96, 64)]
    [InlineData("cmunext-l", 64, 96)]
    public void ONNX_Runtime_equals_libtorch_at_sizes_other_than_256(string model, int height, int width)
    {
        NetworkDescription network = NetworkCatalog.Describe(model);
        StateDict weights = Golden.Fill(model.Replace('-', '_'));
        AssertEqual(network, weights, height, width);
    }

    public static TheoryData<string> Ablations => [.. CMUNeXtConfiguration.Small.Ablations().Select(ablation => ablation.Name)];

    [Theory]
    [MemberData(nameof(Ablations))]
    public void ONNX_Runtime_equals_libtorch_on_ablations(string name)
    {
        CMUNeXtConfiguration configuration = CMUNeXtConfiguration.Small.Ablations()
            .Single(ablation => ablation.Name == name).Configuration;
        NetworkDescription network = new() { Name = "cmunext-s", Configuration = configuration };
        StateDict weights = Filled(ExpectedTensor.Of(configuration.Layers(3, 1)));
        AssertEqual(network, weights, 32, 64);
    }

    [Theory]
    [InlineData("unet")]
    [InlineData("attention-unet")]
    [InlineData("unetpp")]
    [InlineData("unet3plus")]
    [InlineData("unext")]
    [InlineData("unext-s")]
    [InlineData("cmunet")]
    public void ONNX_Runtime_equals_libtorch_on_the_convolutional_networks_of_the_comparison(string name)
    {
        NetworkDescription network = NetworkCatalog.Describe(name, outputs: 2);
        using ITrainable fresh = BackendRegistry.ForTraining(network).OpenForTraining(network, new TrainableSettings(), threads: 1);
        AssertEqual(
            network, Filled(fresh.CopyWeights().Select(tensor => new ExpectedTensor(tensor.Name, tensor.Shape, tensor.Type))), 64, 96);
    }

    // Filled by formula, so that statistics are not those of a fresh network.
    private static StateDict Filled(IEnumerable<ExpectedTensor> tensors) =>
        new(tensors.Select((tensor, place) => tensor.Type == ElementType.Int64
        ? new WeightTensor(tensor.Name, tensor.Type, [], new byte[8])
        : new WeightTensor(tensor.Name, tensor.Shape, Formula.Fill(tensor.Name, tensor.Shape, place))));

    private static void AssertEqual(NetworkDescription network, StateDict weights, int height, int width)
    {
        using Network torch = BackendRegistry.Find("torch")!.Open(network, weights, threads: 1);
        using Network onnx = BackendRegistry.Find("onnxruntime")!.Open(network, weights, threads: 1);
        float[] input = Formula.Input(1, 2L * network.Channels * height * width);
        Assert.InRange(Golden.RelativeDifference(torch.Forward(input, 2, height, width), onnx.Forward(input, 2, height, width)), 0, 1e-4);
    }
}
