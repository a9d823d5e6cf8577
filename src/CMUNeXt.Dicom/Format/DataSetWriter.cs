using System.Buffers.Binary;
using static CMUNeXt.Dicom.Format.ValueRepresentation;

namespace CMUNeXt.Dicom.Format;

/// <summary>Writes a DICOM file (PS3.10): explicit little endian, sequences of known length, the pixels last.</summary>
internal static class DataSetWriter
{
    private const int PreambleLength = 128;

    /// <summary>A number of our own for what wrote the file (PS3.7, D.3.3.2), from a random UUID.</summary>
    private const string ImplementationClass = "2.25.302870114316872417538424117206931558127";

    private const string ImplementationVersion = "CMUNEXT_NET";

    /// <summary>The most bytes of pixels that a file can hold uncompressed.</summary>
    public const long MostPixelBytes = 0xFFFF_FFFE;

    private static readonly Tag Item = new(0xFFFE_E000);

    /// <summary>Writes a file.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="data">Everything but the pixels.</param>
    /// <param name="pixels">The pixels; none leaves them out.</param>
    public static void Write(Stream stream, DataSet data, ReadOnlySpan<byte> pixels)
    {
        WriteHead(stream, data, pixels.Length);
        stream.Write(pixels);
        if (pixels.Length % 2 != 0)
        {
            stream.WriteByte(0);
        }
    }

    /// <summary>Writes a file up to its pixels, which are to follow: of an odd length with a byte more, which is 0.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="data">Everything but the pixels.</param>
    /// <param name="pixelLength">The bytes of the pixels; 0 leaves them out.</param>
    public static void WriteHead(Stream stream, DataSet data, long pixelLength)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pixelLength, MostPixelBytes);
        DataSet meta = new()
        {
            { DicomAttribute.FileMetaInformationVersion, new byte[] { 0, 1 } },
            { DicomAttribute.TransferSyntaxUID, TransferSyntax.ExplicitLittleEndian.Uid },
            { DicomAttribute.ImplementationClassUID, ImplementationClass },
            { DicomAttribute.ImplementationVersionName, ImplementationVersion },
        };
        meta.Add(DicomAttribute.MediaStorageSOPClassUID, data.Text(DicomAttribute.SOPClassUID));
        meta.Add(DicomAttribute.MediaStorageSOPInstanceUID, data.Text(DicomAttribute.SOPInstanceUID));
        byte[] metaBytes = ToBytes(meta);
        byte[] length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, metaBytes.Length);

        stream.Write(new byte[PreambleLength]);
        stream.Write("DICM"u8);
        WriteHeader(stream, new Tag(0x0002_0000), UL, length.Length);
        stream.Write(length);
        stream.Write(metaBytes);
        stream.Write(ToBytes(data));
        if (pixelLength > 0)
        {
            WriteHeader(stream, DicomAttribute.PixelData.Tag, OB, pixelLength + (pixelLength & 1));
        }
    }

    private static byte[] ToBytes(DataSet data)
    {
        MemoryStream stream = new();
        foreach (Element element in data)
        {
            byte[] value = element.Representation == SQ ? ToBytes(element.Items) : element.Read();
            WriteHeader(stream, element.Tag, element.Representation, value.Length + (value.Length & 1));
            stream.Write(value);
            if (value.Length % 2 != 0)
            {
                stream.WriteByte(element.Representation.IsText() && element.Representation != UI ? (byte)' ' : (byte)0);
            }
        }

        return stream.ToArray();
    }

    private static byte[] ToBytes(IReadOnlyList<DataSet> items)
    {
        MemoryStream stream = new();
        foreach (DataSet item in items)
        {
            byte[] content = ToBytes(item);
            WriteTag(stream, Item);
            WriteUInt32(stream, (uint)content.Length);
            stream.Write(content);
        }

        return stream.ToArray();
    }

    private static void WriteHeader(Stream stream, Tag tag, ValueRepresentation representation, long length)
    {
        WriteTag(stream, tag);
        stream.WriteByte((byte)((int)representation >> 8));
        stream.WriteByte((byte)representation);
        if (representation.HasLongLength())
        {
            WriteUInt16(stream, 0);
            WriteUInt32(stream, checked((uint)length));
        }
        else
        {
            WriteUInt16(stream, checked((ushort)length));
        }
    }

    private static void WriteTag(Stream stream, Tag tag)
    {
        WriteUInt16(stream, tag.Group);
        WriteUInt16(stream, tag.Element);
    }

    private static void WriteUInt16(Stream stream, ushort value)
    {
        Span<byte> bytes = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, value);
        stream.Write(bytes);
    }

    private static void WriteUInt32(Stream stream, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        stream.Write(bytes);
    }
}
