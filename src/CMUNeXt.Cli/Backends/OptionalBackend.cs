namespace CMUNeXt.Cli.Backends;

/// <summary>A backend that does not come with the program: <c>cmunext backend add</c> adds it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Package">The package, project and assembly that it is in.</param>
/// <param name="Purpose">What it is good for, as a phrase.</param>
internal sealed record OptionalBackend(string Name, string Package, string Purpose)
{
    /// <summary>All of them, in the order in which they are preferred.</summary>
    public static IReadOnlyList<OptionalBackend> All { get; } = [.. ReadLines().Select(Parse)];

    private static OptionalBackend Parse(string line) =>
        line.Split(' ', 3, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is [var name, var package, var purpose]
            ? new OptionalBackend(name, package, purpose)
            : throw new FormatException($"optional.txt: '{line}'");

    private static IEnumerable<string> ReadLines()
    {
        using StreamReader reader = new(typeof(OptionalBackend).Assembly.GetManifestResourceStream("optional.txt")!);
        while (reader.ReadLine() is { } line)
        {
            yield return line;
        }
    }
}
