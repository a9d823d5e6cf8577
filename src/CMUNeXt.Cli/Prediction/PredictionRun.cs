using CMUNeXt.Cli.Terminal;
using CMUNeXt.Files;
using CMUNeXt.Imaging;

namespace CMUNeXt.Cli.Prediction;

/// <summary>The prediction of many images: several at once, and told of in their order.</summary>
/// <param name="prediction">Works on one of them.</param>
/// <param name="atOnce">The images that are computed at once.</param>
/// <param name="summary">Takes what became of each.</param>
/// <param name="stop">Ends it.</param>
internal sealed class PredictionRun(ImagePrediction prediction, int atOnce, PredictionSummary summary, CancellationToken stop)
{
    /// <summary>Predicts images.</summary>
    /// <exception cref="OperationCanceledException">It was ended before all were done.</exception>
    public void Predict(IReadOnlyList<ImageInput> images) =>
        WorkProgress.Run("predicting", "images", work => Predict(images, work));

    /// <summary>Predicts the images that come into folders, until it is ended.</summary>
    /// <param name="folders">The folders.</param>
    /// <param name="output">The folder of the results.</param>
    /// <param name="images">Takes the images.</param>
    /// <param name="begin">Is called before the first image.</param>
    /// <param name="summarize">Tells of all so far.</param>
    public void Watch(IReadOnlyList<string> folders, string output, List<ImageInput> images, Action begin, Action summarize)
    {
        Console.Error.WriteLine($"cmunext: watching {string.Join(", ", folders.Select(static folder => PrintableText.Of(folder)))}");
        foreach (IReadOnlyList<ImageInput> batch in new FolderWatch(folders, output, Console.Error.WriteLine).Batches(stop))
        {
            if (images.Count == 0)
            {
                begin();
            }

            // A file that has come anew may be a loop of other frames.
            HashSet<string> paths = [.. batch.Select(static image => image.Path)];
            foreach (ImageInput gone in images.Where(image => paths.Contains(image.Path)).Except(batch).ToArray())
            {
                images.Remove(gone);
                summary.Forget(gone);
                prediction.Withdraw(gone, batch);
            }

            images.AddRange(batch.Except(images));
            try
            {
                Predict(batch);
            }
            catch (OperationCanceledException)
            {
                // How it is ended.
            }
            finally
            {
                summarize();
            }
        }
    }

    private void Predict(IReadOnlyList<ImageInput> images, WorkProgress work)
    {
        IEnumerable<Task<ImageOutcome>> outcomes = ImagePipeline.Run(
            images.Select(image => (Image: image, Refused: prediction.Begin(image))),
            atOnce,
            (claimed, cores) => claimed.Refused is { } refused
                ? new ImageOutcome(null, refused, [])
                : prediction.Work(claimed.Image, cores, stop),
            stop);
        int done = 0;
        foreach ((ImageInput image, Task<ImageOutcome> task) in images.Zip(outcomes))
        {
            if (task.IsCanceled)
            {
                continue;
            }

            ImageOutcome outcome = task.Result;
            foreach (string note in outcome.Notes)
            {
                work.WriteLine(note);
            }

            if (outcome.Report is { } report)
            {
                summary.Add(image, report);
            }

            if (outcome.Failure is { } failure)
            {
                summary.Add(image, failure);
                work.WriteLine($"cmunext: {failure.Message}");
            }

            if (prediction.End(image, outcome) is { } problem)
            {
                summary.AddProblem(image, problem);
                work.WriteLine($"cmunext: {problem.Message}");
            }

            work.Report(++done, images.Count);
        }

        stop.ThrowIfCancellationRequested();
    }
}
