using CMUNeXt.Images;
using CMUNeXt.Networks;
using CMUNeXt.Tensors;
using CMUNeXt.Training.Metrics;
using CMUNeXt.Training.Protocol;
using CMUNeXt.Training.Runs;

namespace CMUNeXt.Training.Tests.Runs;

/// <summary>Settings, records and checkpoints for tests.</summary>
internal static class SomeRun
{
    public static RunSettings Settings(TrainingProtocol protocol) => new()
    {
        Version = "1.2.3",
        Network = NetworkCatalog.Describe("cmunext-s", channels: 1),
        Preprocessing = Preprocessing.For(1) with { Width = protocol.Width, Height = protocol.Height },
        Protocol = protocol,
        Data = "/data/phantoms",
        Train = ["a", "b"],
        Validation = ["c"],
        Backend = "torch",
        Device = "cpu",
        Threads = 2,
    };

    /// <summary>A record whose numbers are all different, and none of them short in decimals.</summary>
    public static EpochRecord Epoch(int epoch, double iou = 1.0 / 3) => new()
    {
        Epoch = epoch,
        TrainLoss = Math.PI / (epoch + 1),
        TrainIou = 0.1 + (0.2 / (epoch + 1)),
        ValidationLoss = Math.E / (epoch + 2),
        Validation = new MetricsAsPublished
        {
            Iou = iou, Dice = iou / 7, Sensitivity = 2.0 / 7, Precision = 3.0 / 7, Specificity = 4.0 / 7, Accuracy = 5.0 / 7, F1 = 6.0 / 7,
            DiceCoef = 1.0 / 9,
        },
        Masks = new MaskMetrics { Iou = iou / 11, Dice = iou / 13, Presence = iou / 17, Found = epoch + 19 },
        Score = iou,
        LearningRate = 0.01 / (epoch + 3),
        Seconds = 12.345,
        EndedAt = 1.7e9 + epoch + 0.25,
    };

    public static StateDict State(params float[] values) =>
        new([new WeightTensor("layer.weight", [values.Length], values),
            new WeightTensor("layer.steps", ElementType.Int64, [], new byte[] { 1, 2, 3, 4, 5, 6, 7, 8 })]);

    public static Checkpoint Checkpoint(bool withBest = true) => new(
        new RunProgress { Epochs = [Epoch(0), Epoch(1, 0.5)], Iteration = 3, LossSum = 1.0 / 3, IouSum = Math.Sqrt(2), Seconds = 4.5 },
        State(1.5f, float.NaN, -0f, float.Epsilon),
        State(0.1f, 0.2f),
        withBest ? State(7, 8, 9, 10) : null);

    /// <summary>Bit for bit.</summary>
    public static void AssertEqual(StateDict expected, StateDict actual)
    {
        Assert.Equal(expected.Select(t => t.Name), actual.Select(t => t.Name));
        foreach (WeightTensor tensor in expected)
        {
            Assert.Equal(tensor.Type, actual[tensor.Name].Type);
            Assert.Equal(tensor.Shape, actual[tensor.Name].Shape);
            Assert.Equal(tensor.Data.ToArray(), actual[tensor.Name].Data.ToArray());
        }
    }

    public static void AssertEqual(Checkpoint expected, Checkpoint actual)
    {
        AssertEqual(expected.Weights, actual.Weights);
        AssertEqual(expected.Optimizer, actual.Optimizer);
        Assert.Equal(expected.Best is null, actual.Best is null);
        AssertEqual(expected.Best ?? new StateDict([]), actual.Best ?? new StateDict([]));
        Assert.Equal(expected.Progress.Epochs, actual.Progress.Epochs);
        Assert.Equal(
            (expected.Progress.Iteration, expected.Progress.LossSum, expected.Progress.IouSum, expected.Progress.Seconds),
            (actual.Progress.Iteration, actual.Progress.LossSum, actual.Progress.IouSum, actual.Progress.Seconds));
    }
}
