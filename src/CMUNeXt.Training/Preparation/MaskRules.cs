namespace CMUNeXt.Training.Preparation;

/// <summary>How the masks of a data set are to be understood; the same for all of them.</summary>
internal sealed record MaskRules
{
    /// <summary>The largest gray value that is background in masks of 0 and 255.</summary>
    public const byte HalfScale = Data.GrayMask.Threshold;

    /// <summary>The classes of label maps or colored masks; null for masks of one class, which are 0 and 255, or 0 and 1.</summary>
    public IReadOnlyList<MaskClass>? Classes { get; init; }

    /// <summary>Whether the values of <see cref="Classes"/> are colors.</summary>
    public bool Colored { get; init; }

    /// <summary>The largest gray value that is background in masks of one class: 127, or 0 in a folder of masks of 0 and 1.</summary>
    public byte Threshold { get; init; } = HalfScale;

    /// <summary>Whether a mask of another size is scaled.</summary>
    public bool Resize { get; init; }

    /// <summary>The names of the classes that are not background; null where they have none.</summary>
    public IReadOnlyList<string>? Names => Classes?.Where(IsForeground).Select(c => c.Name).ToArray();

    /// <summary>The number of classes that are not background.</summary>
    public int Count => Names?.Count ?? 1;

    /// <summary>What is wrong with classes, or null where they are good.</summary>
    public static string? Problem(IReadOnlyList<MaskClass> classes)
    {
        int[] values = [.. classes.SelectMany(c => c.Values)];
        return values.Distinct().Count() != values.Length ? "a value stands twice"
            : classes.Count(IsForeground) is 0 or > Data.DataSet.MaximumClasses ? $"there are 1 to {Data.DataSet.MaximumClasses} classes"
            : null;
    }

    /// <summary>
    /// What the values mean: class c + 1 for what stands in <c>masks/c</c>, 0 for named background, and
    /// <see cref="Data.IgnoredPixels.Label"/> for what is ignored.
    /// </summary>
    public Dictionary<int, byte> ClassOfValue()
    {
        Dictionary<int, byte> classes = new() { [0] = 0 };
        byte next = 1;
        foreach (MaskClass one in Classes ?? [])
        {
            byte label = IsForeground(one) ? next++ : one.Name == MaskClass.Ignore ? Data.IgnoredPixels.Label : (byte)0;
            foreach (int value in one.Values)
            {
                classes[value] = label;
            }
        }

        return classes;
    }

    private static bool IsForeground(MaskClass one) => one.Name is not (MaskClass.Background or MaskClass.Ignore);
}
