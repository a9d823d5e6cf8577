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
    /// <exception cref="BadFileException">A mask is missing or broken.</exception>
    public static IReadOnlyDictionary<string, string> Of(IReadOnlyList<Case> cases, CancellationToken cancellation)
    {
        string[] strata = new string[cases.Count];
        IOException?[] failures = new IOException?[cases.Count];
        ParallelOptions options = new() { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellation };
        Parallel.For(0, cases.Count, options, i =>
        {
            try
            {
                strata[i] = string.Concat(CaseContents.Read(cases[i]).Select(static holds => holds ? '1' : '0'));
            }
            catch (IOException e)
            {
                failures[i] = e;
            }
        });
        return failures.FirstOrDefault(f => f is not null) is { } failure
            ? throw failure
            : cases.Zip(strata).ToDictionary(c => c.First.Name, c => c.Second, StringComparer.Ordinal);
    }
}
