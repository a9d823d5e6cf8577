using CMUNeXt.Dicom;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using Microsoft.Extensions.Logging;

namespace CMUNeXt.Cli.Prediction;

/// <summary>From an archive's instance to its results, several frames of a loop at once.</summary>
/// <param name="segment">Segments.</param>
/// <param name="settings">What is wanted.</param>
/// <param name="atOnce">The frames that are computed at once.</param>
/// <param name="log">Takes what is wanted and not written.</param>
internal sealed partial class InstancePrediction(
    Func<Image, CancellationToken, Segmentation> segment, PredictionSettings settings, int atOnce, ILogger log)
{
    /// <summary>Writes the results of an instance.</summary>
    /// <param name="file">The instance.</param>
    /// <param name="folder">Where to.</param>
    /// <param name="stop">Says that they are no longer wanted.</param>
    /// <returns>The paths of the DICOM files.</returns>
    /// <exception cref="Files.BadFileException">A frame is damaged, or the instance does not identify itself.</exception>
    /// <exception cref="OperationCanceledException">They were no longer wanted.</exception>
    public IReadOnlyList<string> Write(DicomFile file, string folder, CancellationToken stop)
    {
        DicomImage image = file.OpenImage();
        using DicomResults results = new(file, Path.Combine(folder, "result"), settings);
        if (results.Omission is { } omission)
        {
            LogOmission(log, file.Name, omission);
        }

        ImageFinder finder = new(segment, settings.Fitting(image));
        foreach (Task frame in ImagePipeline.Run(
            Enumerable.Range(0, image.FrameCount), atOnce, (index, cores) => cores.Use(() => Add(index), stop), stop))
        {
            frame.GetAwaiter().GetResult();
        }

        stop.ThrowIfCancellationRequested();
        return results.Complete();

        bool Add(int index)
        {
            MeasuredImage read = MeasuredImage.Read(image, index, given: null, settings.Result.CropToRegion);
            results.Add(index, finder.Find(read, file.Name, stop));
            return true;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "without overlays instance={Instance}: {Problem}")]
    private static partial void LogOmission(ILogger log, string instance, string problem);
}
