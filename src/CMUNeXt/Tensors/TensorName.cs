namespace CMUNeXt.Tensors;

/// <summary>Which names a tensor may have, whatever file it comes from.</summary>
internal static class TensorName
{
    /// <summary>The most characters of a name.</summary>
    public const int MaximumLength = 1024;

    /// <summary>Whether it has 1 to <see cref="MaximumLength"/> characters, none of them a control character.</summary>
    public static bool IsValid(string name) =>
        name.Length is >= 1 and <= MaximumLength && !name.AsSpan().ContainsAnyInRange('\0', '\x1f')
            && !name.AsSpan().ContainsAnyInRange('\x7f', '\x9f');
}
