using System.Buffers.Binary;
using System.Text;

namespace CMUNeXt.Torch.Native;

/// <summary>
/// A 64-bit little-endian ELF file in memory, as far as the versions of its imported symbols go
/// (System V ABI, chapter 4; Linux Standard Base, "Symbol Versioning").
/// </summary>
/// <remarks>
/// TorchSharp's native library is built by a compiler that marks each of its files with a reference to the symbol
/// <c>_ZSt21ios_base_library_initv</c> of libstdc++'s version <c>GLIBCXX_3.4.32</c>. The symbol is a marker and does nothing, but the
/// loader refuses the whole library on a system with an older libstdc++, such as Debian 12 and Ubuntu 22.04 (3.4.30).
/// <see cref="ReplaceImport"/> takes the reference away.
/// </remarks>
internal sealed class SharedLibrary
{
    private const uint DynamicSymbols = 11;
    private const uint NeededVersions = 0x6ffffffe;
    private const uint SymbolVersions = 0x6fffffff;
    private const int SymbolSize = 24;
    private const ushort WeakFlag = 2;
    private const ushort GlobalVersion = 1;

    private readonly byte[] content;

    /// <summary>Takes the content of a file; it is changed in place.</summary>
    /// <exception cref="InvalidDataException">It is no 64-bit little-endian ELF file.</exception>
    public SharedLibrary(byte[] content)
    {
        if (content.Length < 64 || !content.AsSpan(0, 6).SequenceEqual("\u007fELF\u0002\u0001"u8))
        {
            throw new InvalidDataException("not a 64-bit little-endian ELF file");
        }

        this.content = content;
    }

    /// <summary>The file's bytes, with the changes made so far.</summary>
    public ReadOnlySpan<byte> Content => content;

    /// <summary>
    /// Makes a library load where a version of another library is missing of which it imports one symbol: the need of that version
    /// becomes weak, and the symbol becomes one without a version that every system has.
    /// </summary>
    /// <param name="version">The missing version, such as <c>GLIBCXX_3.4.32</c>.</param>
    /// <param name="symbol">The only symbol imported of that version.</param>
    /// <param name="substitute">The name of a function that takes its place; not longer than the symbol's.</param>
    /// <exception cref="InvalidDataException">The library has no such import, or imports more than this symbol of that version.</exception>
    public void ReplaceImport(string version, string symbol, string substitute)
    {
        if (substitute.Length > symbol.Length)
        {
            throw new ArgumentException("The substitute's name is longer than the symbol's.", nameof(substitute));
        }

        Section symbols = Find(DynamicSymbols);
        Section versions = Find(SymbolVersions);
        int need = FindNeededVersion(version);
        ushort index = Read16(need + 6);

        int count = (int)(symbols.Size / SymbolSize);
        int[] imports = [.. Enumerable.Range(0, count).Where(i => (Read16(versions.Offset + (2 * i)) & 0x7fff) == index)];
        if (imports.Length != 1 || ReadName(symbols, imports[0]) != symbol)
        {
            throw new InvalidDataException($"imports {imports.Length} symbols of {version}, and not {symbol} alone");
        }

        Write16(need + 4, (ushort)(Read16(need + 4) | WeakFlag));
        Write16(versions.Offset + (2 * imports[0]), GlobalVersion);
        int name = NameOffset(symbols, imports[0]);
        content.AsSpan(name, symbol.Length).Clear();
        Encoding.ASCII.GetBytes(substitute, content.AsSpan(name));
    }

    private readonly record struct Section(uint Type, int Offset, long Size, int Link, int Entries);

    private Section Find(uint type)
    {
        int count = Read16(60);
        for (int i = 0; i < count; i++)
        {
            Section section = ReadSection(i);
            if (section.Type == type)
            {
                return section;
            }
        }

        throw new InvalidDataException($"has no section of type 0x{type:x}");
    }

    private Section ReadSection(int index)
    {
        int header = checked((int)Read64(40) + (index * Read16(58)));
        return new Section(
            Read32(header + 4), checked((int)Read64(header + 24)), Read64(header + 32), (int)Read32(header + 40), (int)Read32(header + 44));
    }

    // The version records: for each library that is needed one Verneed (16 bytes), each with a chain of Vernaux
    // (hash 4, flags 2, index 2, name 4, next 4). Returns the offset of the Vernaux of a version.
    private int FindNeededVersion(string version)
    {
        Section needed = Find(NeededVersions);
        Section strings = ReadSection(needed.Link);
        int library = needed.Offset;
        for (int i = 0; i < needed.Entries; i++)
        {
            int entry = library + (int)Read32(library + 8);
            for (int j = 0; j < Read16(library + 2); j++)
            {
                if (ReadString(strings.Offset + (int)Read32(entry + 8)) == version)
                {
                    return entry;
                }

                entry += (int)Read32(entry + 12);
            }

            library += (int)Read32(library + 12);
        }

        throw new InvalidDataException($"does not need {version}");
    }

    private int NameOffset(Section symbols, int index) =>
        ReadSection(symbols.Link).Offset + (int)Read32(symbols.Offset + (index * SymbolSize));

    private string ReadName(Section symbols, int index) => ReadString(NameOffset(symbols, index));

    private string ReadString(int offset)
    {
        ReadOnlySpan<byte> tail = content.AsSpan(offset);
        return Encoding.ASCII.GetString(tail[..tail.IndexOf((byte)0)]);
    }

    private ushort Read16(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(content.AsSpan(offset));

    private uint Read32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(content.AsSpan(offset));

    private long Read64(int offset) => BinaryPrimitives.ReadInt64LittleEndian(content.AsSpan(offset));

    private void Write16(int offset, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(content.AsSpan(offset), value);
}
