using CMUNeXt.Dicom;
using CMUNeXt.Dicom.Objects;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Masks;

namespace CMUNeXt.Cli.Archive;

/// <summary>
/// The DICOM objects of an image or a loop: the overlays as NAME_overlay.dcm, the mask as NAME_seg.dcm and its measurements as
/// NAME_report.dcm; of a loop those of the frame with the largest lesion, and NAME_seg_N.dcm and NAME_report_N.dcm of the frames that are
/// asked for.
/// </summary>
internal static class DicomResults
{
    /// <summary>The names of the files: overlays, then mask and report of the largest lesion and of each frame that is wanted.</summary>
    public static IReadOnlyList<string> NamesOf(string result, bool withOverlay, IReadOnlyList<int> wantedFrames) =>
    [
        .. withOverlay ? [OverlayOf(result)] : Array.Empty<string>(),
        .. NamesOf(result, ""), .. wantedFrames.SelectMany(frame => NamesOf(result, SuffixOf(frame))),
    ];

    /// <summary>Writes the objects.</summary>
    /// <param name="file">The image or loop.</param>
    /// <param name="result">The path of the results without an ending.</param>
    /// <param name="withOverlay">Whether the overlays are wanted.</param>
    /// <param name="findings">What was found in each frame, in order; the next is asked for when the one before is written.</param>
    /// <param name="classes">The number of classes that are not background.</param>
    /// <param name="wantedFrames">The frames of a loop, from 1, whose masks are wanted beside that of the largest lesion.</param>
    /// <param name="by">What found it.</param>
    /// <returns>The files' paths.</returns>
    public static IReadOnlyList<string> Write(
        DicomFile file, string result, bool withOverlay, IEnumerable<FrameFindings> findings, int classes,
        IReadOnlyList<int> wantedFrames, ResultAlgorithm by)
    {
        Dictionary<int, (Mask Mask, IReadOnlyList<Lesion> Lesions)> kept = [];
        (int Frame, int Area) largest = (0, -1);
        if (withOverlay)
        {
            AtomicFile.Write(
                OverlayOf(result), stream => SecondaryCapture.Write(stream, file, KeepMasks().Select(found => found.Overlay!), by));
        }
        else
        {
            foreach (FrameFindings _ in KeepMasks())
            {
            }
        }

        Save("", largest.Frame);
        foreach (int frame in wantedFrames)
        {
            Save(SuffixOf(frame), frame);
        }

        return NamesOf(result, withOverlay, wantedFrames);

        IEnumerable<FrameFindings> KeepMasks()
        {
            int frame = 0;
            foreach (FrameFindings found in findings)
            {
                frame++;
                bool isLargest = found.LargestArea > largest.Area;
                if (isLargest && !wantedFrames.Contains(largest.Frame))
                {
                    kept.Remove(largest.Frame);
                }

                if (isLargest || wantedFrames.Contains(frame))
                {
                    kept[frame] = (found.Mask, found.Lesions);
                }

                largest = isLargest ? (frame, found.LargestArea) : largest;
                yield return found;
            }
        }

        void Save(string suffix, int frame)
        {
            string[] names = NamesOf(result, suffix);
            AtomicFile.Write(names[0], stream => SegmentationObject.Write(stream, file, frame - 1, kept[frame].Mask, classes, by));
            AtomicFile.Write(names[1], stream => MeasurementReport.Write(stream, file, frame - 1, kept[frame].Lesions, by));
        }
    }

    private static string OverlayOf(string result) => $"{result}_overlay.dcm";

    private static string SuffixOf(int frame) => $"_{frame:0000}";

    private static string[] NamesOf(string result, string suffix) => [$"{result}_seg{suffix}.dcm", $"{result}_report{suffix}.dcm"];
}
