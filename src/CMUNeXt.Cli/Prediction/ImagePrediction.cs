using System.Globalization;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Imaging;

namespace CMUNeXt.Cli.Prediction;

/// <summary>
/// The way of one image from its file to its results: read, segmented, drawn, written. For any number of threads at once.
/// </summary>
/// <param name="finder">Finds what is in an image.</param>
/// <param name="settings">What is wanted.</param>
/// <param name="folder">Where the results go.</param>
/// <param name="dicom">The DICOM files whose frames are among the images.</param>
internal sealed class ImagePrediction(ImageFinder finder, PredictionSettings settings, OutputFolder folder, DicomPredictions dicom)
{
    // The DICOM file of which a frame failed, and whose results as a whole are removed: once, as there are as many as frames.
    private string? failedFile;

    /// <summary>Makes sure that an image's results may be written; the images come in order.</summary>
    /// <returns>Why they may not; null where they may.</returns>
    public BadFileException? Begin(ImageInput input)
    {
        try
        {
            folder.Claim(settings.ResultsOf(input).All);
            if (input.Frame is not null)
            {
                dicom.Begin(input);
            }

            return null;
        }
        catch (Exception e)
        {
            return ImageFailure.Of(input.Path, e);
        }
    }

    /// <summary>Works on an image; whatever goes wrong is the image's outcome.</summary>
    /// <param name="input">The image, which is begun.</param>
    /// <param name="cores">Of which computing uses one.</param>
    /// <param name="cancellation">Says that the image is no longer wanted; what is found by then is written.</param>
    /// <exception cref="OperationCanceledException">The image was no longer wanted.</exception>
    public ImageOutcome Work(ImageInput input, Cores cores, CancellationToken cancellation)
    {
        List<string> notes = [];
        try
        {
            ImageResults results = settings.ResultsOf(input);
            if (input.Frame is { Index: 0 } && dicom.Of(input).Omission is { } omission)
            {
                notes.Add($"cmunext: {PrintableText.Of(input.Path)}: {omission}");
            }

            // Before it is read: of a file that changes meanwhile, the findings are not taken for those of its new state.
            string source = SourceOf(input);
            if (settings.Resume && Earlier(input, source, results) is { } earlier)
            {
                if (input.Frame is { } frame)
                {
                    cores.Use(() => AddAgain(input, frame, results, earlier), cancellation);
                }

                return new ImageOutcome(earlier, null, notes);
            }

            Func<MeasuredImage> decode = Read(input, notes.Add);
            (SegmentationReport report, IReadOnlyList<(string Name, byte[] Content)> files) = cores.Use(
                () => Find(input, results, decode(), cancellation), cancellation);
            report = report with { Source = source };

            // The findings go first and come last: whoever sees them takes the image's results for complete, and for theirs.
            File.Delete(Path.Combine(folder.Path, results.Findings));
            folder.RemoveEarlier(OthersOf(input));
            if (input.Frame is not null)
            {
                dicom.Of(input).RemoveEarlier();
            }

            foreach ((string name, byte[] content) in files)
            {
                AtomicFile.WriteBytes(Path.Combine(folder.Path, name), content);
            }

            AtomicFile.WriteText(Path.Combine(folder.Path, results.Findings), report.ToJson() + "\n");
            return new ImageOutcome(report, null, notes);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return new ImageOutcome(null, ImageFailure.Of(input.Path, e), notes);
        }
    }

    /// <summary>
    /// Ends an image; the images come in order. One that failed keeps no results of an earlier run; where it is the last frame of a DICOM
    /// file, what is of the file as a whole is written.
    /// </summary>
    /// <returns>Why it cannot be written; null where it can.</returns>
    public BadFileException? End(ImageInput input, ImageOutcome outcome)
    {
        try
        {
            if (input.Frame is { Index: 0 })
            {
                // In a watch a file may come once more.
                failedFile = null;
            }

            if (outcome.Failure is not null)
            {
                folder.Withdraw(settings.ResultsOf(input).All);
                folder.RemoveEarlier(OthersOf(input));
                RemoveOfFile(input);
            }

            if (input.Frame is not null)
            {
                dicom.End(input);
            }

            return null;
        }
        catch (Exception e)
        {
            return ImageFailure.Of(input.Path, e);
        }
    }

    /// <summary>Removes the results of an image that there is no more.</summary>
    /// <param name="input">The image.</param>
    /// <param name="others">Images whose results stay.</param>
    public void Withdraw(ImageInput input, IReadOnlyList<ImageInput> others)
    {
        string[] names =
        [
            .. ImageResults.NamesOf(input).Concat(NamesOfFile(input)).Except(others.SelectMany(other => settings.ResultsOf(other).All)),
        ];
        try
        {
            folder.Withdraw(names);
            folder.RemoveEarlier(names);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What cannot be removed now is not worth the watch.
        }
    }

    // A file that is moved or copied into a folder may be older than what it replaces: only the same time is that of the same file.
    private static string SourceOf(ImageInput input)
    {
        FileInfo file = new(input.Path);
        return string.Create(CultureInfo.InvariantCulture, $"{file.Length} bytes, written {file.LastWriteTimeUtc:O}");
    }

    // What calls of other settings write of an image, and this one does not: it would stand beside findings that it is not of.
    private IEnumerable<string> OthersOf(ImageInput input) => ImageResults.NamesOf(input).Except(settings.ResultsOf(input).All);

    private void RemoveOfFile(ImageInput input)
    {
        if (input.Frame is not null && failedFile != input.Path)
        {
            folder.RemoveEarlier(NamesOfFile(input));
            failedFile = input.Path;
        }
    }

    private IReadOnlyList<string> NamesOfFile(ImageInput input) => input.Frame is null ? [] : DicomPrediction.NamesOf(input, settings);

    // What an interrupted job has found already: with these settings, in this state of the image's file.
    private SegmentationReport? Earlier(ImageInput image, string source, ImageResults results)
    {
        string path = Path.Combine(folder.Path, results.Findings);
        return results.All.All(name => File.Exists(Path.Combine(folder.Path, name)))
            && SegmentationReport.FromJson(File.ReadAllText(path)) is { } report
            && settings.Made(report) && report.File == image.Name && report.Source == source
            ? report
            : null;
    }

    private Func<MeasuredImage> Read(ImageInput input, Action<string> tell)
    {
        if (input.Frame is not { } frame)
        {
            return MeasuredImage.Read(input.Path, settings.Result.PixelSize, tell);
        }

        DicomPrediction prediction = dicom.Of(input);
        return () => MeasuredImage.Read(prediction.Image, frame.Index, settings.Result.PixelSize, settings.Result.CropToRegion);
    }

    private (SegmentationReport Report, IReadOnlyList<(string Name, byte[] Content)> Files) Find(
        ImageInput input, ImageResults results, MeasuredImage read, CancellationToken cancellation)
    {
        ImageFindings found = finder.Find(read, input.Name, cancellation);
        if (input.Frame is { } frame)
        {
            dicom.Of(input).Add(frame.Index, found);
        }

        List<(string Name, byte[] Content)> files = [(results.Mask, ImageFile.EncodePng(found.Mask, MaskValues))];
        if (results.Overlay is { } overlay)
        {
            files.Add((overlay, ImageFile.EncodePng(found.Overlay!)));
        }

        for (int c = 0; c < results.Probabilities.Count; c++)
        {
            byte[] gray = Array.ConvertAll(found.Probabilities[c], p => (byte)MathF.Round(255 * p));
            files.Add((results.Probabilities[c], ImageFile.EncodePng(new Image(read.Pixels.Width, read.Pixels.Height, 1, gray))));
        }

        return (found.Report, files);
    }

    // The objects of a DICOM file are of all its frames, also of those that were found before.
    private bool AddAgain(ImageInput input, DicomFrame frame, ImageResults results, SegmentationReport earlier)
    {
        string In(string name) => Path.Combine(folder.Path, name);
        Image? overlay = results.Overlay is { } name ? ImageFile.Load(In(name)) : null;
        dicom.Of(input).Add(frame.Index, new ImageFindings(earlier, ImageFile.LoadMask(In(results.Mask), MaskValues), overlay, []));
        return true;
    }

    private MaskValues MaskValues => settings.Classes == 1 ? MaskValues.ZeroOr255 : MaskValues.ClassIndices;
}
