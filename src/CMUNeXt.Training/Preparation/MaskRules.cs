namespace CMUNeXt.Training.Preparation;

/// <summary>How masks are to be understood.</summary>
internal sealed record MaskRules
{
    /// <summary>The grey values of the classes of a label map; null for masks of one class.</summary>
    public IReadOnlyList<int>? Labels { get; init; }

    /// <summary>Whether masks of 0 and 1 are nothing to remark.</summary>
    public bool ZeroOneIsUsual { get; init; }

    /// <summary>Whether a mask of another size is scaled.</summary>
    public bool Resize { get; init; }

    /// <summary>The number of classes that are not background.</summary>
    public int Classes => Labels?.Count ?? 1;
}
