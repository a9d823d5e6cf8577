using System.Text;
using CMUNeXt.Cli.Prediction;
using CMUNeXt.Files;

namespace CMUNeXt.Cli.Parts;

/// <summary>Makes the summary of a prediction of the records of its parts.</summary>
internal static class PredictionParts
{
    /// <summary>The images of a part; frames of one file stay together.</summary>
    public static IReadOnlyList<ImageInput> ImagesOf(WorkPart part, IReadOnlyList<ImageInput> all) =>
        [.. FilesOf(all).Where((_, place) => part.Has(place)).SelectMany(static file => file)];

    /// <summary>Writes the record of a part.</summary>
    /// <param name="folder">The output folder.</param>
    /// <param name="part">The part.</param>
    /// <param name="settings">What is wanted of all parts.</param>
    /// <param name="lengths">The files of the part's images, each with its length before the first was read.</param>
    /// <param name="all">The images of all parts.</param>
    /// <param name="summary">What became of those of the part.</param>
    public static void Write(
        string folder, WorkPart part, PredictionSettings settings, IReadOnlyDictionary<string, long> lengths,
        IReadOnlyList<ImageInput> all, PredictionSummary summary)
    {
        Gallery gallery = new(settings);
        IReadOnlyList<ImageInput>[] files = [.. FilesOf(all)];
        SortedDictionary<int, IReadOnlyList<CaseRecord>> found = [];
        foreach (int place in Enumerable.Range(0, files.Length).Where(part.Has))
        {
            found[place] = [.. files[place].Select(RecordOf)];
        }

        string job = string.Join('\n', [settings.Describe(), .. files.Select(static file => DescribeFile(file[0]))]);
        string hash = Sha256.Of(Encoding.UTF8.GetBytes(job));
        new PartRecord(hash, files.Length, lengths, found).Write(folder, part);

        CaseRecord RecordOf(ImageInput image) =>
            new(
                summary.RowOf(image),
                gallery.FigureOf(image, summary),
                summary.Find(image)?.HasFinding == true,
                summary.FindProblem(image) is not null);
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
        PartRecord? joined = null;
        PartRecord.In(folder).Join(
            count,
            ended,
            part => PartRecord.Read(folder, part),
            (parts, own) =>
            {
                joined = PartRecord.Of(folder, parts);
                own.Claim(PredictionFiles.SummaryFile, PredictionFiles.GalleryFile, PredictionFiles.NoticeFile);
                PredictionFiles.WriteNotice(folder);
                PredictionFiles.Write(
                    folder,
                    joined.Cases.Select(static one => one.Row),
                    joined.Cases.Select(static one => one.Figure),
                    joined.WithLesions);
                return joined.Failures;
            },
            out missing);
        return joined;
    }

    /// <summary>Says what all parts found.</summary>
    public static void Print(PartRecord joined, string folder) => Console.WriteLine(PredictionFiles.Describe(
        folder, joined.Done, joined.Cases.Count, "", joined.WithLesions));

    private static IEnumerable<IReadOnlyList<ImageInput>> FilesOf(IReadOnlyList<ImageInput> images) =>
        images.GroupBy(static image => image.Path).Select(static file => file.ToArray());

    // What it and its results are called, and not how many frames it has: a loop that is half copied counts as one image.
    private static string DescribeFile(ImageInput image)
    {
        int suffix = image.Frame?.Suffix.Length ?? 0;
        return $"{image.Name[..^suffix]}, {image.Result[..^suffix]}";
    }
}
