using CMUNeXt.Dicom;
using CMUNeXt.Imaging;

namespace CMUNeXt.Cli.Prediction;

/// <summary>A frame of a DICOM file.</summary>
/// <param name="Index">From 0.</param>
/// <param name="Count">The number of frames of the file; above 1 it is a loop.</param>
internal sealed record DicomFrame(int Index, int Count)
{
    private static readonly HashSet<string> OtherEndings = new([".dicom", ".dic", ".ima"], StringComparer.OrdinalIgnoreCase);

    /// <summary>What follows the file's name in that of a loop's frame; empty for the only frame of an image.</summary>
    public string Suffix => Count == 1 ? "" : $"_{Index + 1:0000}";

    /// <summary>Whether a file has the ending of DICOM files; it is not looked into.</summary>
    public static bool HasEnding(string path) => Path.GetExtension(path).Equals(".dcm", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a name is one that DICOM files have: no ending, a number for one, or one of DICOM's.</summary>
    public static bool MayBe(string path)
    {
        string ending = Path.GetExtension(path);
        return ending.Length == 0 || IsNumber(ending) || OtherEndings.Contains(ending);
    }

    /// <summary>Whether an ending is a number, as the last one of a UID.</summary>
    public static bool IsNumber(string ending) => ending.Length > 1 && ending.AsSpan(1).IndexOfAnyExceptInRange('0', '9') < 0;

    /// <summary>
    /// The frames of a file that is DICOM by its ending or, where it has no other image's, by its first bytes; null for any other.
    /// </summary>
    public static IEnumerable<DicomFrame>? FindAll(string path)
    {
        if (!HasEnding(path) && (ImageFile.HasImageEnding(path) || !DicomFile.HasSignature(path)))
        {
            return null;
        }

        int count = CountFrames(path);
        return Enumerable.Range(0, count).Select(index => new DicomFrame(index, count));
    }

    // A file that cannot be read gets its line when its image is to be read.
    private static int CountFrames(string path)
    {
        try
        {
            using DicomFile file = DicomFile.Open(path);
            return file.OpenImage().FrameCount;
        }
        catch (IOException)
        {
            return 1;
        }
    }
}
