using CMUNeXt.Tests;

namespace CMUNeXt.Dicom.Tests.Objects;

/// <summary>What results are made of: files of real devices, and two that DCMTK makes, which are wherever that is installed.</summary>
internal sealed class SourceFiles : IDisposable
{
    /// <summary>A made image, gray, whose pixels have no size.</summary>
    public const string MadeImage = "made-image.dcm";

    /// <summary>A made loop of two frames, in color, with a region.</summary>
    public const string MadeLoop = "made-loop.dcm";

    private static readonly Dictionary<string, MadeFile> Made = new()
    {
        [MadeImage] = new("MONOCHROME2"),
        [MadeLoop] = new("RGB", Frames: 2) { Extra = MadeFile.Region },
    };

    private readonly TemporaryFolder folder = new();

    public static IReadOnlyList<string> Names { get; } =
    [
        .. Made.Keys, "US1_UNCI.dcm", "color-pl.dcm", "OBXXXX1A.dcm", "OBXXXX1A_rle_2frame.dcm", "gdcm-US-ALOKA-16.dcm",
        "examples_ybr_color.dcm",
    ];

    /// <summary>Opens a file; skips the running test where it is not here, or what makes it.</summary>
    public DicomFile Open(string name)
    {
        if (!Made.TryGetValue(name, out MadeFile? made))
        {
            return DicomFile.Open(Reference.Path("data", "dicom", name));
        }

        string path = folder.File(name);
        made.Write(folder, path);
        return DicomFile.Open(path);
    }

    public void Dispose() => folder.Dispose();
}
