using CMUNeXt.Tests;

namespace CMUNeXt.Dicom.Tests;

/// <summary>
/// Files of every encoding and photometric interpretation that is read, made by DCMTK, with the values and colors that pydicom reads of
/// them (of JPEG: those that DCMTK decodes).
/// </summary>
public sealed class MadeFiles : IDisposable
{
    private static readonly Dictionary<string, MadeFile> Images = new()
    {
        ["monochrome1-8"] = new("MONOCHROME1"),
        ["monochrome1-16"] = new("MONOCHROME1", 16),
        ["monochrome2-8"] = new("MONOCHROME2", Frames: 3),
        ["monochrome2-12"] = new("MONOCHROME2", 12),
        ["monochrome2-16"] = new("MONOCHROME2", 16, Frames: 2),
        ["palette-8"] = new("PALETTE COLOR"),
        ["palette-16"] = new("PALETTE COLOR", 16),
        ["rgb-8"] = new("RGB", Frames: 2),
        ["rgb-8-planar"] = new("RGB", IsPlanar: true, Frames: 2),
        ["rgb-16"] = new("RGB", 16),
        ["rgb-16-planar"] = new("RGB", 16, IsPlanar: true),
        ["ybr-8"] = new("YBR_FULL", Frames: 2),
        ["ybr-8-planar"] = new("YBR_FULL", IsPlanar: true),
        ["ybr422-8"] = new("YBR_FULL_422", Frames: 2),
    };

    private static readonly string[] Makers = ["dump2dcm", "dcmconv", "dcmcrle", "dcmcjpeg", "dcmdjpeg"];

    private static readonly string[] Encodings = ["implicit", "explicit", "bigendian", "deflated", "rle", "jpeg", "jpeg444", "jpegrgb"];

    private readonly TemporaryFolder folder = new();

    /// <summary>The names of the files: image and encoding.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. from image in Images.Keys
           from encoding in Encodings
           where IsPossible(image, encoding)
           select $"{image}-{encoding}",
    ];

    public MadeFiles()
    {
        if (!Makers.All(DicomTools.Has) || !Python.Pydicom.IsInstalled)
        {
            return;
        }

        List<string> arguments = [];
        foreach ((string image, MadeFile file) in Images)
        {
            file.Write(folder, folder.File(image));
            foreach (string encoding in Encodings.Where(encoding => IsPossible(image, encoding)))
            {
                string path = folder.File($"{image}-{encoding}.dcm");
                string reference = Encode(folder.File(image), path, encoding);
                arguments.AddRange([reference, path + ".stored", path + ".rendered"]);
            }
        }

        Python.Pydicom.Run("pixels.py", [.. arguments]);
    }

    /// <summary>A file; skips the running test where the tools that make it are missing.</summary>
    public string Find(string name)
    {
        DicomTools.Need(Makers);
        Python.Pydicom.Need();
        return folder.File(name + ".dcm");
    }

    public void Dispose() => folder.Dispose();

    private static bool IsPossible(string image, string encoding) => encoding switch
    {
        // What is halved has its three samples side by side only where it is not compressed.
        "rle" => image != "ybr422-8",
        "jpeg" => image is "monochrome1-8" or "monochrome2-8" or "rgb-8" or "rgb-8-planar" or "ybr-8",
        "jpeg444" or "jpegrgb" => image == "rgb-8",
        _ => true,
    };

    /// <summary>Encodes a file, and gives the one whose pixels are to be the same.</summary>
    private static string Encode(string plain, string path, string encoding)
    {
        switch (encoding)
        {
            case "implicit":
                DicomTools.Run("dcmconv", "+ti", plain, path);
                return path;
            case "explicit":
                DicomTools.Run("dcmconv", "+te", plain, path);
                return path;
            case "bigendian":
                DicomTools.Run("dcmconv", "+tb", plain, path);
                return plain;
            case "deflated":
                DicomTools.Run("dcmconv", "+td", plain, path);
                return path;
            case "rle":
                DicomTools.Run("dcmcrle", plain, path);
                return path;
            default:
                string[] options = encoding switch { "jpeg444" => ["+s4"], "jpegrgb" => ["+cr"], _ => [] };
                DicomTools.Run("dcmcjpeg", ["+eb", "+q", "95", .. options, plain, path]);
                DicomTools.Run("dcmdjpeg", path, path + ".decoded");
                return path + ".decoded";
        }
    }
}
