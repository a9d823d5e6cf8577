using CMUNeXt.Dicom;
using CMUNeXt.Dicom.Objects;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Masks;

namespace CMUNeXt.Cli.Archive;

/// <summary>
/// The DICOM objects of an image or a loop: the overlays as NAME_overlay.dcm, and the mask as NAME_seg.dcm; of a loop that of the frame
/// with the largest lesion, and NAME_seg_N.dcm of the frames that are asked for.
/// </summary>
internal static class DicomResults
{
    /// <summary>The names of the files: overlays, mask, and the masks of the frames that are wanted.</summary>
    public static IReadOnlyList<string> NamesOf(string result, IReadOnlyList<int> wantedFrames) =>
        [$"{result}_overlay.dcm", $"{result}_seg.dcm", .. wantedFrames.Select(frame => $"{result}_seg_{frame:0000}.dcm")];

    /// <summary>Writes the objects.</summary>
    /// <param name="file">The image or loop.</param>
    /// <param name="result">The path of the results without an ending.</param>
    /// <param name="findings">What was found in each frame, in order; the next is asked for when the one before is written.</param>
    /// <param name="classes">The number of classes that are not background.</param>
    /// <param name="wantedFrames">The frames of a loop, from 1, whose masks are wanted beside that of the largest lesion.</param>
    /// <param name="by">What found it.</param>
    /// <returns>The files' paths.</returns>
    public static IReadOnlyList<string> Write(
        DicomFile file, string result, IEnumerable<FrameFindings> findings, int classes, IReadOnlyList<int> wantedFrames,
        ResultAlgorithm by)
    {
        Dictionary<int, Mask> wanted = [];
        (int Frame, Mask? Mask, int Area) largest = (0, null, -1);
        IReadOnlyList<string> paths = NamesOf(result, wantedFrames);
        AtomicFile.Write(paths[0], stream => SecondaryCapture.Write(stream, file, KeepMasks(), by));
        Save(paths[1], largest.Frame, largest.Mask!);
        for (int i = 0; i < wantedFrames.Count; i++)
        {
            Save(paths[2 + i], wantedFrames[i] - 1, wanted[wantedFrames[i]]);
        }

        return paths;

        IEnumerable<Image> KeepMasks()
        {
            int frame = 0;
            foreach (FrameFindings found in findings)
            {
                if (found.LargestArea > largest.Area)
                {
                    largest = (frame, found.Mask, found.LargestArea);
                }

                frame++;
                if (wantedFrames.Contains(frame))
                {
                    wanted[frame] = found.Mask;
                }

                yield return found.Overlay;
            }
        }

        void Save(string path, int frame, Mask mask) =>
            AtomicFile.Write(path, stream => SegmentationObject.Write(stream, file, frame, mask, classes, by));
    }
}
