using CMUNeXt.Backends;
using CMUNeXt.Networks;
using CMUNeXt.Tensors;
using CMUNeXt.Tests;

namespace CMUNeXt.Training.Tests.Protocol;

public sealed class ManagedTrainableTests
{
    private static readonly CMUNeXtConfiguration Tiny = new([8, 8, 8, 8, 8], [1, 1, 1, 1, 1], [3, 3, 3, 3, 3]);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_batch_that_is_not_what_it_says_is_refused(int outputs)
    {
        using ManagedTrainable network = Create(outputs);
        Assert.True(double.IsFinite(network.Evaluate(Batch(2, 16)).Loss));
        Batch good = Batch(2, 16);
        byte[] target = [.. good.Target];
        target[300] = (byte)Math.Max(outputs, 2);
        Batch[] bad =
        [
            good with { Target = good.Target[1..] },
            good with { Target = good.Target[..256] },
            good with { Target = [.. good.Target, .. good.Target] },
            good with { Target = target },
        ];
        Assert.All(bad, batch =>
        {
            Assert.Throws<ArgumentException>(() => network.Evaluate(batch));
            Assert.Throws<ArgumentException>(() => network.Iterate(batch, 0));
        });
    }

    [Fact]
    public void Weights_that_a_step_has_spoiled_give_a_loss_that_is_no_number_and_are_not_taken_up_again()
    {
        using ManagedTrainable network = Create(1);
        StateDict weights = network.CopyWeights();
        Assert.True(double.IsFinite(network.Iterate(Batch(2, 16), double.NaN).Loss));
        StateDict spoiled = network.CopyWeights();
        Assert.Contains(spoiled, tensor => tensor.ToSingles().Any(float.IsNaN));
        (double Loss, float[] Logits) evaluated = network.Evaluate(Batch(2, 16));
        Assert.Equal(double.NaN, evaluated.Loss);
        Assert.Equal(2 * 16 * 16, evaluated.Logits.Length);
        Assert.Contains(
            "not a finite number", Assert.Throws<ArgumentException>(() => network.Restore(spoiled, null)).Message,
            StringComparison.Ordinal);
        network.Restore(weights, null);
        Assert.True(double.IsFinite(network.Evaluate(Batch(2, 16)).Loss));
    }

    // By hand: the mean over all pixels of the cross-entropy of those that are known, and Dice of the same.
    [Fact]
    public void Ignored_pixels_add_nothing_to_the_loss_and_are_background_in_the_logits()
    {
        using ManagedTrainable network = Create(1);
        Batch batch = Batch(1, 16);
        float[] logits = network.Evaluate(batch).Logits;
        bool[] ignored = [.. Enumerable.Range(0, 256).Select(static i => i % 3 == 0)];
        byte[] target = [.. batch.Target.Select((label, i) => ignored[i] ? (byte)0 : label)];
        (double entropy, double overlap, double all) = (0, 0, 0);
        for (int i = 0; i < 256; i++)
        {
            double p = ignored[i] ? 0 : 1 / (1 + Math.Exp(-logits[i]));
            entropy -= ignored[i] ? 0 : Math.Log(target[i] == 1 ? p : 1 - p);
            overlap += p * target[i];
            all += p + target[i];
        }

        (double loss, float[] settled) = network.Evaluate(batch with { Target = target, Ignored = ignored });
        Assert.Equal((0.5 * entropy / 256) + 1 - (((2 * overlap) + 1e-5) / (all + 1e-5)), loss, 1e-6);
        Assert.All(Enumerable.Range(0, 256), i => Assert.Equal(ignored[i] ? -1e4f : logits[i], settled[i]));
    }

    private static ManagedTrainable Create(int outputs) =>
        new(new NetworkDescription { Name = "cmunext", Channels = 3, Outputs = outputs, Configuration = Tiny }, new TrainableSettings(),
            threads: 1);

    private static Batch Batch(int count, int size) =>
        new(count, size, size, Formula.Input(1, count * 3 * size * size),
            [.. Enumerable.Range(0, count * size * size).Select(i => (byte)(i / 5 % 2))]);
}
