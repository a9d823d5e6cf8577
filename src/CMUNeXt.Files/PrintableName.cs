namespace CMUNeXt.Files;

/// <summary>Names that come out of files, made fit for a message of one line.</summary>
public static class PrintableName
{
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
}
