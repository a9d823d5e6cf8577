using System.Buffers.Binary;
using System.Text;
using CMUNeXt.Files;

namespace CMUNeXt.Weights.Pth;

/// <summary>
/// A zip archive whose entries are stored as they are, as <c>torch.save</c> writes it. Entries are slices of the file, so that
/// nothing can grow: an entry that overlaps another or stands twice is refused, and a compressed or encrypted one cannot be opened.
/// </summary>
internal sealed class StoredZip
{
    private const uint EndSignature = 0x06054b50;
    private const uint CentralSignature = 0x02014b50;
    private const uint LocalSignature = 0x04034b50;
    private const int EndLength = 22;
    private const int CentralLength = 46;
    private const int LocalLength = 30;

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private readonly string path;
    private readonly ReadOnlyMemory<byte> content;
    private readonly Dictionary<string, Entry> entries = new(StringComparer.Ordinal);

    /// <summary>Reads the archive's directory and checks it against the entries' own headers.</summary>
    /// <exception cref="BadFileException">The archive is damaged, or has something that <c>torch.save</c> does not write.</exception>
    public StoredZip(string path, ReadOnlyMemory<byte> content)
    {
        this.path = path;
        this.content = content;
        ReadDirectory();
    }

    private readonly record struct Entry(int Start, int Length, uint Crc, bool IsStored);

    /// <summary>The names of the entries.</summary>
    public IReadOnlyCollection<string> Names => entries.Keys;

    /// <summary>Whether the content begins as a zip archive with entries does.</summary>
    public static bool IsRecognized(ReadOnlySpan<byte> content) =>
        content.Length >= 4 && BinaryPrimitives.ReadUInt32LittleEndian(content) == LocalSignature;

    /// <summary>The content of an entry, its checksum verified.</summary>
    /// <exception cref="BadFileException">There is no such entry, it is compressed or encrypted, or its checksum is wrong.</exception>
    public ReadOnlyMemory<byte> Open(string name)
    {
        if (!entries.TryGetValue(name, out Entry entry))
        {
            throw Bad($"its entry {PrintableName.Of(name)} is missing");
        }

        if (!entry.IsStored)
        {
            throw Bad($"its entry {PrintableName.Of(name)} is compressed or encrypted, which torch.save never does; "
                + "save it again with torch.save");
        }

        ReadOnlyMemory<byte> data = content.Slice(entry.Start, entry.Length);
        return Crc32.Of(data.Span) == entry.Crc
            ? data
            : throw Bad($"the checksum of its entry {PrintableName.Of(name)} is wrong; the file is damaged, fetch it again");
    }

    private void ReadDirectory()
    {
        ReadOnlySpan<byte> file = content.Span;
        int end = FindEnd(file);
        if (end < 0)
        {
            throw Bad("it begins as a zip archive but has no directory at its end; the file is cut short, fetch it again");
        }

        int count = BinaryPrimitives.ReadUInt16LittleEndian(file[(end + 10)..]);
        uint size = BinaryPrimitives.ReadUInt32LittleEndian(file[(end + 12)..]);
        uint offset = BinaryPrimitives.ReadUInt32LittleEndian(file[(end + 16)..]);
        bool oneDisk = BinaryPrimitives.ReadUInt32LittleEndian(file[(end + 4)..]) == 0
            && BinaryPrimitives.ReadUInt16LittleEndian(file[(end + 8)..]) == count;
        if (!oneDisk || (ulong)offset + size > (uint)end)
        {
            throw Bad("its zip directory is damaged");
        }

        ReadOnlySpan<byte> directory = file.Slice((int)offset, (int)size);
        List<(int Start, int End)> places = new(Math.Min(count, directory.Length / CentralLength));
        for (int i = 0; i < count; i++)
        {
            ReadEntry(file, (int)offset, ref directory, places);
        }

        places.Sort();
        for (int i = 1; i < places.Count; i++)
        {
            if (places[i].Start < places[i - 1].End)
            {
                throw Bad("entries of its zip archive overlap");
            }
        }
    }

    private static int FindEnd(ReadOnlySpan<byte> file)
    {
        // A comment of up to 65,535 bytes may follow the record; it has to reach exactly to the end of the file.
        for (int end = file.Length - EndLength; end >= Math.Max(0, file.Length - EndLength - ushort.MaxValue); end--)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(file[end..]) == EndSignature
                && BinaryPrimitives.ReadUInt16LittleEndian(file[(end + 20)..]) == file.Length - end - EndLength)
            {
                return end;
            }
        }

        return -1;
    }

    private void ReadEntry(ReadOnlySpan<byte> file, int limit, ref ReadOnlySpan<byte> directory, List<(int Start, int End)> places)
    {
        if (directory.Length < CentralLength || BinaryPrimitives.ReadUInt32LittleEndian(directory) != CentralSignature)
        {
            throw Bad("its zip directory is damaged");
        }

        int flags = BinaryPrimitives.ReadUInt16LittleEndian(directory[8..]);
        int method = BinaryPrimitives.ReadUInt16LittleEndian(directory[10..]);
        uint crc = BinaryPrimitives.ReadUInt32LittleEndian(directory[16..]);
        uint packed = BinaryPrimitives.ReadUInt32LittleEndian(directory[20..]);
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(directory[24..]);
        int nameLength = BinaryPrimitives.ReadUInt16LittleEndian(directory[28..]);
        int rest = BinaryPrimitives.ReadUInt16LittleEndian(directory[30..]) + BinaryPrimitives.ReadUInt16LittleEndian(directory[32..]);
        uint header = BinaryPrimitives.ReadUInt32LittleEndian(directory[42..]);
        if (directory.Length - CentralLength < nameLength + rest)
        {
            throw Bad("its zip directory is damaged");
        }

        ReadOnlySpan<byte> rawName = directory.Slice(CentralLength, nameLength);
        string name = Decode(rawName);
        string shown = PrintableName.Of(name);
        // Sizes that only zip64 can state are larger than any file read here, and fail this check too.
        if (header > limit - LocalLength || limit < LocalLength)
        {
            throw Bad($"its entry {shown} lies outside the file");
        }

        ReadOnlySpan<byte> local = file[(int)header..limit];
        long start = LocalLength + (long)BinaryPrimitives.ReadUInt16LittleEndian(local[26..])
            + BinaryPrimitives.ReadUInt16LittleEndian(local[28..]);
        if (start + packed > local.Length)
        {
            throw Bad($"its entry {shown} lies outside the file");
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(local) != LocalSignature
            || BinaryPrimitives.ReadUInt16LittleEndian(local[8..]) != method
            || BinaryPrimitives.ReadUInt16LittleEndian(local[26..]) != nameLength
            || !local.Slice(LocalLength, nameLength).SequenceEqual(rawName))
        {
            throw Bad($"its entry {shown} does not agree with its zip directory");
        }

        bool isStored = (flags & 1) == 0 && method == 0 && packed == length;
        if (!entries.TryAdd(name, new Entry((int)(header + start), (int)packed, crc, isStored)))
        {
            throw Bad($"its entry {shown} stands twice");
        }

        places.Add(((int)header, (int)(header + start + packed)));
        directory = directory[(CentralLength + nameLength + rest)..];
    }

    private string Decode(ReadOnlySpan<byte> name)
    {
        try
        {
            return StrictUtf8.GetString(name);
        }
        catch (DecoderFallbackException e)
        {
            throw new BadFileException(path, "an entry of its zip archive has a name that is not UTF-8", e);
        }
    }

    private BadFileException Bad(string problem) => new(path, problem);
}
