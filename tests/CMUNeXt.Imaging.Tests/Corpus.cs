using System.Buffers.Binary;

using BitMiracle.LibTiff.Classic;

using CMUNeXt.Imaging.Tests.Formats;

namespace CMUNeXt.Imaging.Tests;

/// <summary>One sound file of each kind of decoder, to be damaged by tests.</summary>
internal static class Corpus
{
    public static TheoryData<string> Names => ["png", "png-interlaced", "jpeg", "bmp", "tiff", "tiff-lzw", "tiff-tiled"];

    public static byte[] File(string name) => name switch
    {
        "png" => ImageFile.EncodePng(SomeImage.Noise(40, 30, 3)),
        "png-interlaced" => PngBuilder.Image(40, 30, 8, 0, true, [.. SomeImage.Noise(40, 30, 1).Pixels.Select(v => (int)v)]),
        "jpeg" => SkiaBuilder.Jpeg(SomeImage.Noise(40, 30, 3)),
        "bmp" => BmpBuilder.Image(40, 30, 24, [.. SomeImage.Noise(40, 30, 3).Pixels.Chunk(120)]),
        "tiff" => Tiff(Compression.NONE, tiled: false),
        "tiff-lzw" => Tiff(Compression.LZW, tiled: false),
        "tiff-tiled" => Tiff(Compression.ADOBE_DEFLATE, tiled: true),
        _ => throw new ArgumentException(name),
    };

    /// <summary>How many bytes at the end a file can do without.</summary>
    public static int DispensableEnd(string name) => name switch
    {
        // The marker of the end, and the padding before it.
        "jpeg" => 4,
        _ => 0,
    };

    /// <summary>The file with another size in its header, and nothing else changed but checksums.</summary>
    public static byte[] WithSize(string name, int width, int height)
    {
        byte[] file = File(name);
        switch (name)
        {
            case "png" or "png-interlaced":
                return new PngBuilder().Header((uint)width, (uint)height, 8, 0).Chunk("IDAT", PngBuilder.Compress([0, 1, 2])).End()
                    .ToArray();
            case "jpeg":
                int frame = file.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]);
                BinaryPrimitives.WriteUInt16BigEndian(file.AsSpan(frame + 5), (ushort)height);
                BinaryPrimitives.WriteUInt16BigEndian(file.AsSpan(frame + 7), (ushort)width);
                break;
            case "bmp":
                BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(18), width);
                BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(22), height);
                break;
            default:
                TiffBuilder.Replace(file, TiffTag.IMAGEWIDTH, width);
                TiffBuilder.Replace(file, TiffTag.IMAGELENGTH, height);
                break;
        }

        return file;
    }

    private static byte[] Tiff(Compression compression, bool tiled) =>
        TiffBuilder.Image(40, 30, 8, 3, Photometric.RGB, SomeImage.Noise(40, 30, 3).Pixels, compression, "wl", tiled);
}
