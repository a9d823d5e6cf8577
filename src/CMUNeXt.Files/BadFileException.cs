namespace CMUNeXt.Files;

/// <summary>
/// A file from outside is not what it should be. The message is one line that names the file, says what is wrong,
/// and, where there is something, what to do about it. A file that is missing is a <see cref="FileNotFoundException"/>: whoever catches
/// <see cref="IOException"/> has both.
/// </summary>
public sealed class BadFileException : IOException
{
    /// <summary>
    /// Builds the message "path: what is wrong"; what would break the line, or take a terminal over, is written as <c>\u001b</c>.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="problem">What is wrong with it, and what to do.</param>
    /// <param name="inner">The failure that showed it, if any.</param>
    public BadFileException(string path, string problem, Exception? inner = null)
        : base(PrintableText.Of($"{path}: {problem}"), inner)
    {
        Path = path;
        Problem = PrintableText.Of(problem);
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The message without the file.</summary>
    public string Problem { get; }
}
