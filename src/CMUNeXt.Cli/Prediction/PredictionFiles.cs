using CMUNeXt.Cli.Terminal;
using CMUNeXt.Files;

namespace CMUNeXt.Cli.Prediction;

/// <summary>What a prediction writes and says of all its images together.</summary>
internal static class PredictionFiles
{
    /// <summary>The name of the table.</summary>
    public const string SummaryFile = "summary.csv";

    /// <summary>The name of the page that shows what was found.</summary>
    public const string GalleryFile = "gallery.html";

    /// <summary>The name of the file that says what the results are not.</summary>
    public const string NoticeFile = "NOTICE.txt";

    /// <summary>Writes what the results are not.</summary>
    public static void WriteNotice(string folder) =>
        AtomicFile.WriteText(Path.Combine(folder, NoticeFile), SegmentationReport.NotMedical + "\n");

    /// <summary>Writes the table and the gallery.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="rows">The images' rows of the table, in order.</param>
    /// <param name="figures">Their figures in the gallery; null for one that has none.</param>
    /// <param name="withLesions">The number of images with lesions.</param>
    public static void Write(string folder, IEnumerable<string> rows, IEnumerable<string?> figures, int withLesions)
    {
        AtomicFile.WriteText(Path.Combine(folder, SummaryFile), PredictionSummary.Header + string.Concat(rows));
        AtomicFile.WriteText(Path.Combine(folder, GalleryFile), Gallery.ToHtml([.. figures.OfType<string>()], withLesions));
    }

    /// <summary>What was found, in words.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="done">The number of images that did not fail.</param>
    /// <param name="images">How many there are.</param>
    /// <param name="which">More about them, which follows their number; may be empty.</param>
    /// <param name="withLesions">The number of images with lesions.</param>
    public static string Describe(string folder, int done, int images, string which, int withLesions) =>
        $"{done} of {Quantity.Of(images, "image")}{which} {(images == 1 ? "is" : "are")} segmented in {folder}; "
        + $"lesions are in {withLesions} of them. {SegmentationReport.NotMedical}";
}
