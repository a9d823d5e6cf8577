using CMUNeXt.Dicom;
using CMUNeXt.Files;

namespace CMUNeXt.Cli.Archive;

/// <summary>What a DICOM file gets beside the masks and overlays of its frames: objects for the archive, and of a loop its areas.</summary>
internal static class DicomOutputs
{
    /// <summary>Writes them, of what was found in the file's frames.</summary>
    /// <param name="frames">The file's frames, in order.</param>
    /// <param name="reports">What was found in each.</param>
    /// <param name="read">Reads a frame's mask and overlay back.</param>
    /// <param name="folder">Where to.</param>
    /// <param name="withOverlay">Whether overlays are wanted.</param>
    /// <param name="classes">The number of classes that are not background.</param>
    /// <param name="wantedFrames">The frames of a loop, from 1, whose masks are wanted beside that of the largest lesion.</param>
    /// <param name="by">What found it.</param>
    /// <exception cref="BadFileException">The file does not identify itself, or the loop does not have a frame that is wanted.</exception>
    public static void Write(
        IReadOnlyList<ImageInput> frames, IReadOnlyList<SegmentationReport> reports,
        Func<ImageInput, SegmentationReport, FrameFindings> read, OutputFolder folder, bool withOverlay, int classes,
        IReadOnlyList<int> wantedFrames, ResultAlgorithm by)
    {
        string result = frames[0].Result[..^frames[0].Frame!.Suffix.Length];
        bool isLoop = frames.Count > 1;
        using DicomFile file = DicomFile.Open(frames[0].Path);
        int[] wanted = isLoop ? [.. wantedFrames.Where(frame => frame >= 1 && frame <= frames.Count)] : [];
        foreach (string name in DicomResults.NamesOf(result, withOverlay, wanted))
        {
            folder.Claim(name);
        }

        DicomResults.Write(file, Path.Combine(folder.Path, result), withOverlay, frames.Zip(reports, read), classes, wanted, by);
        if (isLoop)
        {
            LoopCurve curve = new(reports, file.OpenImage().FrameTime);
            AtomicFile.WriteText(folder.Claim($"{result}_areas.csv"), curve.ToCsv());
            AtomicFile.WriteBytes(folder.Claim($"{result}_areas.png"), curve.ToPng());
            if (wantedFrames.Except(wanted).ToArray() is [var missing, ..])
            {
                throw new BadFileException(
                    frames[0].Path, $"has frames 1 to {frames.Count}, and no frame {missing} that --seg-frames asks for");
            }
        }
    }
}
