using CMUNeXt.Dicom;
using CMUNeXt.Dicom.Objects;
using CMUNeXt.Files;

namespace CMUNeXt.Cli.Prediction;

/// <summary>
/// The DICOM objects of an image or a loop that are being written: the mask as NAME_seg.dcm, its measurements as NAME_report.dcm and the
/// overlays as NAME_overlay.dcm; of a loop mask and report of the frame with the largest lesion, and NAME_seg_N.dcm and NAME_report_N.dcm
/// of the frames that are asked for. Overlays that are more than a file can hold are left out. Frames come in any order, and from any
/// number of threads at once.
/// </summary>
internal sealed class DicomResults : IDisposable
{
    private readonly DicomFile file;
    private readonly string result;
    private readonly PredictionSettings settings;
    private readonly IReadOnlyList<int> wanted;
    private readonly SecondaryCapture? overlays;
    private readonly Lock gate = new();
    private readonly Dictionary<int, ImageFindings> kept = [];
    private (int Frame, int Area) largest = (0, -1);

    /// <summary>Begins to write.</summary>
    /// <param name="file">The image or loop.</param>
    /// <param name="result">The path of the results without an ending.</param>
    /// <param name="settings">What is wanted, of frames that the loop has.</param>
    /// <exception cref="BadFileException">The file does not identify itself.</exception>
    public DicomResults(DicomFile file, string result, PredictionSettings settings)
    {
        this.file = file;
        this.result = result;
        DicomImage image = file.OpenImage();
        this.settings = settings.Fitting(image);
        Omission = this.settings.WithOverlay == settings.WithOverlay ? null
            : $"its overlays have {SecondaryCapture.BytesOf(image)} bytes, more than a DICOM file can hold: "
                + "mask and report are written, and no file of overlays";
        wanted = FramesOf(image.FrameCount, settings);
        overlays = this.settings.WithOverlay ? SecondaryCapture.Create(OverlayOf(result), file, settings.By) : null;
    }

    /// <summary>Why overlays that are wanted are not written; null where all is that is wanted.</summary>
    public string? Omission { get; }

    /// <summary>
    /// The names of the files: mask and report of the largest lesion and of each frame that is wanted, then the overlays, for which an
    /// archive is the first to have no room.
    /// </summary>
    /// <param name="result">The path of the results without an ending.</param>
    /// <param name="frames">The number of frames.</param>
    /// <param name="settings">What is wanted.</param>
    public static IReadOnlyList<string> NamesOf(string result, int frames, PredictionSettings settings) =>
    [
        .. NamesOf(result, ""), .. FramesOf(frames, settings).SelectMany(frame => NamesOf(result, SuffixOf(frame))),
        .. settings.WithOverlay ? [OverlayOf(result)] : Array.Empty<string>(),
    ];

    /// <summary>Takes what was found in a frame.</summary>
    /// <param name="index">The frame, from 0.</param>
    /// <param name="found">Its findings.</param>
    public void Add(int index, ImageFindings found)
    {
        overlays?.WriteFrame(index, found.Overlay!);
        int frame = index + 1;
        ImageFindings mask = found with { Overlay = null, Probabilities = [] };
        lock (gate)
        {
            // Of equal ones the first, whichever comes first.
            bool isLargest = found.LargestArea > largest.Area || (found.LargestArea == largest.Area && frame < largest.Frame);
            if (isLargest && !wanted.Contains(largest.Frame))
            {
                kept.Remove(largest.Frame);
            }

            if (isLargest || wanted.Contains(frame))
            {
                kept[frame] = mask;
            }

            largest = isLargest ? (frame, found.LargestArea) : largest;
        }
    }

    /// <summary>Writes the rest, once all frames were taken.</summary>
    /// <returns>The files' paths.</returns>
    public IReadOnlyList<string> Complete()
    {
        overlays?.Complete();
        Save("", largest.Frame);
        foreach (int frame in wanted)
        {
            Save(SuffixOf(frame), frame);
        }

        return NamesOf(result, file.OpenImage().FrameCount, settings);
    }

    /// <summary>Ends it; objects that are not complete are removed.</summary>
    public void Dispose() => overlays?.Dispose();

    private void Save(string suffix, int frame)
    {
        string[] names = NamesOf(result, suffix);
        ImageFindings found = kept[frame];
        AtomicFile.Write(
            names[0], stream => SegmentationObject.Write(stream, file, frame - 1, found.Mask, settings.Classes, settings.By));
        SegmentationReport report = found.Report;
        IReadOnlyList<string> warnings =
            [.. report.Lesions.Count > 0 && report.PresenceNote is { } healthy ? [healthy] : (string[])[], .. report.Warnings ?? []];
        AtomicFile.Write(
            names[1], stream => MeasurementReport.Write(stream, file, frame - 1, report.Lesions, warnings, settings.By));
    }

    private static IReadOnlyList<int> FramesOf(int frames, PredictionSettings settings) =>
        frames > 1 ? [.. settings.SegFrames.Where(frame => frame >= 1 && frame <= frames)] : [];

    private static string OverlayOf(string result) => $"{result}_overlay.dcm";

    private static string SuffixOf(int frame) => $"_{frame:0000}";

    private static string[] NamesOf(string result, string suffix) => [$"{result}_seg{suffix}.dcm", $"{result}_report{suffix}.dcm"];
}
