using System.Buffers.Binary;

namespace CMUNeXt.Imaging.Formats;

/// <summary>
/// One page's directory of a TIFF or BigTIFF, read by ourselves before the decoder sees the file, so that every size and offset in it
/// is known to be sound. Exif data, which is a small TIFF, is read by it too.
/// </summary>
internal sealed class TiffDirectory
{
    private const int MostDirectories = 4096;
    private const int MostEntries = 4096;

    // In ascending order, as a directory must be: size, samples, compression and its options, strips, palette, tiles, alpha, JPEG
    // tables, YCbCr.
    private static readonly int[] TagsForPixels =
        [256, 257, 258, 259, 262, 266, 273, 277, 278, 279, 284, 292, 293, 317, 320, 322, 323, 324, 325, 338, 339, 347, 529, 530, 531, 532];

    private readonly Dictionary<int, Entry> entries;
    private readonly bool little;

    private TiffDirectory(Dictionary<int, Entry> entries, bool little) => (this.entries, this.little) = (entries, little);

    /// <summary>What stands behind a tag: its values lie in the file.</summary>
    private readonly record struct Entry(int Type, long Count, ReadOnlyMemory<byte> Values, bool LittleEndian)
    {
        /// <summary>The type in a plain TIFF: 32 bits for the whole numbers of 64 that a BigTIFF has.</summary>
        public int PlainType => Type is 16 or 17 or 18 ? 4 : Type;

        public int PlainSize => SizeOf(PlainType);

        public long At(long index)
        {
            ReadOnlySpan<byte> value = Values.Span[(int)(index * SizeOf(Type))..];
            return SizeOf(Type) switch
            {
                1 => value[0],
                2 => LittleEndian ? BinaryPrimitives.ReadUInt16LittleEndian(value) : BinaryPrimitives.ReadUInt16BigEndian(value),
                4 => LittleEndian ? BinaryPrimitives.ReadUInt32LittleEndian(value) : BinaryPrimitives.ReadUInt32BigEndian(value),
                _ => LittleEndian ? BinaryPrimitives.ReadInt64LittleEndian(value) : BinaryPrimitives.ReadInt64BigEndian(value),
            };
        }
    }

    public long Width => Value(256, 0);

    public long Height => Value(257, 0);

    public long BitsPerSample => Value(258, 1);

    public long Compression => Value(259, 1);

    public long Photometric => Value(262, 0);

    public int Orientation => Value(274, 1) is >= 1 and <= 8 and long value ? (int)value : 1;

    public long SamplesPerPixel => Value(277, 1);

    /// <summary>1: the samples of a pixel together; 2: a plane for each sample.</summary>
    public long Planes => Value(284, 1);

    /// <summary>0 where the directory has strips.</summary>
    public long TileWidth => Value(322, 0);

    public long TileHeight => Value(323, 0);

    /// <summary>How many strips or tiles a plane of this size has.</summary>
    public long PiecesPerPlane => TileWidth > 0
        ? Parts(Width, TileWidth) * Parts(Height, TileHeight)
        : Parts(Height, Value(278, 0) is > 0 and long rows ? rows : Height);

    /// <summary>1 for unsigned integers.</summary>
    public long SampleFormat => Value(339, 1);

    /// <summary>A smaller rendition of another page, or a mask of it, not an image of its own.</summary>
    public bool IsThumbnail => (Value(254, 0) & 0b101) != 0 || Value(255, 0) == 2;

    /// <summary>Whether all samples have the same number of bits and the same format.</summary>
    public bool Uniform => AllEqual(258) && AllEqual(339);

    // Of its tiles, else of its strips.
    private (int Offsets, int Counts) PlaceTags => entries.ContainsKey(324) ? (324, 325) : (273, 279);

    /// <summary>Whether a file begins as a TIFF does.</summary>
    public static bool Recognizes(ReadOnlySpan<byte> file) =>
        file.StartsWith("II*\0"u8) || file.StartsWith("MM\0*"u8) || file.StartsWith("II+\0"u8) || file.StartsWith("MM\0+"u8);

    /// <summary>The orientation in Exif data; upright where there is none or it cannot be read.</summary>
    public static int OrientationOf(ReadOnlyMemory<byte> exif)
    {
        try
        {
            return Recognizes(exif.Span) ? Pages(exif).First().Orientation : Formats.Orientation.Upright;
        }
        catch (InvalidDataException)
        {
            return Formats.Orientation.Upright;
        }
    }

    /// <summary>Reads the directories of a file.</summary>
    /// <returns>At least one.</returns>
    /// <exception cref="InvalidDataException">An offset leads out of the file, or there are too many directories.</exception>
    public static List<TiffDirectory> ReadAll(ReadOnlyMemory<byte> file) => [.. Pages(file)];

    /// <summary>Makes sure that all strips or tiles are named, lie in the file and do not overlap.</summary>
    /// <exception cref="InvalidDataException">They do not.</exception>
    public void CheckPixelsLieIn(long fileLength)
    {
        // The decoder sets memory aside for as many places as the size asks for.
        (int offsetTag, int countTag) = PlaceTags;
        if (!entries.TryGetValue(offsetTag, out Entry offsets) || !entries.TryGetValue(countTag, out Entry counts)
            || offsets.Count < PiecesPerPlane || offsets.Count != counts.Count)
        {
            throw new InvalidDataException("a damaged TIFF: the places of its pixels are missing");
        }

        // What several share is read for each of them. A few bytes may be shared, as those of strips of one color are.
        long left = fileLength;
        for (long i = 0; i < offsets.Count; i++)
        {
            long offset = offsets.At(i);
            long count = counts.At(i);
            if (offset < 0 || count < 0 || offset > fileLength || count > fileLength - offset)
            {
                throw new InvalidDataException("the TIFF ends too early: copy the file again from its source");
            }

            left -= count;
            if (left < 0)
            {
                string pieces = TileWidth > 0 ? "tiles" : "strips";
                throw new InvalidDataException($"a TIFF whose {pieces} overlap, which is not read: convert it to PNG");
            }
        }
    }

    /// <summary>The bytes of each strip or tile.</summary>
    /// <param name="file">The file that the directory was read from, in which all of them are known to lie.</param>
    public IEnumerable<ReadOnlyMemory<byte>> Pieces(ReadOnlyMemory<byte> file)
    {
        Entry offsets = entries[PlaceTags.Offsets];
        Entry counts = entries[PlaceTags.Counts];
        for (long i = 0; i < offsets.Count; i++)
        {
            yield return file.Slice((int)offsets.At(i), (int)counts.At(i));
        }
    }

    /// <summary>
    /// A file with this page alone, described only by the tags that its pixels need: a decoder that trusts what other tags say never
    /// sees them. A BigTIFF becomes a plain one, since the decoder does not know all its forms.
    /// </summary>
    /// <param name="file">The file that the directory was read from.</param>
    /// <exception cref="InvalidDataException">The tags together say more than the file has.</exception>
    public byte[] Alone(ReadOnlyMemory<byte> file)
    {
        const int Word = 4;
        (int Tag, Entry Entry)[] kept = [.. TagsForPixels.Where(IsKept).Select(tag => (tag, entries[tag]))];
        long total = kept.Sum(static tag => tag.Entry.Count * tag.Entry.PlainSize);

        // Values that overlap could ask for many times the memory of their file.
        if (total > file.Length)
        {
            throw new InvalidDataException("a damaged TIFF: the values of its tags overlap");
        }

        int start = (file.Length + 7) & ~7;
        int free = start + 2 + (12 * kept.Length) + Word;
        byte[] alone = new byte[free + total];
        file.CopyTo(alone);
        (little ? "II*\0"u8 : "MM\0*"u8).CopyTo(alone);
        WriteNumber(alone.AsSpan(4, Word), start);
        WriteNumber(alone.AsSpan(start, 2), kept.Length);
        int position = start + 2;
        foreach ((int tag, Entry entry) in kept)
        {
            int length = (int)entry.Count * entry.PlainSize;
            WriteNumber(alone.AsSpan(position, 2), tag);
            WriteNumber(alone.AsSpan(position + 2, 2), entry.PlainType);
            WriteNumber(alone.AsSpan(position + 4, Word), entry.Count);
            int values = position + 8;
            if (length > Word)
            {
                WriteNumber(alone.AsSpan(values, Word), free);
                values = free;
                free += length;
            }

            for (int i = 0; i < entry.Count; i++)
            {
                WriteNumber(alone.AsSpan(values + (i * entry.PlainSize), entry.PlainSize), entry.At(i));
            }

            position += 12;
        }

        return alone;
    }

    /// <summary>The colors of a palette page: 2^bits red, then green, then blue, 16 bits each.</summary>
    /// <exception cref="InvalidDataException">The map is missing or too short.</exception>
    public int[] ColorMap()
    {
        long length = 3L << (int)BitsPerSample;
        if (!entries.TryGetValue(320, out Entry map) || map.Count < length)
        {
            throw new InvalidDataException("a damaged TIFF: its palette is missing");
        }

        int[] colors = new int[length];
        for (int i = 0; i < length; i++)
        {
            colors[i] = (int)map.At(i);
        }

        return colors;
    }

    private static IEnumerable<TiffDirectory> Pages(ReadOnlyMemory<byte> file)
    {
        bool little = file.Span[0] == (byte)'I';
        bool big = file.Span[2] == (byte)'+' || file.Span[3] == (byte)'+';
        Cursor cursor = new(file, little, big);
        HashSet<long> visited = [];

        // Directories that overlap could ask for many times the memory of their file.
        long entriesLeft = file.Length / cursor.EntrySize;
        long offset = cursor.Offset(big ? 8 : 4);
        if (offset == 0)
        {
            throw new InvalidDataException("a damaged TIFF: it holds no page");
        }

        while (offset != 0)
        {
            if (!visited.Add(offset))
            {
                throw new InvalidDataException("a damaged TIFF: its pages form a ring");
            }

            if (visited.Count > MostDirectories)
            {
                throw new InvalidDataException($"a TIFF of more than {MostDirectories} pages: split it into one file for each");
            }

            entriesLeft -= cursor.EntriesAt(offset);
            if (entriesLeft < 0)
            {
                throw new InvalidDataException("a damaged TIFF: its pages overlap");
            }

            (TiffDirectory directory, offset) = cursor.Directory(offset);
            yield return directory;
        }
    }

    private static int SizeOf(int type) => type switch
    {
        1 or 2 or 6 or 7 => 1,
        3 or 8 => 2,
        4 or 9 or 11 or 13 => 4,
        5 or 10 or 12 or 16 or 17 or 18 => 8,
        _ => 0,
    };

    private static long Parts(long whole, long part) => ((whole - 1) / part) + 1;

    // Of places that were not checked, the decoder must not know.
    private bool IsKept(int tag) => entries.ContainsKey(tag)
        && (tag is not (273 or 279 or 324 or 325) || tag == PlaceTags.Offsets || tag == PlaceTags.Counts);

    private void WriteNumber(Span<byte> bytes, long number)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[little ? i : bytes.Length - 1 - i] = (byte)(number >> (8 * i));
        }
    }

    private long Value(int tag, long otherwise) => entries.TryGetValue(tag, out Entry entry) && entry.Count > 0 ? entry.At(0) : otherwise;

    private bool AllEqual(int tag)
    {
        if (entries.TryGetValue(tag, out Entry entry))
        {
            for (long i = 1; i < entry.Count; i++)
            {
                if (entry.At(i) != entry.At(0))
                {
                    return false;
                }
            }
        }

        return true;
    }

    private readonly struct Cursor(ReadOnlyMemory<byte> file, bool little, bool big)
    {
        private readonly int wordSize = big ? 8 : 4;

        public int EntrySize => big ? 20 : 12;

        private int CountSize => big ? 8 : 2;

        public long Offset(long position) => Number(position, wordSize);

        /// <summary>The number of entries of the directory at a position.</summary>
        public long EntriesAt(long position) => Number(position, CountSize) is > 0 and <= MostEntries and long count
            ? count
            : throw new InvalidDataException($"a damaged TIFF: a page with {Number(position, CountSize)} tags");

        public (TiffDirectory Directory, long Next) Directory(long position)
        {
            int countSize = CountSize;
            int entrySize = EntrySize;
            long count = EntriesAt(position);
            Dictionary<int, Entry> entries = [];
            for (int i = 0; i < count; i++)
            {
                long at = position + countSize + ((long)i * entrySize);
                int tag = (int)Number(at, 2);
                int type = (int)Number(at + 2, 2);
                long values = Number(at + 4, wordSize);
                int size = SizeOf(type);
                if (size == 0 || values < 0 || values > file.Length / size)
                {
                    // An unknown type of a tag that is not needed is no harm; a needed one will be missed.
                    continue;
                }

                long start = values * size <= wordSize ? at + 4 + wordSize : Offset(at + 4 + wordSize);
                if (start < 0 || start > file.Length - (values * size))
                {
                    throw new InvalidDataException("the TIFF ends too early: copy the file again from its source");
                }

                entries[tag] = new Entry(type, values, file.Slice((int)start, (int)(values * size)), little);
            }

            return (new TiffDirectory(entries, little), Offset(position + countSize + (count * entrySize)));
        }

        private long Number(long position, int size)
        {
            if (position < 0 || position > file.Length - size)
            {
                throw new InvalidDataException("the TIFF ends too early: copy the file again from its source");
            }

            ReadOnlySpan<byte> bytes = file.Span.Slice((int)position, size);
            return size switch
            {
                2 => little ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes),
                4 => little ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes),
                _ => little ? BinaryPrimitives.ReadInt64LittleEndian(bytes) : BinaryPrimitives.ReadInt64BigEndian(bytes),
            };
        }
    }
}
