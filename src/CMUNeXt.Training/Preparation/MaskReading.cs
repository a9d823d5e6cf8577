using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Training.Data;

namespace CMUNeXt.Training.Preparation;

/// <summary>Turns the values of mask files into classes.</summary>
/// <param name="rules">What the values mean.</param>
internal sealed class MaskReading(MaskRules rules)
{
    private readonly Dictionary<int, byte> classOfValue = rules.ClassOfValue();

    /// <summary>The class of every pixel: 0 the background, c + 1 the class of <c>masks/c</c>.</summary>
    /// <param name="mask">The mask: one channel, or three where colors are read.</param>
    /// <param name="note">What should be known of the values, or why they cannot be understood; null for nothing.</param>
    /// <returns>One channel, or null where the values cannot be understood.</returns>
    public Image? Classes(Image mask, out string? note)
    {
        byte[]? classes = rules.Classes is null ? OfOneClass(mask.Pixels, out note) : OfValues(mask, out note);
        return classes is null ? null : new Image(mask.Width, mask.Height, 1, classes);
    }

    private byte[]? OfOneClass(byte[] gray, out string? note)
    {
        if (GrayMask.Problem(gray, rules.Threshold) is { } problem)
        {
            note = gray.Max() == 1
                ? "the largest value is 1, but other masks of the folder are 0 and 255"
                : $"{problem}; for a label map say which values are classes (--labels)";
            return null;
        }

        note = rules.Threshold > 0 && gray.AsSpan().ContainsAnyExcept((byte)0, byte.MaxValue) ? Others(gray) : null;
        byte[] classes = new byte[gray.Length];
        for (int i = 0; i < gray.Length; i++)
        {
            classes[i] = gray[i] > rules.Threshold ? (byte)1 : (byte)0;
        }

        return classes;
    }

    private string Others(byte[] gray)
    {
        byte[] others = [.. gray.Distinct().Where(static value => value is not (0 or 255)).Order()];
        return $"not only 0 and 255 but {others.Length} other values, such as {others[0]}; above {rules.Threshold} is foreground";
    }

    private byte[]? OfValues(Image mask, out string? note)
    {
        byte[] classes = new byte[mask.Width * mask.Height];
        SortedSet<int> others = [];
        for (int i = 0; i < classes.Length; i++)
        {
            int value = Value(mask, i);
            if (!classOfValue.TryGetValue(value, out classes[i]))
            {
                others.Add(value);
            }
        }

        if (!rules.Colored && others.SetEquals([255]) && !classes.AsSpan().ContainsAnyExcept((byte)0))
        {
            note = "the only values are 0 and 255, and 255 is not among the labels";
            return null;
        }

        note = null;
        if (others.Count > 0)
        {
            string list = ShortList.Of([.. others.Select(v => rules.Colored ? v.ToString("X6") : v.ToString())]);
            note = rules.Colored
                ? $"colors that are no class: {list}; name them too, RRGGBB={MaskClass.Background} for nothing"
                : $"not among the labels, so taken as background: {list}";
        }

        return rules.Colored && others.Count > 0 ? null : classes;
    }

    private int Value(Image mask, int pixel)
    {
        if (!rules.Colored)
        {
            return mask.Pixels[pixel];
        }

        return mask.Channels == 1
            ? mask.Pixels[pixel] * 0x010101
            : (mask.Pixels[3 * pixel] << 16) | (mask.Pixels[(3 * pixel) + 1] << 8) | mask.Pixels[(3 * pixel) + 2];
    }
}
