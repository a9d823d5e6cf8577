using System.Collections.Concurrent;
using CMUNeXt.Files;

namespace CMUNeXt.Cli.Prediction;

/// <summary>
/// The DICOM files that are being predicted. Their frames are begun and ended in order, by one thread, and worked on by any.
/// </summary>
/// <param name="folder">Where the results go.</param>
/// <param name="settings">What is wanted.</param>
internal sealed class DicomPredictions(OutputFolder folder, PredictionSettings settings) : IDisposable
{
    private readonly ConcurrentDictionary<string, DicomPrediction> open = [];

    /// <summary>Opens the file of a frame, if none of its frames was begun before.</summary>
    /// <exception cref="BadFileException">It cannot be read, or a result may not be written.</exception>
    public void Begin(ImageInput frame)
    {
        if (!open.ContainsKey(frame.Path))
        {
            open[frame.Path] = new DicomPrediction(frame, folder, settings);
        }
    }

    /// <summary>The file of a frame that is begun and not ended.</summary>
    public DicomPrediction Of(ImageInput frame) => open[frame.Path];

    /// <summary>Completes the file of a frame, if that is its last.</summary>
    /// <exception cref="BadFileException">Its objects cannot be written.</exception>
    public void End(ImageInput frame)
    {
        if (frame.Frame!.Index == frame.Frame.Count - 1 && open.TryRemove(frame.Path, out DicomPrediction? prediction))
        {
            using (prediction)
            {
                prediction.Complete();
            }
        }
    }

    /// <summary>Closes what was not ended.</summary>
    public void Dispose()
    {
        foreach (DicomPrediction prediction in open.Values)
        {
            prediction.Dispose();
        }
    }
}
