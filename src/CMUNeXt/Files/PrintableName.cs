namespace CMUNeXt.Files;

/// <summary>Names that come out of files, made fit for a message of one line.</summary>
internal static class PrintableName
{
    /// <summary>The longest name of a tensor.</summary>
    public const int MaximumLength = 1024;

    private const int Shown = 120;

    /// <summary>The name with control characters replaced, cut short where it is long.</summary>
    public static string Of(string name)
    {
        ReadOnlySpan<char> start = name.AsSpan(0, Math.Min(Shown, name.Length));
        return string.Create(start.Length + (name.Length > Shown ? 3 : 0), start, static (to, from) =>
        {
            for (int i = 0; i < from.Length; i++)
            {
                to[i] = char.IsControl(from[i]) || char.IsSurrogate(from[i]) ? '?' : from[i];
            }

            to[from.Length..].Fill('.');
        });
    }

    /// <summary>Whether a tensor may have this name: 1 to <see cref="MaximumLength"/> characters, none of them a control character.</summary>
    public static bool IsTensorName(string name) =>
        name.Length is >= 1 and <= MaximumLength && !name.AsSpan().ContainsAnyInRange('\0', '\x1f') && !name.AsSpan().ContainsAnyInRange('\x7f', '\x9f');
}
