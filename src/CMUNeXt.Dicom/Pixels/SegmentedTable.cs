namespace CMUNeXt.Dicom.Pixels;

/// <summary>A lookup table in segments (PS3.3, C.7.9.2): runs of values, straight lines, and earlier segments again.</summary>
internal static class SegmentedTable
{
    private const int Discrete = 0;
    private const int Linear = 1;
    private const int Indirect = 2;

    /// <summary>Expands a table; null where it does not have the number of entries that it should.</summary>
    public static ushort[]? Expand(ReadOnlySpan<ushort> words, int count)
    {
        List<ushort> values = new(count);
        int read = 0;
        while (read < words.Length && values.Count < count)
        {
            if (words[read] == Indirect)
            {
                if (read + 4 > words.Length
                    || !Repeat(words, words[read + 1], words[read + 2] | ((long)words[read + 3] << 16), values, count))
                {
                    return null;
                }

                read += 4;
            }
            else if (!Add(words, ref read, values, count))
            {
                return null;
            }
        }

        return values.Count == count ? [.. values] : null;
    }

    // The offset counts bytes from the table's beginning. A repeated segment is never itself a repetition.
    private static bool Repeat(ReadOnlySpan<ushort> words, int segments, long offset, List<ushort> values, int count)
    {
        long read = offset / 2;
        if (read >= words.Length)
        {
            return false;
        }

        int place = (int)read;
        for (int i = 0; i < segments; i++)
        {
            if (!Add(words, ref place, values, count))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Add(ReadOnlySpan<ushort> words, ref int read, List<ushort> values, int count)
    {
        // Segments of no entries, repeated, would be work without end.
        if (read + 2 > words.Length || words[read + 1] == 0 || values.Count + words[read + 1] > count)
        {
            return false;
        }

        int kind = words[read];
        int length = words[read + 1];
        read += 2;
        switch (kind)
        {
            case Discrete when read + length <= words.Length:
                values.AddRange(words.Slice(read, length));
                read += length;
                return true;
            case Linear when read < words.Length && values.Count > 0:
                double from = values[^1];
                double step = (words[read++] - from) / length;
                for (int i = 1; i <= length; i++)
                {
                    values.Add((ushort)Math.Round(from + (i * step)));
                }

                return true;
            default:
                return false;
        }
    }
}
