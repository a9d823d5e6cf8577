using System.Buffers.Binary;
using CMUNeXt.Files;
using CMUNeXt.Masks;

namespace CMUNeXt.Imaging.Formats;

/// <summary>The chunks of a PNG that matter here, each with its checksum verified.</summary>
internal sealed class PngChunks
{
    private const string Truncated = "the PNG ends too early: copy the file again from its source";

    private int? orientation;

    private PngChunks(PngHeader header) => Header = header;

    public PngHeader Header { get; }

    /// <summary>256 x 3 values; entries that the file does not give are black.</summary>
    public byte[] Palette { get; } = new byte[256 * 3];

    public bool HasPalette { get; private set; }

    /// <summary>The alpha of the palette's first colors; that of the others is 255.</summary>
    public ReadOnlyMemory<byte> PaletteAlpha { get; private set; }

    /// <summary>The pieces of the compressed pixels, in order.</summary>
    public List<ReadOnlyMemory<byte>> Pixels { get; } = [];

    /// <summary>The orientation that an eXIf chunk gives, the first one before or behind the pixels, else upright.</summary>
    public int Orientation => orientation ?? Formats.Orientation.Upright;

    /// <summary>The size of a pixel as stored that a pHYs chunk gives; null where it gives none.</summary>
    public PixelSize? PixelSize { get; private set; }

    /// <summary>More than one for an animated PNG.</summary>
    public int Frames { get; private set; } = 1;

    /// <summary>Splits a file into its chunks.</summary>
    /// <param name="file">The whole file, which begins with the signature.</param>
    /// <param name="headOnly">
    /// Stops at the first pixels: of what follows only an orientation is looked for, and nothing is missed.
    /// </param>
    /// <exception cref="InvalidDataException">The file is damaged or ends too early.</exception>
    public static PngChunks Read(ReadOnlyMemory<byte> file, bool headOnly)
    {
        PngChunks? chunks = null;
        ReadOnlyMemory<byte> rest = file[PngHeader.Signature.Length..];
        while (true)
        {
            if (rest.Length < 12)
            {
                throw new InvalidDataException(Truncated);
            }

            uint length = BinaryPrimitives.ReadUInt32BigEndian(rest.Span);
            uint type = BinaryPrimitives.ReadUInt32BigEndian(rest.Span[4..]);
            bool isHeader = type == Name("IHDR"u8);
            if ((chunks is null) != isHeader)
            {
                throw new InvalidDataException("a damaged PNG: its header chunk is missing or repeated");
            }

            if (headOnly && type == Name("IDAT"u8))
            {
                chunks!.TakeLaterOrientation(rest);
                return chunks;
            }

            if (length > rest.Length - 12)
            {
                throw new InvalidDataException(Truncated);
            }

            ReadOnlyMemory<byte> data = rest.Slice(8, (int)length);
            uint stored = BinaryPrimitives.ReadUInt32BigEndian(rest.Span[(8 + (int)length)..]);
            bool sound = Crc32.Of(rest.Span.Slice(4, 4 + (int)length)) == stored;
            bool ancillary = (type & 0x20000000) != 0;
            if (!sound && !ancillary)
            {
                throw new InvalidDataException("a damaged PNG: a checksum is wrong; copy the file again from its source");
            }

            rest = rest[(12 + (int)length)..];
            if (isHeader)
            {
                chunks = new PngChunks(PngHeader.Read(data.Span));
            }
            else if (type == Name("IEND"u8))
            {
                return chunks!.Complete();
            }
            else if (sound)
            {
                chunks!.Take(type, data, ancillary);
            }
        }
    }

    private static uint Name(ReadOnlySpan<byte> name) => BinaryPrimitives.ReadUInt32BigEndian(name);

    private void Take(uint type, ReadOnlyMemory<byte> data, bool ancillary)
    {
        if (type == Name("IDAT"u8))
        {
            Pixels.Add(data);
        }
        else if (type == Name("PLTE"u8))
        {
            if (data.Length is 0 or > 768 || data.Length % 3 != 0)
            {
                throw new InvalidDataException("a damaged PNG: its palette has the wrong length");
            }

            data.Span.CopyTo(Palette);
            HasPalette = true;
        }
        else if (type == Name("tRNS"u8) && Header.ColorType == PngHeader.Palette)
        {
            // Elsewhere it makes one color transparent, so that alpha tells nothing that the colors do not.
            PaletteAlpha = data;
        }
        else if (type == Name("eXIf"u8))
        {
            orientation ??= TiffDirectory.OrientationOf(data);
        }
        else if (type == Name("pHYs"u8))
        {
            PixelSize = PhysicalSize.Of(data.Span);
        }
        else if (type == Name("acTL"u8) && data.Length == 8)
        {
            Frames = (int)Math.Clamp(BinaryPrimitives.ReadUInt32BigEndian(data.Span), 1, int.MaxValue);
        }
        else if (!ancillary)
        {
            throw new InvalidDataException("a damaged PNG: a critical chunk of unknown type");
        }
    }

    private void TakeLaterOrientation(ReadOnlyMemory<byte> rest)
    {
        while (orientation is null && rest.Length >= 12 && BinaryPrimitives.ReadUInt32BigEndian(rest.Span) is uint length
            && length <= rest.Length - 12 && BinaryPrimitives.ReadUInt32BigEndian(rest.Span[4..]) != Name("IEND"u8))
        {
            int end = 8 + (int)length;
            if (BinaryPrimitives.ReadUInt32BigEndian(rest.Span[4..]) == Name("eXIf"u8)
                && Crc32.Of(rest.Span[4..end]) == BinaryPrimitives.ReadUInt32BigEndian(rest.Span[end..]))
            {
                orientation = TiffDirectory.OrientationOf(rest[8..end]);
            }

            rest = rest[(end + 4)..];
        }
    }

    private PngChunks Complete()
    {
        if (Pixels.Count == 0)
        {
            throw new InvalidDataException("a damaged PNG: it holds no pixels");
        }

        if (Header.ColorType == PngHeader.Palette && !HasPalette)
        {
            throw new InvalidDataException("a damaged PNG: its palette is missing");
        }

        return this;
    }
}
