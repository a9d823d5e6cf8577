using CMUNeXt.Backends;
using CMUNeXt.Training.Protocol;

namespace CMUNeXt.Training.Tests.Protocol;

public sealed class TrainingProtocolTests
{
    [Fact]
    public void The_polynomial_rates_are_those_of_the_original_loop()
    {
        TrainingProtocol protocol = new();
        const int All = 300 * 57;

        // The original loop: a step with the rate as it is, then the rate is set from that step's number.
        double rate = 0.01;
        for (int t = 0; t < All; t++)
        {
            Assert.Equal(rate, protocol.LearningRateAt(t, All), 1e-15);
            rate = 0.01 * Math.Pow(1 - ((double)t / All), 0.9);
        }

        Assert.True(protocol.LearningRateAt(All - 1, All) > 0);
    }

    [Fact]
    public void Cosine_falls_from_the_rate_through_its_half_towards_zero()
    {
        TrainingProtocol protocol = new() { Schedule = ScheduleKind.Cosine, LearningRate = 0.4 };
        Assert.Equal(0.4, protocol.LearningRateAt(0, 1000));
        Assert.Equal(0.4, protocol.LearningRateAt(1, 1000));
        Assert.Equal(0.4 * (2 + Math.Sqrt(2)) / 4, protocol.LearningRateAt(251, 1000), 1e-12);
        Assert.Equal(0.2, protocol.LearningRateAt(501, 1000), 1e-12);
        Assert.InRange(protocol.LearningRateAt(999, 1000), 0, 1e-4);
    }

    [Fact]
    public void A_warm_up_rises_to_the_full_rate_and_the_schedule_has_the_rest()
    {
        // Ten steps an epoch.
        TrainingProtocol protocol = new() { Epochs = 13, WarmUp = 3, Schedule = ScheduleKind.Cosine, LearningRate = 0.6 };
        for (int t = 0; t < 30; t++)
        {
            Assert.Equal(0.6 * (t + 1) / 30, protocol.LearningRateAt(t, 130), 1e-12);
        }

        Assert.Equal(0.6, protocol.LearningRateAt(30, 130), 1e-12);
        Assert.Equal(0.3, protocol.LearningRateAt(81, 130), 1e-12);
        Assert.InRange(protocol.LearningRateAt(129, 130), 0, 1e-3);
    }

    [Theory]
    [InlineData(25, 7, 1)]
    [InlineData(150, 2, 57)]
    [InlineData(300, 2, 57)]
    public void A_warm_up_ends_at_the_full_rate_whatever_rounding_makes_of_its_part(int epochs, int warmUp, int iterations)
    {
        TrainingProtocol protocol = new() { Epochs = epochs, WarmUp = warmUp, LearningRate = 0.01 };
        long all = (long)epochs * iterations;
        Assert.Equal(0.01, protocol.LearningRateAt((long)warmUp * iterations, all));
        for (long t = 0; t < all; t++)
        {
            Assert.InRange(protocol.LearningRateAt(t, all), 0, 0.01 + 1e-12);
        }
    }

    [Fact]
    public void Constant_stays() =>
        Assert.All(Enumerable.Range(0, 10),
            t => Assert.Equal(0.03, new TrainingProtocol { Schedule = ScheduleKind.Constant, LearningRate = 0.03 }.LearningRateAt(t, 10)));

    [Fact]
    public void The_defaults_are_the_published_protocol()
    {
        TrainingProtocol protocol = new();
        Assert.Null(protocol.FindFault());
        Assert.Equal((300, 8, 256, 256, 41UL), (protocol.Epochs, protocol.Batch, protocol.Width, protocol.Height, protocol.Seed));
        Assert.Equal((0.01, 0.9, 1e-4), (protocol.LearningRate, protocol.Momentum, protocol.WeightDecay));
        Assert.Equal(
            (OptimizerKind.Sgd, ScheduleKind.Polynomial, LossKind.CrossEntropyDice),
            (protocol.Optimizer, protocol.Schedule, protocol.Loss));
        Assert.Equal(AugmentationKind.RotateFlip, protocol.Augmentation);
        Assert.Null(protocol.Patience);
    }

    [Theory]
    [InlineData(LossKind.CrossEntropyDice, 0.5, 1, false)]
    [InlineData(LossKind.CrossEntropy, 1, 0, false)]
    [InlineData(LossKind.Dice, 0, 1, false)]
    [InlineData(LossKind.CrossEntropyBatchDice, 1, 1, true)]
    public void A_loss_is_the_weights_of_its_parts(LossKind loss, double crossEntropy, double dice, bool ofBatch)
    {
        TrainableSettings settings = new TrainingProtocol { Loss = loss }.ToTrainableSettings();
        Assert.Equal((crossEntropy, dice, ofBatch), (settings.CrossEntropy, settings.Dice, settings.DiceOfBatch));
    }

    [Fact]
    public void Every_setting_of_a_backend_is_that_of_the_protocol()
    {
        double[] weights = [1, 3];
        TrainingProtocol protocol = new()
        {
            Seed = 5,
            Optimizer = OptimizerKind.AdamW,
            Momentum = 0.8,
            WeightDecay = 0.02,
            DecayOn = DecayKind.Convolutions,
            ClipNorm = 1.5,
            AverageDecay = 0.99,
            Loss = LossKind.CrossEntropyBatchDice,
            Focal = 2,
            TverskyFalsePositives = 0.3,
            TverskyFalseNegatives = 0.7,
            ClassWeights = weights,
            HealthyPixels = 0.01,
            Presence = 0.1,
            Distillation = 0.25,
            Temperature = 3,
        };
        TrainableSettings expected = new()
        {
            Seed = 5,
            Optimizer = OptimizerKind.AdamW,
            Momentum = 0.8,
            WeightDecay = 0.02,
            DecaysConvolutionsOnly = true,
            ClipNorm = 1.5,
            AverageDecay = 0.99,
            CrossEntropy = 1,
            Dice = 1,
            DiceOfBatch = true,
            Focal = 2,
            TverskyFalsePositives = 0.3,
            TverskyFalseNegatives = 0.7,
            ClassWeights = weights,
            HealthyPixels = 0.01,
            Presence = 0.1,
            Distillation = 0.25,
            Temperature = 3,
        };
        Assert.Equal(expected, protocol.ToTrainableSettings());

        // A setting that comes later has to be here too; the weight of the Dice loss is another one in the theory above.
        TrainableSettings published = new();
        Assert.All(
            typeof(TrainableSettings).GetProperties().Where(static one => one.Name != nameof(TrainableSettings.Dice)),
            one => Assert.NotEqual(one.GetValue(published), one.GetValue(expected)));
    }

    public static TheoryData<TrainingProtocol, string> Faults => new()
    {
        { new() { Epochs = 0 }, "epoch" },
        { new() { Batch = 0 }, "batch" },
        { new() { Width = 40 }, "multiple of 16 pixels, not 40 x 256" },
        { new() { Height = 0 }, "256 x 0" },
        { new() { Height = -16 }, "256 x -16" },
        { new() { LearningRate = 0 }, "learning rate" },
        { new() { LearningRate = double.NaN }, "learning rate" },
        { new() { LearningRate = double.PositiveInfinity }, "learning rate" },
        { new() { Momentum = 1 }, "momentum" },
        { new() { Momentum = -0.1 }, "momentum" },
        { new() { Momentum = double.NaN }, "momentum" },
        { new() { WeightDecay = -1e-9 }, "weight decay" },
        { new() { WeightDecay = double.NaN }, "weight decay" },
        { new() { Patience = 0 }, "patience" },
        { new() { WarmUp = -1 }, "warm-up" },
        { new() { Epochs = 3, WarmUp = 3 }, "warm-up" },
        { new() { ClipNorm = double.NaN }, "norm" },
        { new() { AverageDecay = 1 }, "average" },
        { new() { HealthyPixels = 0 }, "pixels" },
        { new() { HealthyShare = 0.34 }, "1/3" },
        { new() { HealthyShare = 0.2, Batch = 1 }, "at least 2 cases" },
        { new() { Presence = -1 }, "presence" },
        { new() { Oversample = 1.1 }, "rare" },
        { new() { Distillation = 1.1 }, "distillation" },
        { new() { Temperature = 0.5 }, "temperature" },
        { new() { Ultrasound = new() { Chance = 2 } }, "chance" },
    };

    [Theory]
    [MemberData(nameof(Faults), DisableDiscoveryEnumeration = true)]
    public void A_setting_that_is_not_possible_is_named(TrainingProtocol protocol, string named)
    {
        string fault = Assert.IsType<string>(protocol.FindFault());
        Assert.Contains(named, fault, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault);
    }
}
