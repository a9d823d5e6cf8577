using System.Buffers;

namespace CMUNeXt.Cli;

/// <summary>A command as it can be pasted into a shell.</summary>
internal static class ShellText
{
    private static readonly SearchValues<char> Plain =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:\\+=@,");

    /// <summary>Joins a command and its arguments; what a shell would read otherwise is quoted.</summary>
    public static string Of(params IEnumerable<string> arguments) => string.Join(' ', arguments.Select(Quote));

    // Windows has no single quotes, and its paths hold backslashes; elsewhere nothing has a meaning between single quotes.
    private static string Quote(string argument)
    {
        bool plain = argument.Length > 0 && !argument.AsSpan().ContainsAnyExcept(Plain);
        return plain && (OperatingSystem.IsWindows() || !argument.Contains('\\')) ? argument
            : OperatingSystem.IsWindows() ? $"\"{argument}\""
            : $"'{argument.Replace("'", "'\\''", StringComparison.Ordinal)}'";
    }
}
