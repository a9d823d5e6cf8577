using CMUNeXt.Training.Data;
using CMUNeXt.Training.Protocol;
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
                + $"validation loss {epoch.ValidationLoss:0.0000}, IoU as published {epoch.Validation.Iou:0.0000}, IoU {epoch.Masks?.Iou:0.0000}, "
                + $"{epoch.Masks?.Marked} of {step.ValidationCases} marked; {epoch.Seconds:0.0} s");
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
        Console.WriteLine($"Best epoch: {best.Epoch + 1} of {progress.Epochs.Count}, {Words(session.Settings.Selection, best)}.");
        if (best.MarksNothing)
        {
            Console.Error.WriteLine(
                $"warning: the network of the best epoch marks nothing in any of the {session.Settings.Validation.Count} validation cases; "
                + "train longer, with fewer healthy images, or choose the epoch by another --select");
        }

        Console.WriteLine($"Weights, metrics and curves are in {folder}. To judge them on the validation list:");
        Console.WriteLine(
            $"cmunext evaluate --data {session.Settings.Data} --list LIST --weights {session.Folder.BestPath} --output {evaluation}");
    }

    private static string Words(SelectionKind selection, EpochRecord best) => selection switch
    {
        SelectionKind.Iou => $"by the validation IoU, {best.Score:0.0000}",
        SelectionKind.Dice => $"by the validation Dice, {best.Score:0.0000}",
        SelectionKind.F1 => $"by the validation F1, {best.Score:0.0000}",
        SelectionKind.Presence => $"by the sensitivity and specificity of presence, {best.Score:0.0000} in the mean",
        SelectionKind.Loss => $"by the validation loss, {best.ValidationLoss:0.0000}",
        SelectionKind.Last => "the last",
        _ => $"by the validation IoU as published, {best.Validation.Iou:0.0000}",
    };
}
