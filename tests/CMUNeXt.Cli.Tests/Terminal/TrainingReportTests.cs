using CMUNeXt.Cli.Terminal;
using CMUNeXt.Images;
using CMUNeXt.Networks;
using CMUNeXt.Training.Metrics;
using CMUNeXt.Training.Protocol;
using CMUNeXt.Training.Runs;

namespace CMUNeXt.Cli.Tests.Terminal;

[Collection(nameof(Console))]
public sealed class TrainingReportTests
{
    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void A_best_epoch_that_finds_nothing_is_warned_of(int found, bool warned)
    {
        (string printed, string warnings) = PrintEnd(SelectionKind.Iou, found, loss: 1);
        Assert.Equal(warned, warnings.Contains("finds nothing in any of the 2 validation cases", StringComparison.Ordinal));
        Assert.Contains("Best epoch: 3 of 1, by the validation IoU, 0.2500.", printed, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("999999.5000", 999999.5)]
    [InlineData("1.2346e+25", 1.23456e25)]
    public void The_loss_of_a_training_that_diverges_does_not_fill_the_line(string said, double loss) => Assert.Contains(
        $"Best epoch: 3 of 1, by the validation loss, {said}.", PrintEnd(SelectionKind.Loss, 1, loss).Printed, StringComparison.Ordinal);

    [Theory]
    [InlineData(null, 9, false)]
    [InlineData(2, 1, false)]
    [InlineData(2, 9, true)]
    public void A_training_that_its_patience_ended_says_so(int? patience, int epochs, bool said) => Assert.Equal(
        said,
        PrintEnd(SelectionKind.Iou, 1, loss: 1, new TrainingProtocol { Epochs = epochs, Patience = patience }).Printed
            .Contains($"The patience (2) ended the training after epoch 1 of {epochs}.", StringComparison.Ordinal));

    private static (string Printed, string Warnings) PrintEnd(
        SelectionKind selection, int found, double loss, TrainingProtocol? protocol = null)
    {
        EpochRecord epoch = new()
        {
            Epoch = 2, TrainLoss = 1, TrainIou = 0.5, ValidationLoss = loss, LearningRate = 0.1, Seconds = 1, EndedAt = 0, Score = 0.25,
            Masks = new MaskMetrics { Iou = 0.25, Found = found },
            Validation = new MetricsAsPublished
            {
                Iou = 0.5, Dice = 0.5, Sensitivity = 0.5, Precision = 0.5, Specificity = 0.5, Accuracy = 0.5, F1 = 0.5, DiceCoef = 0.5,
            },
        };
        RunSettings settings = new()
        {
            Version = "1", Network = NetworkCatalog.Describe("cmunext-s"), Preprocessing = Preprocessing.Published,
            Protocol = protocol ?? new TrainingProtocol(),
            Data = "my data", Train = ["a"], Validation = ["b", "c"], Backend = "managed", Device = "cpu", Threads = 1,
            Selection = selection,
        };
        (TextWriter output, TextWriter error) = (Console.Out, Console.Error);
        using StringWriter printed = new();
        using StringWriter warnings = new();
        Console.SetOut(printed);
        Console.SetError(warnings);
        try
        {
            TrainingReport.PrintEnd(new RunFolder("runs/it's one"), settings, RunProgress.None with { Epochs = [epoch] });
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(error);
        }

        return (printed.ToString(), warnings.ToString());
    }
}
