using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace CMUNeXt.Dicom.Tests;

/// <summary>A gray loop as a deflated DICOM file, made without any tool: of black frames, a small file becomes a large one.</summary>
internal static class DeflatedFile
{
    /// <summary>The width and height of a frame.</summary>
    public const int Side = 512;

    /// <summary>Writes it.</summary>
    /// <param name="pixels">One or more frames, a byte for each pixel.</param>
    public static byte[] Write(byte[] pixels)
    {
        MemoryStream file = new();
        file.Write(new byte[128]);
        file.Write("DICM"u8);
        WriteElement(file, 0x0002, 0x0010, "UI", "1.2.840.10008.1.2.1.99"u8);
        using (DeflateStream data = new(file, CompressionLevel.Optimal, leaveOpen: true))
        {
            int frames = pixels.Length / (Side * Side);
            WriteElement(data, 0x0028, 0x0002, "US", [1, 0]);
            WriteElement(data, 0x0028, 0x0004, "CS", "MONOCHROME2 "u8);
            WriteElement(data, 0x0028, 0x0008, "IS", Encoding.ASCII.GetBytes(frames.ToString("0000", CultureInfo.InvariantCulture)));
            WriteElement(data, 0x0028, 0x0010, "US", [Side & 0xFF, Side >> 8]);
            WriteElement(data, 0x0028, 0x0011, "US", [Side & 0xFF, Side >> 8]);
            WriteElement(data, 0x0028, 0x0100, "US", [8, 0]);
            WriteElement(data, 0x0028, 0x0101, "US", [8, 0]);
            WriteElement(data, 0x0028, 0x0102, "US", [7, 0]);
            WriteElement(data, 0x0028, 0x0103, "US", [0, 0]);
            data.Write([0xE0, 0x7F, 0x10, 0x00, .. "OB"u8, 0, 0]);
            data.Write(BitConverter.GetBytes(pixels.Length));
            data.Write(pixels);
        }

        return file.ToArray();
    }

    private static void WriteElement(Stream stream, ushort group, ushort element, string representation, ReadOnlySpan<byte> value)
    {
        stream.Write(BitConverter.GetBytes(group));
        stream.Write(BitConverter.GetBytes(element));
        stream.Write(Encoding.ASCII.GetBytes(representation));
        stream.Write(BitConverter.GetBytes((ushort)value.Length));
        stream.Write(value);
    }
}
