using System.Buffers.Binary;

namespace CMUNeXt.Files;

/// <summary>
/// The checksum of zip archives and of PNG: CRC-32 (ISO 3309) with the reflected polynomial 0xEDB88320, eight bytes a step ("slicing by
/// 8").
/// </summary>
public static class Crc32
{
    private const int Slices = 8;

    // Slice s holds the effect of a byte that s further bytes follow.
    private static readonly uint[] Tables = BuildTables();

    /// <summary>The checksum of the data.</summary>
    public static uint Of(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        uint[] tables = Tables;
        while (data.Length >= Slices)
        {
            uint low = BinaryPrimitives.ReadUInt32LittleEndian(data) ^ crc;
            uint high = BinaryPrimitives.ReadUInt32LittleEndian(data[4..]);
            crc = tables[(7 * 256) + (int)(low & 0xff)]
                ^ tables[(6 * 256) + (int)((low >> 8) & 0xff)]
                ^ tables[(5 * 256) + (int)((low >> 16) & 0xff)]
                ^ tables[(4 * 256) + (int)(low >> 24)]
                ^ tables[(3 * 256) + (int)(high & 0xff)]
                ^ tables[(2 * 256) + (int)((high >> 8) & 0xff)]
                ^ tables[256 + (int)((high >> 16) & 0xff)]
                ^ tables[(int)(high >> 24)];
            data = data[Slices..];
        }

        foreach (byte value in data)
        {
            crc = tables[(byte)(crc ^ value)] ^ (crc >> 8);
        }

        return ~crc;
    }

    private static uint[] BuildTables()
    {
        uint[] tables = new uint[Slices * 256];
        for (uint i = 0; i < 256; i++)
        {
            uint value = i;
            for (int bit = 0; bit < 8; bit++)
            {
                value = (value & 1) != 0 ? (value >> 1) ^ 0xEDB88320 : value >> 1;
            }

            tables[i] = value;
        }

        for (int i = 256; i < tables.Length; i++)
        {
            uint shorter = tables[i - 256];
            tables[i] = tables[(int)(shorter & 0xff)] ^ (shorter >> 8);
        }

        return tables;
    }
}
