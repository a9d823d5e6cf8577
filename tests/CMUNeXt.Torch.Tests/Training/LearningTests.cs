using CMUNeXt.Backends;
using CMUNeXt.Tensors;
using CMUNeXt.Tests;
using CMUNeXt.Training.Protocol;

namespace CMUNeXt.Torch.Tests.Training;

[Collection(Alone.Name)]
public sealed class LearningTests
{
    public static TheoryData<string, OptimizerKind, LossKind, int> Settings => new()
    {
        { "torch", OptimizerKind.Sgd, LossKind.CrossEntropyDice, 1 },
        { "managed", OptimizerKind.Sgd, LossKind.CrossEntropyDice, 1 },
        { "torch", OptimizerKind.Sgd, LossKind.CrossEntropyDice, 3 },
        { "managed", OptimizerKind.Sgd, LossKind.CrossEntropyDice, 3 },
        { "torch", OptimizerKind.AdamW, LossKind.CrossEntropyDice, 1 },
        { "managed", OptimizerKind.AdamW, LossKind.CrossEntropyDice, 1 },
        { "torch", OptimizerKind.AdamW, LossKind.CrossEntropy, 3 },
        { "managed", OptimizerKind.AdamW, LossKind.CrossEntropy, 3 },
        { "torch", OptimizerKind.Sgd, LossKind.Dice, 3 },
        { "managed", OptimizerKind.Sgd, LossKind.Dice, 3 },
    };

    [Theory]
    [MemberData(nameof(Settings))]
    public void The_loss_falls_and_the_classes_are_found(string backend, OptimizerKind optimizer, LossKind loss, int outputs)
    {
        TrainableSettings settings = new TrainingProtocol { Optimizer = optimizer, Loss = loss }.ToTrainableSettings();
        using ITrainable network = TinyNetwork.Create(backend, settings, outputs);
        Batch batch = TinyNetwork.Batch(4, Math.Max(outputs, 2), 1);
        (double Loss, float[] Logits) first = network.Iterate(batch, 0.02);
        for (int i = 0; i < 60; i++)
        {
            network.Iterate(batch, 0.02);
        }

        (double Loss, float[] Logits) last = network.Iterate(batch, 0.02);
        Assert.InRange(last.Loss, 0, 0.5 * first.Loss);
        Assert.Equal(4 * outputs * 32 * 32, last.Logits.Length);
        int right = Enumerable.Range(0, batch.Target.Length).Count(i => Predict(last.Logits, outputs, i) == batch.Target[i]);
        Assert.True(right > 0.8 * batch.Target.Length);
    }

    [Theory]
    [InlineData("torch", OptimizerKind.Sgd)]
    [InlineData("torch", OptimizerKind.AdamW)]
    [InlineData("managed", OptimizerKind.Sgd)]
    [InlineData("managed", OptimizerKind.AdamW)]
    public void Going_on_from_copies_gives_the_same_bits(string backend, OptimizerKind optimizer)
    {
        TrainableSettings settings = new() { Optimizer = optimizer };
        using ITrainable network = TinyNetwork.Create(backend, settings);
        using ITrainable other = TinyNetwork.Create(backend, settings);
        for (int i = 0; i < 3; i++)
        {
            network.Iterate(TinyNetwork.Batch(3, 2, i), 0.02);
            other.Iterate(TinyNetwork.Batch(2, 2, 10 + i), 0.05);
        }

        StateDict weights = network.CopyWeights();
        StateDict memory = network.CopyOptimizer();
        other.Restore(weights, memory);
        TinyNetwork.AssertEqual(weights, other.CopyWeights());
        TinyNetwork.AssertEqual(memory, other.CopyOptimizer());
        AssertSameSteps(network, other);

        // The copies are copies: the steps since have not changed them, and they can be gone on from again.
        other.Restore(weights, memory);
        TinyNetwork.AssertEqual(weights, other.CopyWeights());
    }

    [Theory]
    [InlineData("torch", OptimizerKind.Sgd)]
    [InlineData("torch", OptimizerKind.AdamW)]
    [InlineData("managed", OptimizerKind.Sgd)]
    [InlineData("managed", OptimizerKind.AdamW)]
    public void Weights_alone_start_the_optimizer_anew(string backend, OptimizerKind optimizer)
    {
        TrainableSettings settings = new() { Optimizer = optimizer };
        using ITrainable fresh = TinyNetwork.Create(backend, settings);
        using ITrainable used = TinyNetwork.Create(backend, settings);
        used.Iterate(TinyNetwork.Batch(2, 2, 5), 0.05);
        used.Restore(TinyNetwork.Weights(), null);

        TinyNetwork.AssertEqual(fresh.CopyOptimizer(), used.CopyOptimizer());
        AssertSameSteps(fresh, used);
    }

    [Theory]
    [InlineData("torch")]
    [InlineData("managed")]
    public void Evaluating_changes_nothing(string backend)
    {
        TrainableSettings settings = new();
        using ITrainable network = TinyNetwork.Create(backend, settings);
        using ITrainable other = TinyNetwork.Create(backend, settings);
        Batch batch = TinyNetwork.Batch(1, 2, 3);
        network.Iterate(TinyNetwork.Batch(2, 2, 5), 0.05);
        other.Iterate(TinyNetwork.Batch(2, 2, 5), 0.05);
        StateDict weights = network.CopyWeights();
        (double Loss, float[] Logits) evaluated = network.Evaluate(batch);
        (double Loss, float[] Logits) again = network.Evaluate(batch);

        Assert.Equal(evaluated.Loss, again.Loss);
        Assert.Equal(evaluated.Logits, again.Logits);
        TinyNetwork.AssertEqual(weights, network.CopyWeights());
        AssertSameSteps(other, network);
    }

    [Theory]
    [InlineData("torch")]
    [InlineData("managed")]
    public void Evaluating_uses_the_running_statistics_and_not_those_of_the_batch(string backend)
    {
        using ITrainable network = TinyNetwork.Create(backend, new TrainableSettings());
        Batch pair = TinyNetwork.Batch(2, 2, 3);
        Batch single = new(1, 32, 32, pair.Input[..1024], pair.Target[..1024]);
        float[] expected = network.Evaluate(single).Logits;
        Assert.InRange(Golden.RelativeDifference(expected, network.Evaluate(pair).Logits.AsSpan(0, 1024)), 0, 1e-4);
    }

    private static void AssertSameSteps(ITrainable expected, ITrainable actual)
    {
        for (int i = 0; i < 3; i++)
        {
            Batch batch = TinyNetwork.Batch(3, 2, 20 + i);
            (double Loss, float[] Logits) one = expected.Iterate(batch, 0.03);
            (double Loss, float[] Logits) two = actual.Iterate(batch, 0.03);
            Assert.Equal(one.Loss, two.Loss);
            Assert.Equal(one.Logits, two.Logits);
        }

        TinyNetwork.AssertEqual(expected.CopyWeights(), actual.CopyWeights());
        TinyNetwork.AssertEqual(expected.CopyOptimizer(), actual.CopyOptimizer());
    }

    private static int Predict(float[] logits, int outputs, int pixel)
    {
        if (outputs == 1)
        {
            return logits[pixel] > 0 ? 1 : 0;
        }

        int first = (pixel / 1024 * outputs * 1024) + (pixel % 1024);
        return Enumerable.Range(0, outputs).MaxBy(c => logits[first + (c * 1024)]);
    }
}
