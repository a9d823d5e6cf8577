using CMUNeXt.Files;

namespace CMUNeXt.Training.Data;

/// <summary>
/// Tells cases apart by what they show, so that each part of a split gets its share: healthy images, and those of each class.
/// </summary>
internal static class Strata
{
    /// <summary>The stratum of every case: the classes that it shows, as one character each, 1 or 0.</summary>
    /// <param name="cases">The cases; their masks are read.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <exception cref="BadFileException">A mask cannot be used.</exception>
    public static IReadOnlyDictionary<string, string> Of(IReadOnlyList<Case> cases, CancellationToken cancellation) =>
        cases.Zip(CaseContents.ReadAll(cases, Environment.ProcessorCount, cancellation)).ToDictionary(
            static one => one.First.Name,
            static one => string.Concat(one.Second.Classes.Select(static holds => holds ? '1' : '0')),
            StringComparer.Ordinal);
}
