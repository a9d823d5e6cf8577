using System.Security.Cryptography;
using System.Text;
using CMUNeXt.Cli.Prediction;
using CMUNeXt.Files;

namespace CMUNeXt.Cli.Parts;

/// <summary>Makes the summary of a prediction of the records of its parts.</summary>
internal static class PredictionParts
{
    /// <summary>The name of the table.</summary>
    public const string SummaryFile = "summary.csv";

    /// <summary>The name of the page that shows what was found.</summary>
    public const string GalleryFile = "gallery.html";

    /// <summary>The name of the file that says what the results are not.</summary>
    public const string NoticeFile = "NOTICE.txt";

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    /// <summary>The images of a part; frames of one file stay together.</summary>
    public static IReadOnlyList<ImageInput> ImagesOf(WorkPart part, IReadOnlyList<ImageInput> all)
    {
        string[] files = [.. all.Select(static image => image.Path).Distinct()];
        HashSet<string> own = [.. files.Where((_, place) => part.Has(place))];
        return [.. all.Where(image => own.Contains(image.Path))];
    }

    /// <summary>Writes the record of a part.</summary>
    /// <param name="folder">The output folder.</param>
    /// <param name="part">The part.</param>
    /// <param name="settings">What is wanted of all parts.</param>
    /// <param name="files">The files of the part's images, each with its length before the first was read.</param>
    /// <param name="all">The images of all parts.</param>
    /// <param name="own">Those of the part.</param>
    /// <param name="summary">What became of them.</param>
    public static void Write(
        string folder, WorkPart part, PredictionSettings settings, IReadOnlyDictionary<string, long> files, IReadOnlyList<ImageInput> all,
        IReadOnlyList<ImageInput> own, PredictionSummary summary)
    {
        Gallery gallery = new(settings);
        HashSet<ImageInput> images = [.. own];
        SortedDictionary<int, CaseRecord> found = [];
        for (int place = 0; place < all.Count; place++)
        {
            if (images.Contains(all[place]))
            {
                SegmentationReport? report = summary.Find(all[place]);
                found[place] = new CaseRecord(
                    summary.RowOf(all[place]), gallery.FigureOf(all[place], report), report?.HasFinding == true);
            }
        }

        string job = string.Join('\n', [settings.Describe(), .. all.Select(static image => image.Name)]);
        string hash = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(job)));
        new PartRecord(hash, all.Count, files, found).Write(folder, part);
    }

    /// <summary>
    /// Writes the summary and the gallery where all parts are there: the bytes that one process would have written. Where an image failed,
    /// the records stay, so that its part is all that has to be started again.
    /// </summary>
    /// <param name="folder">The output folder.</param>
    /// <param name="count">The number of parts.</param>
    /// <param name="ended">The part at whose end it is done, which takes what an earlier job left for missing; null for none.</param>
    /// <param name="missing">The parts that are not done yet.</param>
    /// <returns>What was found; null where a part is missing, or another process keeps the folder, or has written the summary.</returns>
    /// <exception cref="BadFileException">The parts are not of one job, or a file of somebody's stands there.</exception>
    public static PartRecord? Merge(string folder, int count, WorkPart? ended, out IReadOnlyList<int> missing)
    {
        // Parts that end at one moment: whoever has the folder may have looked before this part's record was there.
        using FolderLock? held = FolderLock.TryTake(folder, LongestWait);
        missing = [];
        if (held is null || PartRecord.Join(folder, count, ended, out missing) is not { } joined)
        {
            return null;
        }

        OwnFiles own = OwnFiles.In(folder);
        own.Claim(SummaryFile, GalleryFile, NoticeFile);
        AtomicFile.WriteText(Path.Combine(folder, NoticeFile), SegmentationReport.NotMedical + "\n");
        AtomicFile.WriteText(
            Path.Combine(folder, SummaryFile), PredictionSummary.Header + string.Concat(joined.Found.Values.Select(static one => one.Row)));
        AtomicFile.WriteText(
            Path.Combine(folder, GalleryFile),
            Gallery.ToHtml([.. joined.Found.Values.Select(static one => one.Figure).OfType<string>()], joined.WithLesions));
        own.JoinLists();
        if (joined.Failures == 0)
        {
            PartRecord.In(folder).Remove();
        }

        return joined;
    }

    /// <summary>Says what all parts found.</summary>
    public static void Print(PartRecord joined, string folder) => Console.WriteLine(
        $"{joined.Cases - joined.Failures} of {joined.Cases} images are segmented in {folder}; "
        + $"lesions are in {joined.WithLesions} of them. {SegmentationReport.NotMedical}");
}
