using CMUNeXt.Training.Data;
using CMUNeXt.Training.Runs;
using CMUNeXt.Training.Sessions;

namespace CMUNeXt.Cli.Terminal;

/// <summary>Shows how far a training is, a line for each epoch, and what it reached.</summary>
internal sealed class TrainingReport(WorkProgress work) : IProgress<TrainingStep>
{
    // A validation case costs about a twentieth of an iteration of eight.
    private const double ValidationCost = 1 / 20.0;

    public void Report(TrainingStep step)
    {
        double epochLength = step.Steps + (step.ValidationCases * ValidationCost);
        double done = step.Step + (step.Validated * ValidationCost);
        work.Title = step.Validated == 0
            ? $"epoch {step.Epoch + 1}/{step.Epochs}, iteration {step.Step}/{step.Steps}, loss {step.Loss:0.000}"
            : $"epoch {step.Epoch + 1}/{step.Epochs}, validation {step.Validated}/{step.ValidationCases}";
        work.Report((step.Epoch * epochLength) + done, step.Epochs * epochLength);
        if (step.Completed is { } epoch)
        {
            work.WriteLine(
                $"epoch {epoch.Epoch + 1,3}/{step.Epochs}: loss {epoch.TrainLoss:0.0000}, IoU {epoch.TrainIou:0.0000}; "
                + $"validation loss {epoch.ValidationLoss:0.0000}, IoU {epoch.Validation.Iou:0.0000}, F1 {epoch.Validation.F1:0.0000}; {epoch.Seconds:0.0} s");
        }
    }

    /// <summary>Warns where the lists share what they should not; all images are read.</summary>
    public static void WarnOfOverlap(TrainingSession session, CancellationToken stop)
    {
        int images = session.Settings.Train.Count + session.Settings.Validation.Count;
        ListOverlap overlap = WorkProgress.Run("comparing the lists", "images", work =>
            session.FindOverlap(new Callback<int>(done => work.Report(done, images)), stop));
        if (!overlap.IsEmpty)
        {
            Console.Error.WriteLine($"warning: the validation list is not independent of the training list: {overlap}");
        }
    }

    /// <summary>Prints what a training reached, and how to go on from it.</summary>
    public static void PrintEnd(TrainingSession session, RunProgress progress)
    {
        EpochRecord best = progress.Best!;
        string folder = session.Folder.Path;
        string evaluation = Path.Combine(folder, "evaluation");
        Console.WriteLine(
            $"Best validation IoU {best.Validation.Iou:0.0000} (original definition) in epoch {best.Epoch + 1} of {progress.Epochs.Count}.");
        Console.WriteLine($"Weights, metrics and curves are in {folder}. To judge them on the validation list:");
        Console.WriteLine(
            $"cmunext evaluate --data {session.Settings.Data} --list LIST --weights {session.Folder.BestPath} --output {evaluation}");
    }
}
