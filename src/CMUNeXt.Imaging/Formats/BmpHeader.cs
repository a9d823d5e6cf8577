using System.Buffers.Binary;

namespace CMUNeXt.Imaging.Formats;

/// <summary>The headers of a BMP, of any of its versions.</summary>
internal sealed class BmpHeader
{
    public const uint Uncompressed = 0;
    public const uint RunLengths8 = 1;
    public const uint RunLengths4 = 2;
    private const uint BitFields = 3;
    private const uint BitFieldsWithAlpha = 6;
    private const int FileHeaderSize = 14;
    private const int OldHeaderSize = 12;

    private BmpHeader(ReadOnlySpan<byte> file)
    {
        if (file.Length < FileHeaderSize + OldHeaderSize)
        {
            throw Truncated();
        }

        PixelStart = BinaryPrimitives.ReadUInt32LittleEndian(file[10..]);
        long size = BinaryPrimitives.ReadUInt32LittleEndian(file[14..]);
        bool old = size == OldHeaderSize;
        if (!old && (size < 40 || size > file.Length - FileHeaderSize))
        {
            throw size is 16 or > 40 ? Truncated() : new InvalidDataException($"a damaged BMP: its header has {size} bytes");
        }

        Width = old ? BinaryPrimitives.ReadUInt16LittleEndian(file[18..]) : BinaryPrimitives.ReadInt32LittleEndian(file[18..]);
        int height = old ? BinaryPrimitives.ReadUInt16LittleEndian(file[20..]) : BinaryPrimitives.ReadInt32LittleEndian(file[22..]);
        Height = Math.Abs((long)height);
        TopDown = height < 0;
        Bits = BinaryPrimitives.ReadUInt16LittleEndian(file[(old ? 24 : 28)..]);
        Compression = old ? Uncompressed : BinaryPrimitives.ReadUInt32LittleEndian(file[30..]);
        if (Width <= 0 || Height is 0 or > int.MaxValue)
        {
            throw new InvalidDataException($"a damaged BMP: its header says {Width} x {Height}");
        }

        bool fields = Compression is BitFields or BitFieldsWithAlpha && Bits is 16 or 32;
        bool known = Compression switch
        {
            Uncompressed => Bits is 1 or 2 or 4 or 8 or 16 or 24 or 32,
            RunLengths8 => Bits == 8 && !TopDown,
            RunLengths4 => Bits == 4 && !TopDown,
            _ => fields,
        };
        if (!known)
        {
            throw new InvalidDataException($"a BMP of {Bits} bits with compression {Compression}, which is not read: convert it to PNG");
        }

        Masks = fields ? ReadMasks(file) : Bits == 16 ? [0x7C00, 0x3E0, 0x1F] : [0xFF0000, 0xFF00, 0xFF];

        // The masks stand within the later headers, and behind the first.
        long paletteStart = FileHeaderSize + size + (fields && size == 40 ? (Compression == BitFields ? 12 : 16) : 0);
        if (PixelStart < paletteStart || PixelStart > file.Length)
        {
            throw Truncated();
        }

        if (Bits <= 8)
        {
            uint used = old ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(file[46..]);
            Palette = ReadPalette(file, paletteStart, used is 0 or > 256 ? 1L << Bits : used, old ? 3 : 4);
        }
    }

    public int Width { get; }

    public long Height { get; }

    /// <summary>The first stored row is the upper one; usually it is the lower.</summary>
    public bool TopDown { get; }

    /// <summary>The bits of a pixel.</summary>
    public int Bits { get; }

    public uint Compression { get; }

    public long PixelStart { get; }

    /// <summary>Which bits of a pixel of 16 or 32 are red, green and blue.</summary>
    public uint[] Masks { get; }

    /// <summary>Red, green and blue of each color that the file gives; empty where pixels are no indices.</summary>
    public byte[] Palette { get; } = [];

    /// <summary>Whether it is gray: such BMPs are stored with a palette of grays.</summary>
    public bool IsGray => Bits <= 8 && Palette.Chunk(3).All(static color => color[0] == color[1] && color[0] == color[2]);

    /// <summary>Reads the headers and the palette.</summary>
    /// <exception cref="InvalidDataException">They are damaged, or of a kind that is not read.</exception>
    public static BmpHeader Read(ReadOnlySpan<byte> file) => new(file);

    public static InvalidDataException Truncated() => new("the BMP ends too early: copy the file again from its source");

    private static uint[] ReadMasks(ReadOnlySpan<byte> file)
    {
        if (file.Length < 66)
        {
            throw Truncated();
        }

        uint[] masks =
        [
            BinaryPrimitives.ReadUInt32LittleEndian(file[54..]),
            BinaryPrimitives.ReadUInt32LittleEndian(file[58..]),
            BinaryPrimitives.ReadUInt32LittleEndian(file[62..]),
        ];
        return masks.Contains(0u) ? throw new InvalidDataException("a damaged BMP: a color has no bits") : masks;
    }

    // Blue stands first in the file.
    private static byte[] ReadPalette(ReadOnlySpan<byte> file, long start, long colors, int step)
    {
        if (start > file.Length - (colors * step))
        {
            throw Truncated();
        }

        byte[] palette = new byte[colors * 3];
        for (int i = 0; i < colors; i++)
        {
            ReadOnlySpan<byte> color = file.Slice((int)start + (i * step), 3);
            palette[3 * i] = color[2];
            palette[(3 * i) + 1] = color[1];
            palette[(3 * i) + 2] = color[0];
        }

        return palette;
    }
}
