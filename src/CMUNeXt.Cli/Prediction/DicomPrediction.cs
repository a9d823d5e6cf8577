using CMUNeXt.Dicom;
using CMUNeXt.Files;

namespace CMUNeXt.Cli.Prediction;

/// <summary>
/// A DICOM file that is being predicted: open from its first frame to its last, with its objects and, of a loop, its areas. Frames are read
/// and added in any order, and by any number of threads at once.
/// </summary>
internal sealed class DicomPrediction : IDisposable
{
    private readonly DicomFile file;
    private readonly OutputFolder folder;
    private readonly PredictionSettings settings;
    private readonly string result;
    private readonly IReadOnlyList<string> objects = [];

    // What calls of other settings write, and this one does not.
    private readonly IReadOnlyList<string> others = [];
    private readonly DicomResults? results;
    private readonly BadFileException? refusal;
    private readonly SegmentationReport?[] reports;
    private readonly Lock removing = new();
    private bool isRemoved;

    /// <summary>Opens a file.</summary>
    /// <param name="frame">One of its frames.</param>
    /// <param name="folder">Where the results go.</param>
    /// <param name="settings">What is wanted.</param>
    /// <exception cref="BadFileException">It cannot be read, or a result may not be written.</exception>
    public DicomPrediction(ImageInput frame, OutputFolder folder, PredictionSettings settings)
    {
        this.folder = folder;
        this.settings = settings;
        result = frame.Result[..^frame.Frame!.Suffix.Length];
        file = DicomFile.Open(frame.Path);
        try
        {
            Image = file.OpenImage();
            reports = new SegmentationReport?[Image.FrameCount];
            string[] areas = IsLoop ? [TableOf(result), CurveOf(result)] : [];
            objects = DicomResults.NamesOf(result, Image.FrameCount, settings.Fitting(Image));
            others = [.. NamesOf(frame, settings).Except([.. objects, .. areas])];
            folder.Claim([.. objects, .. areas]);
            (results, refusal) = Begin();
        }
        catch
        {
            file.Dispose();
            folder.Withdraw([.. objects, TableOf(result), CurveOf(result)]);
            throw;
        }
    }

    /// <summary>What calls of any settings write of the file of a frame as a whole.</summary>
    public static IReadOnlyList<string> NamesOf(ImageInput frame, PredictionSettings settings)
    {
        string result = frame.Result[..^frame.Frame!.Suffix.Length];
        PredictionSettings most = settings with { WithOverlay = true, SegFrames = [.. Enumerable.Range(1, frame.Frame.Count)] };
        return [.. DicomResults.NamesOf(result, frame.Frame.Count, most), TableOf(result), CurveOf(result)];
    }

    /// <summary>The image or loop.</summary>
    public DicomImage Image { get; }

    /// <summary>Why overlays that are wanted are not written as a DICOM file; null where all is that is wanted.</summary>
    public string? Omission => results?.Omission;

    private bool IsLoop => Image.FrameCount > 1;

    private static string TableOf(string result) => $"{result}_areas.csv";

    private static string CurveOf(string result) => $"{result}_areas.png";

    /// <summary>Removes what an earlier call wrote of the file and this one does not: a frame has other findings now.</summary>
    public void RemoveEarlier()
    {
        // Once: a loop has as many names as frames.
        lock (removing)
        {
            if (!isRemoved)
            {
                folder.RemoveEarlier(others);
                isRemoved = true;
            }
        }
    }

    /// <summary>Takes what was found in a frame.</summary>
    /// <param name="index">The frame, from 0.</param>
    /// <param name="found">Its findings.</param>
    public void Add(int index, ImageFindings found)
    {
        results?.Add(index, found);
        reports[index] = found.Report;
    }

    /// <summary>
    /// Writes what is of all frames, where none failed; one that did has had its line. What is not written is not an earlier run's either.
    /// </summary>
    /// <exception cref="BadFileException">The file does not identify itself, or does not have a frame that is wanted.</exception>
    public void Complete()
    {
        if (reports.Contains(null))
        {
            folder.Withdraw([.. objects, TableOf(result), CurveOf(result)]);
            return;
        }

        if (IsLoop)
        {
            LoopCurve curve = new([.. reports.OfType<SegmentationReport>()], Image.TimeOf);
            AtomicFile.WriteText(Path.Combine(folder.Path, TableOf(result)), curve.ToCsv());
            AtomicFile.WriteBytes(Path.Combine(folder.Path, CurveOf(result)), curve.ToPng());
        }

        if (refusal is not null)
        {
            folder.Withdraw(objects);
            throw refusal;
        }

        results!.Complete();
        if (IsLoop && settings.SegFrames.FirstOrDefault(frame => frame > Image.FrameCount) is var missing and > 0)
        {
            throw new BadFileException(
                file.Name, $"has frames 1 to {Image.FrameCount}, and no frame {missing} that --seg-frames asks for");
        }
    }

    /// <summary>Closes the file; objects that are not complete are removed.</summary>
    public void Dispose()
    {
        results?.Dispose();
        file.Dispose();
    }

    // A file that no object can refer to is predicted all the same, as any image is.
    private (DicomResults? Results, BadFileException? Refusal) Begin()
    {
        try
        {
            return (new DicomResults(file, Path.Combine(folder.Path, result), settings), null);
        }
        catch (BadFileException e)
        {
            return (null, e);
        }
    }
}
