using CMUNeXt.Drawing.Plots;

namespace CMUNeXt.Training.Runs;

/// <summary>The image <c>curves.png</c>: loss, IoU and learning rate over the epochs.</summary>
internal static class TrainingCurves
{
    /// <summary>Draws the epochs that are complete.</summary>
    public static void Save(string path, IReadOnlyList<EpochRecord> epochs)
    {
        double[] x = [.. epochs.Select(epoch => epoch.Epoch + 1.0)];
        CurvesSeries Series(string name, Func<EpochRecord, double> value) => new(name, x, [.. epochs.Select(value)]);
        CurvesPanel[] scores = epochs.All(static epoch => epoch.Score is null || epoch.Score == epoch.Validation.Iou)
            ? []
            : [new CurvesPanel("What chooses the best epoch", "score", [Series("validation", static e => e.ScoreOrNaN)])];
        CurvesPlot.Save(path,
        [
            new CurvesPanel("Loss", "loss", [Series("training", e => e.TrainLoss), Series("validation", e => e.ValidationLoss)]),
            new CurvesPanel(
                "IoU (as published)", "IoU", [Series("training", e => e.TrainIou), Series("validation", e => e.Validation.Iou)]),
            .. scores,
            new CurvesPanel("Learning rate", "learning rate", [Series("learning rate", e => e.LearningRate)]),
        ]);
    }
}
