namespace CMUNeXt.Cli.Backends;

/// <summary>A backend that does not come with the program: <c>cmunext backend add</c> adds it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Package">The package, project and assembly that it is in.</param>
/// <param name="Variants">The names of what a benchmark measures of it, known without loading it.</param>
/// <param name="Systems">The systems that there is a native library for, as NuGet names them.</param>
/// <param name="Purpose">What it is good for, as a phrase.</param>
internal sealed record OptionalBackend(
    string Name, string Package, IReadOnlyList<string> Variants, IReadOnlyList<string> Systems, string Purpose)
{
    /// <summary>What adds it, as a phrase.</summary>
    public string Remedy => $"run `cmunext backend add {Name}`";

    /// <summary>All of them, in the order in which they are preferred.</summary>
    public static IReadOnlyList<OptionalBackend> All { get; } = [.. ReadLines().Select(Parse)];

    private static OptionalBackend Parse(string line) =>
        line.Split(' ', 5, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            is [var name, var package, var variants, var systems, var purpose]
            ? new OptionalBackend(name, package, variants.Split(','), systems.Split(','), purpose)
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
