using System.Buffers;

namespace CMUNeXt.Training.Data;

/// <summary>What may name a case. A name becomes part of a path, so nothing may lead out of the data set's folders.</summary>
internal static class CaseName
{
    // Both separators on every system: a list that was written on one is read on another.
    private static readonly SearchValues<char> Forbidden = SearchValues.Create(['/', '\\', .. Path.GetInvalidFileNameChars()]);

    /// <summary>What is wrong with a name, or null where it is good.</summary>
    public static string? Problem(string name)
    {
        if (name.Length is 0 or > 200)
        {
            return $"a case name has 1 to 200 characters, not {name.Length}";
        }

        // Not quoted in the message: the character might be a line end or worse.
        if (name.Any(char.IsControl))
        {
            return "the case name holds a control character";
        }

        if (name.AsSpan().ContainsAny(Forbidden))
        {
            return $"the case name {name} holds a character that cannot stand in a file name, such as a path separator";
        }

        if (name is "." or ".." || name.Trim() != name)
        {
            return $"\"{name}\" cannot be the name of a case";
        }

        return null;
    }
}
