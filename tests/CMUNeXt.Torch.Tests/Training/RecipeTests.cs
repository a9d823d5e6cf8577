using CMUNeXt.Backends;
using CMUNeXt.Tensors;

namespace CMUNeXt.Torch.Tests.Training;

/// <summary>What recipes ask of a backend: both backends train alike, and go on to the bit.</summary>
public sealed class RecipeTests
{
    private static readonly TrainableSettings Recipe = new()
    {
        Optimizer = OptimizerKind.AdamW,
        WeightDecay = 0.05,
        DecaysConvolutionsOnly = true,
        ClipNorm = 1,
        AverageDecay = 0.9,
        CrossEntropy = 1,
        DiceOfBatch = true,
        HealthyPixels = 0.01,
        Presence = 0.3,
    };

    public static TheoryData<string, TrainableSettings> Each => new()
    {
        { "batch dice", new() { CrossEntropy = 1, DiceOfBatch = true, WeightDecay = 0 } },
        { "focal", new() { CrossEntropy = 1, Dice = 0, Focal = 2, WeightDecay = 0 } },
        { "Tversky", new() { TverskyFalsePositives = 0.3, TverskyFalseNegatives = 0.7 } },
        { "class weights", new() { ClassWeights = [0.5, 2] } },
        { "worst pixels", new() { CrossEntropy = 1, Dice = 0, HealthyPixels = 0.02, WeightDecay = 0 } },
        { "presence", new() { Presence = 1, WeightDecay = 0 } },
        { "clipped", new() { ClipNorm = 0.01 } },
        { "some decay", new() { WeightDecay = 10, DecaysConvolutionsOnly = true } },
        { "distillation", new() { Distillation = 0.7, Temperature = 3 } },
        { "average", new() { AverageDecay = 0.5 } },
        { "ignored pixels", new() },
        { "ignored pixels, focal", new() { Focal = 2, ClassWeights = [0.5, 2] } },
        { "all", Recipe },
    };

    [Theory]
    [MemberData(nameof(Each))]
    public void One_iteration_changes_the_weights_alike_in_both_backends(string name, TrainableSettings settings)
    {
        Batch batch = MakeBatch(2, name is "distillation" or "all");
        batch = name.StartsWith("ignored", StringComparison.Ordinal) ? TinyNetwork.WithIgnored(batch) : batch;
        StateDict before = TinyNetwork.Weights();
        (double loss, StateDict managed, StateDict? managedAverage) = StepOnce("managed", settings, batch);
        (double torchLoss, StateDict torch, StateDict? torchAverage) = StepOnce("torch", settings, batch);

        Assert.Equal(torchLoss, loss, 1e-4 * Math.Abs(torchLoss));
        AssertClose(before, torch, managed, settings.Optimizer == OptimizerKind.AdamW);
        Assert.Equal(settings.AverageDecay > 0, managedAverage is not null);
        if (managedAverage is not null)
        {
            AssertClose(before, torchAverage!, managedAverage, settings.Optimizer == OptimizerKind.AdamW);
        }

        // It is this setting that is seen: without it another loss, or other weights.
        (double plainLoss, StateDict plain, _) = StepOnce(
            "managed", new TrainableSettings { WeightDecay = settings.WeightDecay }, batch with { TeacherLogits = null, Ignored = null });
        Assert.True(plainLoss != loss || managedAverage is not null
            || plain.Any(tensor => !tensor.Data.Span.SequenceEqual(managed[tensor.Name].Data.Span)));
    }

    [Theory]
    [InlineData("managed")]
    [InlineData("torch")]
    public void Several_classes_learn_from_a_teacher_and_the_worst_pixels_too(string backend)
    {
        TrainableSettings settings = new() { CrossEntropy = 1, DiceOfBatch = true, HealthyPixels = 0.02, Distillation = 0.4 };
        Batch batch = TinyNetwork.Batch(4, 3, 7);
        Array.Clear(batch.Target, 0, 32 * 32);
        batch = TinyNetwork.WithIgnored(batch with { TeacherLogits = CMUNeXt.Tests.Formula.Input(5, 4 * 3 * 32 * 32) });
        using ITrainable network = TinyNetwork.Create(backend, settings, outputs: 3);
        using ITrainable other = TinyNetwork.Create(backend == "torch" ? "managed" : "torch", settings, outputs: 3);
        Assert.Equal(other.Evaluate(batch).Loss, network.Evaluate(batch).Loss, 1e-4);
        Assert.Equal(other.Iterate(batch, 0.1).Loss, network.Iterate(batch, 0.1).Loss, 1e-4);
        AssertClose(TinyNetwork.Weights(3), other.CopyWeights(), network.CopyWeights(), signed: false);
    }

    [Theory]
    [InlineData("managed")]
    [InlineData("torch")]
    public void Settings_that_are_not_for_the_network_are_refused(string backend)
    {
        Assert.Throws<ArgumentException>(() => TinyNetwork.Create(backend, new TrainableSettings { ClassWeights = [1, 2] }, outputs: 3));
        Assert.Throws<ArgumentException>(() => TinyNetwork.Create(backend, new TrainableSettings { Focal = 2, HealthyPixels = 0.1 }));
        Assert.Throws<ArgumentException>(() => TinyNetwork.Create(backend, new TrainableSettings { Presence = 1 }, outputs: 3));
    }

    [Theory]
    [InlineData("managed")]
    [InlineData("torch")]
    public void A_continued_training_has_the_same_bits_its_average_included(string backend)
    {
        using ITrainable whole = TinyNetwork.Create(backend, Recipe);
        for (int i = 0; i < 3; i++)
        {
            whole.Iterate(MakeBatch(i, i > 0), 0.01);
        }

        // An evaluation in between, by the average, leaves the training as it is.
        whole.Evaluate(MakeBatch(9, false));
        (StateDict weights, StateDict optimizer, StateDict? average) = (whole.CopyWeights(), whole.CopyOptimizer(), whole.CopyAverage());
        using ITrainable rest = TinyNetwork.Create(backend, Recipe);
        rest.Restore(weights, optimizer, average);
        for (int i = 3; i < 6; i++)
        {
            Assert.Equal(whole.Iterate(MakeBatch(i, true), 0.01).Loss, rest.Iterate(MakeBatch(i, true), 0.01).Loss);
        }

        Assert.Equal(whole.Evaluate(MakeBatch(9, false)).Logits, rest.Evaluate(MakeBatch(9, false)).Logits);
        TinyNetwork.AssertEqual(whole.CopyWeights(), rest.CopyWeights());
        TinyNetwork.AssertEqual(whole.CopyAverage()!, rest.CopyAverage()!);
        TinyNetwork.AssertEqual(whole.CopyOptimizer(), rest.CopyOptimizer());
    }

    [Theory]
    [InlineData("managed")]
    [InlineData("torch")]
    public void The_average_is_what_is_evaluated(string backend)
    {
        using ITrainable network = TinyNetwork.Create(backend, Recipe);
        for (int i = 0; i < 3; i++)
        {
            network.Iterate(MakeBatch(i, false), 0.01);
        }

        StateDict average = network.CopyAverage()!;
        float[] judged = network.Evaluate(MakeBatch(9, false)).Logits;
        using ITrainable plain = TinyNetwork.Create(backend, new TrainableSettings());
        plain.Restore(average, null);

        // libtorch does not promise the same bits twice.
        double tolerance = backend == "torch" ? 1e-6 : 0;
        Assert.All(
            plain.Evaluate(MakeBatch(9, false)).Logits.Zip(judged),
            pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, tolerance));
        plain.Restore(network.CopyWeights(), null);
        Assert.Contains(
            plain.Evaluate(MakeBatch(9, false)).Logits.Zip(judged), pair => Math.Abs(pair.First - pair.Second) > 10 * tolerance);
    }

    [Theory]
    [InlineData("managed")]
    [InlineData("torch")]
    public void The_presence_is_for_one_class(string backend) =>
        Assert.Throws<ArgumentException>(() => TinyNetwork.Create(backend, new TrainableSettings { Presence = 1 }, outputs: 3));

    private static (double Loss, StateDict Weights, StateDict? Average) StepOnce(string backend, TrainableSettings settings, Batch batch)
    {
        using ITrainable network = TinyNetwork.Create(backend, settings);
        double loss = network.Iterate(batch, 0.05).Loss;
        return (loss, network.CopyWeights(), network.CopyAverage());
    }

    // Four images, of which the first is healthy.
    private static Batch MakeBatch(int key, bool taught)
    {
        Batch batch = TinyNetwork.Batch(4, 2, key);
        Array.Clear(batch.Target, 0, 32 * 32);
        return taught ? batch with { TeacherLogits = CMUNeXt.Tests.Formula.Input(40 + key, 4 * 32 * 32) } : batch;
    }

    // The changes, in relation to the largest change of the tensor. AdamW's first step is the gradient's sign: where that is close to 0, no
    // more than that most signs agree can be asked.
    private static void AssertClose(StateDict before, StateDict expected, StateDict actual, bool signed)
    {
        foreach (WeightTensor tensor in expected.Where(tensor => tensor.Type == ElementType.Float32))
        {
            float[] from = before[tensor.Name].ToSingles();
            float[] theirs = [.. tensor.ToSingles().Zip(from, (to, first) => to - first)];
            float[] ours = [.. actual[tensor.Name].ToSingles().Zip(from, (to, first) => to - first)];
            float largest = theirs.Max(Math.Abs);
            if (signed)
            {
                int same = theirs.Zip(ours).Count(pair => Math.Abs(pair.First - pair.Second) <= 1e-2 * largest + 1e-7);
                Assert.True(same >= 0.9 * theirs.Length || largest < 1e-5, $"{tensor.Name}: {same} of {theirs.Length}");
            }
            else
            {
                Assert.All(theirs.Zip(ours), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, (3e-3 * largest) + 1e-6));
            }
        }
    }
}
