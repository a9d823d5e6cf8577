using CMUNeXt.Files;
using CMUNeXt.Imaging;

namespace CMUNeXt.Training.Data;

/// <summary>Which classes the masks of a case hold.</summary>
internal static class CaseContents
{
    /// <summary>
    /// Says for each class whether the case holds it. All its masks are read, and checked as where the case is loaded; of the image the
    /// header alone is.
    /// </summary>
    /// <exception cref="BadFileException">A mask cannot be used, or is not of the image's size.</exception>
    public static IReadOnlyList<bool> Read(Case source)
    {
        ImageInfo image = ImageFile.Identify(source.ImagePath);
        IReadOnlyList<bool> holds = [.. source.MaskPaths.Select(Holds)];
        if (source.IgnorePath is { } ignored)
        {
            _ = Holds(ignored);
        }

        return holds;

        bool Holds(string path) => GrayMask.HasForeground(LoadedCase.LoadMask(path, image.Width, image.Height), path);
    }

    /// <summary>Reads cases, several at once.</summary>
    /// <param name="cases">The cases.</param>
    /// <param name="threads">The most that are read at once.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <exception cref="BadFileException">A case cannot be used (the first such, in the order of the cases).</exception>
    public static IReadOnlyList<bool>[] ReadAll(IReadOnlyList<Case> cases, int threads, CancellationToken cancellation = default)
    {
        IReadOnlyList<bool>[] contents = new IReadOnlyList<bool>[cases.Count];
        IOException?[] failures = new IOException?[cases.Count];
        ParallelOptions options = new() { MaxDegreeOfParallelism = threads, CancellationToken = cancellation };
        Parallel.For(0, cases.Count, options, i =>
        {
            try
            {
                contents[i] = Read(cases[i]);
            }
            catch (IOException e)
            {
                failures[i] = e;
            }
        });
        return failures.FirstOrDefault(f => f is not null) is { } failure ? throw failure : contents;
    }

    /// <summary>Finds what no case to train on shows: what never occurs cannot be learned.</summary>
    /// <param name="train">Of each case, which classes it holds.</param>
    /// <param name="list">The list of the cases, for messages.</param>
    /// <param name="needsHealthy">Whether a share of healthy images is asked for.</param>
    /// <returns>One sentence about the classes that are missing; null where each occurs.</returns>
    /// <exception cref="BadFileException">No class occurs, or no healthy image where a share of these is asked for.</exception>
    public static string? FindMissing(IReadOnlyList<bool>[] train, string list, bool needsHealthy)
    {
        if (needsHealthy && train.All(static one => one.Contains(true)))
        {
            throw new BadFileException(
                list,
                "has no healthy images, of which a share of each batch is asked for (--healthy-share); add some, with an "
                + "empty mask, or ask for none");
        }

        int[] missing = [.. Enumerable.Range(0, train[0].Count).Where(c => !train.Any(one => one[c]))];
        return missing.Length == 0 ? null
            : missing.Length == train[0].Count
                ? throw new BadFileException(
                    list, "none of the masks of its cases has a lesion, so there is nothing to learn; add cases with lesions")
                : $"no case of the training list has the class of {string.Join(" and ", missing.Select(c => $"masks/{c}"))}, "
                    + "so the network will never find it";
    }
}
