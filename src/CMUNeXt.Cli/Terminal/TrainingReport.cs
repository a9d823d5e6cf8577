using System.Globalization;
using CMUNeXt.Files;
using CMUNeXt.Training.Data;
using CMUNeXt.Training.Protocol;
using CMUNeXt.Training.Runs;
using CMUNeXt.Training.Sessions;

namespace CMUNeXt.Cli.Terminal;

/// <summary>Shows how far a training is, a line for each epoch, and what it reached.</summary>
internal sealed class TrainingReport(WorkProgress work, Action<TrainingIteration>? told = null) : IProgress<TrainingIteration>
{
    // A validation case costs about a twentieth of an iteration of eight.
    private const double ValidationCost = 1 / 20.0;

    public void Report(TrainingIteration now)
    {
        told?.Invoke(now);
        double epochLength = now.Iterations + (now.ValidationCases * ValidationCost);
        double done = now.Iteration + (now.Validated * ValidationCost);
        work.Title = now.Validated == 0
            ? $"epoch {now.Epoch + 1}/{now.Epochs}, iteration {now.Iteration}/{now.Iterations}, loss {Words(now.Loss)}"
            : $"epoch {now.Epoch + 1}/{now.Epochs}, validation {now.Validated}/{now.ValidationCases}";
        work.Report((now.Epoch * epochLength) + done, now.Epochs * epochLength);
        if (now.Completed is { } epoch)
        {
            work.WriteLine(
                $"epoch {epoch.Epoch + 1,3}/{now.Epochs}: loss {Words(epoch.TrainLoss)}, IoU {epoch.TrainIou:0.0000}; "
                + $"validation loss {Words(epoch.ValidationLoss)}, IoU as published {epoch.Validation.Iou:0.0000}, "
                + $"IoU {epoch.Masks?.Iou:0.0000}, "
                + $"{epoch.Masks?.Found} of {now.ValidationCases} with a finding; {epoch.Seconds:0.0} s");
        }
    }

    /// <summary>Says what should be known before a training is believed.</summary>
    /// <param name="session">The training.</param>
    /// <param name="begins">Whether it is new, so that its lists are compared.</param>
    /// <param name="stop">Stops the comparison.</param>
    public static void Warn(TrainingSession session, bool begins, CancellationToken stop)
    {
        if (session.Warning is { } warning)
        {
            Console.Error.WriteLine($"warning: {warning}");
        }

        if (begins)
        {
            RefusedWarning.Print(session.Settings.Data);
            WarnOfOverlap(session, stop);
        }
    }

    // All images are read.
    private static void WarnOfOverlap(TrainingSession session, CancellationToken stop)
    {
        int images = session.Settings.Train.Count + session.Settings.Validation.Count;
        ListOverlap overlap = WorkProgress.Run("comparing the lists", "images", work =>
            session.FindOverlap(new Callback<int>(done => work.Report(done, images)), stop));
        if (!overlap.IsEmpty)
        {
            Console.Error.WriteLine($"warning: the validation list is not independent of the training list: {overlap}");
        }

        if (overlap.NearCopies is null)
        {
            Console.Error.WriteLine(
                "The lists are too long to look for near copies here; cmunext copies --data DIR --train LIST --val LIST finds them.");
        }

        if (session.FindKnownValidationCases(stop) is { Count: > 0 } known)
        {
            Console.Error.WriteLine(
                $"warning: the weights that the run starts from, or a teacher, know {known.Count} of the validation cases, on which what "
                + $"it learns cannot be judged: {ShortList.Of(known)}");
        }
    }

    /// <summary>Trains, and prints what was reached, or how to go on where it was interrupted.</summary>
    /// <param name="session">The training.</param>
    /// <param name="stop">Stops it; all is kept.</param>
    /// <param name="told">Told of each iteration too; null tells nobody.</param>
    public static void Train(TrainingSession session, CancellationToken stop, Action<TrainingIteration>? told = null)
    {
        try
        {
            RunProgress progress = WorkProgress.Run("training", unit: null, work => session.Run(new TrainingReport(work, told), stop));
            PrintEnd(session.Folder, session.Settings, progress);
        }
        catch (OperationCanceledException)
        {
            PrintInterrupted(session.Folder);
            throw;
        }
    }

    /// <summary>Prints what a training reached, and how to go on from it.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="settings">The run's settings.</param>
    /// <param name="progress">What was measured.</param>
    public static void PrintEnd(RunFolder folder, RunSettings settings, RunProgress progress)
    {
        EpochRecord best = progress.Best!;
        Console.WriteLine($"Best epoch: {best.Epoch + 1} of {progress.Epochs.Count}, {Words(settings.Selection, best)}.");
        if (settings.Protocol.Patience is { } patience && progress.Epochs.Count < settings.Protocol.Epochs)
        {
            Console.WriteLine(
                $"The patience ({patience}) ended the training after epoch {progress.Epochs.Count} of {settings.Protocol.Epochs}.");
        }

        if (best.FindsNothing)
        {
            Console.Error.WriteLine(
                $"warning: the network of the best epoch finds nothing in any of the {settings.Validation.Count} validation cases; "
                + "train longer, with fewer healthy images, or choose the epoch by another --select");
        }

        Console.WriteLine($"Weights, metrics and curves are in {folder.Path}. To judge them on the validation cases:");
        Console.WriteLine(ShellText.Of(
            "cmunext", "evaluate", "--data", settings.Data, "--list", folder.ValidationListPath, "--weights", folder.BestPath,
            "--output", Path.Combine(folder.Path, "evaluation")));
    }

    private static void PrintInterrupted(RunFolder folder)
    {
        if (folder.HasRun)
        {
            Console.Error.WriteLine("Everything is kept. To go on:");
            Console.Error.WriteLine(ShellText.Of("cmunext", "train", "--resume", "--output", folder.Path));
        }
    }

    // That of a training that diverges would fill the line.
    private static string Words(double loss) => loss.ToString(loss < 1e6 ? "0.0000" : "0.0000e+0", CultureInfo.InvariantCulture);

    private static string Words(SelectionKind selection, EpochRecord best) => selection switch
    {
        SelectionKind.Iou => $"by the validation IoU, {best.Score:0.0000}",
        SelectionKind.Dice => $"by the validation Dice, {best.Score:0.0000}",
        SelectionKind.F1 => $"by the validation F1, {best.Score:0.0000}",
        SelectionKind.Presence => $"by the sensitivity and specificity of presence, {best.Score:0.0000} in the mean",
        SelectionKind.Loss => $"by the validation loss, {Words(best.ValidationLoss)}",
        SelectionKind.Last => "the last",
        _ => $"by the validation IoU as published, {best.Validation.Iou:0.0000}",
    };
}
