using CMUNeXt.Files;

namespace CMUNeXt.Dicom.Format;

/// <summary>How a file's data set is written, and how its frames are compressed.</summary>
/// <param name="Uid">Its unique identifier.</param>
/// <param name="Name">Its name (PS3.6, annex A).</param>
/// <param name="Compression">How frames are compressed.</param>
/// <param name="IsExplicit">Each element names its value representation.</param>
/// <param name="IsBigEndian">Numbers have their high byte first.</param>
/// <param name="IsDeflated">The data set is compressed as a whole.</param>
internal sealed record TransferSyntax(
    string Uid, string Name, FrameCompression Compression =
        FrameCompression.None, bool IsExplicit = true, bool IsBigEndian = false, bool IsDeflated = false)
{
    public static readonly TransferSyntax ExplicitLittleEndian = new("1.2.840.10008.1.2.1", "Explicit VR Little Endian");

    private static readonly TransferSyntax[] Read =
    [
        new("1.2.840.10008.1.2", "Implicit VR Little Endian", IsExplicit: false),
        ExplicitLittleEndian,
        new("1.2.840.10008.1.2.1.99", "Deflated Explicit VR Little Endian", IsDeflated: true),
        new("1.2.840.10008.1.2.2", "Explicit VR Big Endian", IsBigEndian: true),
        new("1.2.840.10008.1.2.4.50", "JPEG Baseline (Process 1)", FrameCompression.Jpeg),
        new("1.2.840.10008.1.2.5", "RLE Lossless", FrameCompression.Rle),
    ];

    // What is met in archives and is not read here, and the tool that converts it.
    private static readonly (string Uid, string Name, string Tool)[] Known =
    [
        ("1.2.840.10008.1.2.4.51", "JPEG Extended (Process 2 and 4)", "dcmdjpeg"),
        ("1.2.840.10008.1.2.4.57", "JPEG Lossless, Non-Hierarchical (Process 14)", "dcmdjpeg"),
        ("1.2.840.10008.1.2.4.70", "JPEG Lossless, Non-Hierarchical, First-Order Prediction (Process 14)", "dcmdjpeg"),
        ("1.2.840.10008.1.2.4.80", "JPEG-LS Lossless", "dcmdjpls"),
        ("1.2.840.10008.1.2.4.81", "JPEG-LS Lossy (Near-Lossless)", "dcmdjpls"),
        ("1.2.840.10008.1.2.4.90", "JPEG 2000 (Lossless Only)", "gdcmconv --raw"),
        ("1.2.840.10008.1.2.4.91", "JPEG 2000", "gdcmconv --raw"),
    ];

    // MPEG and HEVC streams, one for a whole loop: 1.2.840.10008.1.2.4.100 to .108, some with a further number.
    private const string VideoPrefix = "1.2.840.10008.1.2.4.10";

    /// <summary>Finds a transfer syntax that is read.</summary>
    /// <exception cref="InvalidDataException">It is not read: the message names it and the tool that converts it.</exception>
    public static TransferSyntax Find(string uid)
    {
        if (Array.Find(Read, syntax => syntax.Uid == uid) is { } found)
        {
            return found;
        }

        if (Array.Find(Known, known => known.Uid == uid) is { Uid: not null } known)
        {
            throw new InvalidDataException(
                $"its transfer syntax {known.Name} ({uid}) is not read: convert it with \"{known.Tool} IN.dcm OUT.dcm\"");
        }

        if (uid.StartsWith(VideoPrefix, StringComparison.Ordinal))
        {
            throw new InvalidDataException(
                "it holds a video, which is not read: make frames with \"gdcmraw IN.dcm OUT.mpg\" and \"ffmpeg -i OUT.mpg %04d.png\"");
        }

        throw new InvalidDataException(
            $"its transfer syntax \"{PrintableName.Of(uid)}\" is not read: convert it with \"gdcmconv --raw IN.dcm OUT.dcm\"");
    }
}

/// <summary>How the frames of a transfer syntax are compressed.</summary>
internal enum FrameCompression
{
    None,
    Rle,
    Jpeg,
}
