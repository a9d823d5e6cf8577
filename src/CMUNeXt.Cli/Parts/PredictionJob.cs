using CMUNeXt.Cli.Prediction;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Networks;

namespace CMUNeXt.Cli.Parts;

/// <summary>A call of <c>predict</c>, whose output folder it has: the results of its images, and the summary of all of them.</summary>
internal sealed class PredictionJob : IDisposable
{
    private readonly PredictionSettings settings;
    private readonly WorkPart? part;
    private readonly FoundImages found;
    private readonly List<ImageInput> images;
    private readonly OutputFolder folder;
    private readonly PredictionSummary summary;

    // Of the part's images, before the first is read.
    private readonly IReadOnlyDictionary<string, long> files;

    /// <summary>Takes the folder.</summary>
    /// <param name="settings">What is wanted.</param>
    /// <param name="found">The images of all parts; none where folders are watched.</param>
    /// <param name="part">The part that is done; null for all.</param>
    /// <param name="output">The folder.</param>
    /// <param name="overwrite">Whether what an earlier call wrote there may be replaced.</param>
    /// <param name="weights">The weight files.</param>
    /// <exception cref="BadFileException">The folder cannot be used, or holds somebody's files.</exception>
    public PredictionJob(
        PredictionSettings settings, FoundImages found, WorkPart? part, string output, bool overwrite, IEnumerable<string> weights)
    {
        this.settings = settings;
        this.part = part;
        this.found = found;
        images = [.. ImagesOf(part, found)];
        summary = new PredictionSummary(images);
        string[] sources = [.. weights, .. found.Images.Select(static image => image.Path)];
        folder = part is null
            ? OutputFolder.Open(output, settings.Resume || overwrite, sources)
            : OutputFolder.OpenPart(output, part.Name, sources);
        try
        {
            SummaryPath = folder.Claim(PredictionFiles.SummaryFile);
            folder.Claim(PredictionFiles.GalleryFile);
            files = PartRecord.LengthsOf(part is null ? [] : images.Select(static image => image.Path));

            // What parts found is replaced from now on; where this one is interrupted, it counts no more.
            PartRecord.In(output).Remove(part?.Count);
            if (part is null)
            {
                folder.Claim(PredictionFiles.NoticeFile);
                PredictionFiles.WriteNotice(output);
            }
            else
            {
                // Until it ends again, the others wait for it.
                File.Delete(PartRecord.In(output).PathOf(part));
            }
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>The images so far, in order.</summary>
    public IReadOnlyList<ImageInput> Images => images;

    /// <summary>What was found in those that did not fail.</summary>
    public IReadOnlyList<SegmentationReport> Reports => summary.Reports;

    /// <summary>The images that failed, and what could not be searched for images.</summary>
    public int Failures => summary.Failures + found.Problems.Count;

    /// <summary>The table.</summary>
    public string SummaryPath { get; }

    /// <summary>The images of a part; null is all of them.</summary>
    public static IReadOnlyList<ImageInput> ImagesOf(WorkPart? part, FoundImages found) =>
        part is null ? found.Images : PredictionParts.ImagesOf(part, found.Images);

    /// <summary>Predicts the images.</summary>
    /// <param name="segmenter">Segments them.</param>
    /// <param name="network">Its network, which is closed when the last image is segmented.</param>
    /// <param name="atOnce">The images that are computed at once.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="OperationCanceledException">It was ended before all were done.</exception>
    public void Predict(Segmenter segmenter, Network network, int atOnce, CancellationToken stop)
    {
        int segmented = 0;
        if (part is null)
        {
            WithdrawSummary();
        }

        try
        {
            Run(Segment, run => run.Predict(images), atOnce, stop);
        }
        finally
        {
            if (part is null)
            {
                Summarize();
            }
        }

        if (part is null)
        {
            // Images that are not seen this time, such as those of a share that is away, keep what was found.
            if (!settings.Resume && !found.Problems.Any(static problem => Directory.Exists(problem.Path)))
            {
                folder.RemoveOthers(EarlierResults.IsPrediction);
            }

            folder.JoinLists();
            PartRecord.In(folder.Path).Remove();
        }
        else
        {
            PredictionParts.Write(folder.Path, part, settings, files, found.Images, summary);
        }

        Segmentation Segment(Image image, CancellationToken cancellation)
        {
            Segmentation segmentation = segmenter.Segment(image, cancellation);
            if (Interlocked.Increment(ref segmented) == images.Count)
            {
                // What is drawn and written now needs memory too, but the network no longer.
                network.Dispose();
            }

            return segmentation;
        }
    }

    /// <summary>Predicts the images that come into folders, until it is ended.</summary>
    /// <param name="segmenter">Segments them.</param>
    /// <param name="folders">The folders.</param>
    /// <param name="atOnce">The images that are computed at once.</param>
    /// <param name="stop">Ends it.</param>
    public void Watch(Segmenter segmenter, IReadOnlyList<string> folders, int atOnce, CancellationToken stop) =>
        Run(segmenter.Segment, run => run.Watch(folders, folder.Path, images, WithdrawSummary, Summarize), atOnce, stop);

    /// <summary>Gives the folder back.</summary>
    public void Dispose() => folder.Dispose();

    private void Run(Func<Image, CancellationToken, Segmentation> segment, Action<PredictionRun> run, int atOnce, CancellationToken stop)
    {
        foreach (BadFileException problem in found.Problems)
        {
            Console.Error.WriteLine($"cmunext: {problem.Message}");
        }

        using DicomPredictions dicom = new(folder, settings);
        ImagePrediction prediction = new(new ImageFinder(segment, settings), settings, folder, dicom);
        run(new PredictionRun(prediction, atOnce, summary, stop));
    }

    // Where this call is killed, no summary of an earlier one stands beside its results.
    private void WithdrawSummary() => folder.Withdraw([PredictionFiles.SummaryFile, PredictionFiles.GalleryFile]);

    private void Summarize()
    {
        Gallery gallery = new(settings);
        PredictionFiles.Write(
            folder.Path,
            images.Select(summary.RowOf),
            images.Select(image => gallery.FigureOf(image, summary)),
            Reports.Count(static report => report.HasFinding));
    }
}
