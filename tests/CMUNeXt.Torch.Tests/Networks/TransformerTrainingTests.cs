using System.Text.RegularExpressions;
using CMUNeXt.Backends;
using CMUNeXt.Networks;
using CMUNeXt.Tensors;
using CMUNeXt.Tests;
using CMUNeXt.Torch.Tests.Training;
using CMUNeXt.Torch.Training;

namespace CMUNeXt.Torch.Tests.Networks;

/// <summary>
/// The networks with attention learn: few images, small where the network takes small ones. Two where stochastic depth may leave out a
/// block for one of them.
/// </summary>
[Collection(Alone.Name)]
public class TransformerTrainingTests
{
    // Gates, tables and masks, and what the original code builds without computing with it.
    private static readonly Regex Constant = new(
        @"\.f_[a-z]+$|flatten_index$|attn_mask$|relative_position_index$|_p\.\d\.conv1\.|^adjust_p\.");

    [Theory]
    [InlineData("transunet", 1, 256, true)]
    [InlineData("swinunet", 2, 224, true)]
    [InlineData("medt", 1, 256, false)]
    [InlineData("mobileuvit", 2, 64, true)]
    [InlineData("mobileuvit-l", 2, 64, true)]
    public void A_step_reaches_every_weight_and_draws_from_the_seed(string name, int images, int size, bool draws)
    {
        byte[] target = [.. Enumerable.Range(0, images * size * size).Select(i => (byte)(i / 16 % 3 / 2))];
        Batch batch = new(images, size, size, Formula.Input(1, images * 3 * size * size), target);
        using TorchTrainable network = new(NetworkCatalog.Describe(name), new TrainableSettings { WeightDecay = 0 });
        StateDict start = network.CopyWeights();
        AssertInitialized(start);

        // With this seed stochastic depth leaves no block out for all images.
        float[] first = Step(network, batch, 2);
        Assert.DoesNotContain(network.CopyOptimizer(), tensor => Constant.IsMatch(tensor.Name));
        StateDict after = network.CopyWeights();
        foreach (WeightTensor tensor in start.Where(tensor => tensor.Shape.Count > 1 || Constant.IsMatch(tensor.Name)))
        {
            bool same = tensor.Data.Span.SequenceEqual(after[tensor.Name].Data.Span);
            Assert.True(same == Constant.IsMatch(tensor.Name), tensor.Name);
        }

        if (draws)
        {
            network.Restore(start, null);
            Assert.Equal(first, Step(network, batch, 2));
            network.Restore(start, null);
            Assert.NotEqual(first, Step(network, batch, 3));
        }
    }

    private static float[] Step(TorchTrainable network, Batch batch, ulong seed)
    {
        network.Seed(seed, 0);
        (double Loss, float[] Logits) result = network.Iterate(batch, 0.01);
        Assert.True(double.IsFinite(result.Loss));
        return result.Logits;
    }

    // One-dimensional weights are the scales of normalizations.
    private static void AssertInitialized(StateDict state) =>
        Assert.All(state.Where(tensor => tensor.Type == ElementType.Float32), tensor =>
    {
        float[] values = tensor.ToSingles();
        bool isScale = tensor.Shape.Count == 1 && tensor.Name.EndsWith("weight", StringComparison.Ordinal);
        Assert.True(isScale ? values.All(value => value == 1) : values.All(float.IsFinite), tensor.Name);
    });
}
