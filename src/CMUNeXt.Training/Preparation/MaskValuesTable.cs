using CMUNeXt.Training.Data;

namespace CMUNeXt.Training.Preparation;

/// <summary>What the grey values of one mask file mean.</summary>
internal sealed class MaskValuesTable
{
    private MaskValuesTable(byte[] classes) => Classes = classes;

    /// <summary>For each of the 256 values the class: 0 the background, c + 1 the class of <c>masks/c</c>.</summary>
    public byte[] Classes { get; }

    /// <summary>Works the meaning out from the values that occur.</summary>
    /// <param name="grey">The mask's pixels.</param>
    /// <param name="rules">How masks are to be understood.</param>
    /// <param name="note">What should be known of the values, or why they cannot be understood; null for nothing.</param>
    /// <returns>The meaning, or null where the values cannot be understood.</returns>
    public static MaskValuesTable? Of(ReadOnlySpan<byte> grey, MaskRules rules, out string? note)
    {
        Span<bool> occurs = stackalloc bool[256];
        foreach (byte value in grey)
        {
            occurs[value] = true;
        }

        int[] values = [.. Occurring(occurs)];
        return rules.Labels is { } labels ? OfLabels(values, labels, out note) : OfOneClass(values, rules.ZeroOneIsUsual, out note);
    }

    private static MaskValuesTable OfLabels(int[] values, IReadOnlyList<int> labels, out string? note)
    {
        byte[] classes = new byte[256];
        for (int c = 0; c < labels.Count; c++)
        {
            classes[labels[c]] = (byte)(c + 1);
        }

        string[] others = [.. values.Where(v => v != 0 && classes[v] == 0).Select(v => v.ToString())];
        note = others.Length == 0 ? null : $"not among the labels, so taken as background: {ShortList.Of(others)}";
        return new MaskValuesTable(classes);
    }

    private static MaskValuesTable? OfOneClass(int[] values, bool zeroOneIsUsual, out string? note)
    {
        int largest = values[^1];
        int threshold = GreyMask.Threshold;
        note = null;
        if (largest == 1)
        {
            threshold = 0;
            note = zeroOneIsUsual ? null : "the values are 0 and 1; 1 is taken as foreground";
        }
        else if (largest > 0 && largest <= threshold)
        {
            note = $"the largest value is {largest}, neither 1 nor above {threshold}; for a label map say which values are classes";
            return null;
        }
        else if (values.Where(v => v is not (0 or 255)).ToArray() is [int other, ..] others)
        {
            note = $"not only 0 and 255 but {others.Length} other values, such as {other}; above {threshold} is foreground";
        }

        byte[] classes = new byte[256];
        classes.AsSpan(threshold + 1).Fill(1);
        return new MaskValuesTable(classes);
    }

    private static List<int> Occurring(ReadOnlySpan<bool> occurs)
    {
        List<int> values = [];
        for (int v = 0; v < occurs.Length; v++)
        {
            if (occurs[v])
            {
                values.Add(v);
            }
        }

        return values;
    }
}
