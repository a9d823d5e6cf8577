using CMUNeXt.Dicom.Format;

namespace CMUNeXt.Dicom.Pixels;

/// <summary>The three tables of a palette (PS3.3, C.7.6.3.1.5 and C.7.9.2), brought to 8 bits.</summary>
internal sealed class Palette
{
    private const int MostEntries = 65536;

    // What a segmented table may be written with: three words for each entry are far more than any has.
    private const int MostWords = 3 * MostEntries;

    private readonly byte[] colors;
    private readonly int first;

    private Palette(byte[] colors, int first)
    {
        this.colors = colors;
        this.first = first;
    }

    /// <summary>Reads a palette.</summary>
    /// <exception cref="InvalidDataException">A table is missing, or contradicts its descriptor.</exception>
    public static Palette Read(DataSet data)
    {
        (DicomAttribute Descriptor, DicomAttribute Plain, DicomAttribute Segmented)[] tables =
        [
            (DicomAttribute.RedPaletteColorLookupTableDescriptor,
                DicomAttribute.RedPaletteColorLookupTableData, DicomAttribute.SegmentedRedPaletteColorLookupTableData),
            (DicomAttribute.GreenPaletteColorLookupTableDescriptor,
                DicomAttribute.GreenPaletteColorLookupTableData, DicomAttribute.SegmentedGreenPaletteColorLookupTableData),
            (DicomAttribute.BluePaletteColorLookupTableDescriptor,
                DicomAttribute.BluePaletteColorLookupTableData, DicomAttribute.SegmentedBluePaletteColorLookupTableData),
        ];
        byte[]? colors = null;
        int first = 0;
        for (int c = 0; c < tables.Length; c++)
        {
            (int count, first, int bits) = ReadDescriptor(data, tables[c].Descriptor);
            colors ??= new byte[3 * count];
            if (colors.Length != 3 * count)
            {
                throw new InvalidDataException("the three tables of its palette differ in length");
            }

            ushort[] values = ReadTable(data, tables[c].Plain, tables[c].Segmented, count, bits);
            for (int i = 0; i < count; i++)
            {
                colors[(3 * i) + c] = (byte)(bits == 8 ? values[i] : values[i] >> 8);
            }
        }

        return new Palette(colors!, first);
    }

    /// <summary>The red, green and blue of a stored value; those beyond the table's ends have the color of its end.</summary>
    public ReadOnlySpan<byte> Color(int value) => colors.AsSpan(3 * Math.Clamp(value - first, 0, (colors.Length / 3) - 1), 3);

    private static (int Count, int First, int Bits) ReadDescriptor(DataSet data, DicomAttribute attribute)
    {
        if (data.Words(attribute, 3) is not { Length: 3 } words)
        {
            throw DataSet.Bad(attribute, "is missing, or not three numbers");
        }

        return words[2] is 8 or 16
            ? (words[0] == 0 ? MostEntries : words[0], words[1], words[2])
            : throw DataSet.Bad(attribute, $"says {words[2]} bits for an entry, not 8 or 16");
    }

    private static ushort[] ReadTable(DataSet data, DicomAttribute plain, DicomAttribute segmented, int count, int bits)
    {
        if (data.Words(plain, MostEntries) is { } words)
        {
            // Entries of 8 bits may stand two in a word.
            bool isPacked = bits == 8 && words.Length == (count + 1) / 2 && count > 1;
            ushort[] values = isPacked ? [.. words.SelectMany(static word => new[] { (ushort)(word & 0xFF), (ushort)(word >> 8) })] : words;
            return values.Length >= count
                ? values
                : throw DataSet.Bad(plain, $"has {words.Length} entries where its descriptor says {count}");
        }

        return data.Words(segmented, MostWords) is { } segments
            ? SegmentedTable.Expand(segments, count) ?? throw DataSet.Bad(segmented, $"does not make its descriptor's {count} entries")
            : throw DataSet.Bad(plain, "is missing");
    }
}
