using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using CMUNeXt.Files;

namespace CMUNeXt.Weights.Pth;

/// <summary>
/// Writes a zip archive of stored entries, the data of each at a multiple of 64 bytes, as PyTorch lays it out so that files can be
/// mapped into memory. Entries and archive are below 2 GiB, and there are fewer than 65,535 entries.
/// </summary>
internal sealed class StoredZipWriter(Stream stream)
{
    private const int Alignment = 64;
    private const int LocalLength = 30;
    private const int ExtraHeaderLength = 4;
    private const ushort ExtraId = 0x4246; // "FB", PyTorch's own padding field.
    private const ushort Version = 20;
    private const ushort Utf8Flag = 0x0800;
    private const ushort FirstDate = 0x0021; // 1 January 1980: the same content gives the same file.

    private readonly ArrayBufferWriter<byte> directory = new();
    private long position;
    private ushort count;

    /// <summary>Writes an entry.</summary>
    public void Add(string name, ReadOnlySpan<byte> data)
    {
        byte[] rawName = Encoding.UTF8.GetBytes(name);
        uint crc = Crc32.Of(data);
        uint offset = (uint)position;
        int unpadded = (int)((position + LocalLength + rawName.Length + ExtraHeaderLength) % Alignment);
        int padding = (Alignment - unpadded) % Alignment;

        Span<byte> local = stackalloc byte[LocalLength];
        local.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(local, 0x04034b50);
        WriteCommon(local[4..], crc, data.Length, rawName.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(local[28..], (ushort)(ExtraHeaderLength + padding));
        Span<byte> extra = stackalloc byte[ExtraHeaderLength + Alignment];
        extra.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(extra, ExtraId);
        BinaryPrimitives.WriteUInt16LittleEndian(extra[2..], (ushort)padding);
        Write(local);
        Write(rawName);
        Write(extra[..(ExtraHeaderLength + padding)]);
        Write(data);

        Span<byte> central = stackalloc byte[46];
        central.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(central, 0x02014b50);
        BinaryPrimitives.WriteUInt16LittleEndian(central[4..], Version);
        WriteCommon(central[6..], crc, data.Length, rawName.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(central[42..], offset);
        directory.Write(central);
        directory.Write(rawName);
        count++;
    }

    /// <summary>Writes the directory; nothing can be added after it.</summary>
    public void Finish()
    {
        uint start = (uint)position;
        Write(directory.WrittenSpan);
        Span<byte> end = stackalloc byte[22];
        end.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(end, 0x06054b50);
        BinaryPrimitives.WriteUInt16LittleEndian(end[8..], count);
        BinaryPrimitives.WriteUInt16LittleEndian(end[10..], count);
        BinaryPrimitives.WriteUInt32LittleEndian(end[12..], (uint)directory.WrittenCount);
        BinaryPrimitives.WriteUInt32LittleEndian(end[16..], start);
        Write(end);
    }

    // What the local header and the directory say alike: version, flags, method 0 (stored), time, checksum, sizes, length of the name.
    private static void WriteCommon(Span<byte> to, uint crc, int length, int nameLength)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(to, Version);
        BinaryPrimitives.WriteUInt16LittleEndian(to[2..], Utf8Flag);
        BinaryPrimitives.WriteUInt16LittleEndian(to[8..], FirstDate);
        BinaryPrimitives.WriteUInt32LittleEndian(to[10..], crc);
        BinaryPrimitives.WriteUInt32LittleEndian(to[14..], (uint)length);
        BinaryPrimitives.WriteUInt32LittleEndian(to[18..], (uint)length);
        BinaryPrimitives.WriteUInt16LittleEndian(to[22..], (ushort)nameLength);
    }

    private void Write(ReadOnlySpan<byte> data)
    {
        stream.Write(data);
        position += data.Length;
    }
}
