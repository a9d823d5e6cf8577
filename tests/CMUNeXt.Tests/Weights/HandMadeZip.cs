using System.IO.Compression;

namespace CMUNeXt.Tests.Weights;

/// <summary>Zip archives written by the framework, not by the code under test.</summary>
internal static class HandMadeZip
{
    /// <summary>An archive of a pickle and one storage "0" of two float32 numbers, 1 and -2.5.</summary>
    public static byte[] Pth(HandMadePickle pickle) => Pth(pickle.ToArray(), ("data/0", [0, 0, 0x80, 0x3f, 0, 0, 0x20, 0xc0]));

    /// <summary>An archive of a pickle and other entries, stored, in the folder "archive".</summary>
    public static byte[] Pth(byte[] pickle, params (string Name, byte[] Data)[] entries) =>
        Of(CompressionLevel.NoCompression, [("archive/data.pkl", pickle), .. entries.Select(e => ("archive/" + e.Name, e.Data))]);

    public static byte[] Of(CompressionLevel level, params (string Name, byte[] Data)[] entries)
    {
        using MemoryStream stream = new();
        using (ZipArchive zip = new(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] data) in entries)
            {
                using Stream entry = zip.CreateEntry(name, level).Open();
                entry.Write(data);
            }
        }

        return stream.ToArray();
    }

    /// <summary>The first place of some bytes in a file.</summary>
    public static int Find(byte[] content, byte[] bytes) => content.AsSpan().IndexOf(bytes);
}
