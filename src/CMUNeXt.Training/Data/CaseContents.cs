using CMUNeXt.Files;
using CMUNeXt.Imaging;

namespace CMUNeXt.Training.Data;

/// <summary>What the masks of a case hold.</summary>
/// <param name="Classes">For each class whether the case holds it.</param>
/// <param name="HasIgnored">Whether nothing is known of some of its pixels.</param>
internal sealed record CaseContents(IReadOnlyList<bool> Classes, bool HasIgnored)
{
    /// <summary>The labels of the classes that the case holds.</summary>
    public IReadOnlyList<byte> Labels => [.. Enumerable.Range(0, Classes.Count).Where(c => Classes[c]).Select(static c => (byte)(c + 1))];

    /// <summary>Whether the image shows a lesion.</summary>
    public bool HasLesion => Classes.Contains(true);

    /// <summary>Whether the image is healthy (<see cref="LesionLabels.IsHealthy"/>).</summary>
    public bool IsHealthy => !HasLesion && !HasIgnored;

    /// <summary>
    /// Reads what a case holds. All its masks are read, and checked as where the case is loaded; of the image the header alone is.
    /// </summary>
    /// <exception cref="BadFileException">A mask cannot be used, or is not of the image's size.</exception>
    public static CaseContents Read(Case source)
    {
        ImageInfo image = ImageFile.Identify(source.ImagePath);
        return new CaseContents([.. source.MaskPaths.Select(Holds)], source.IgnorePath is { } ignored && Holds(ignored));

        bool Holds(string path) => GrayMask.HasForeground(LoadedCase.LoadMask(path, image.Width, image.Height), path);
    }

    /// <summary>Reads cases, several at once.</summary>
    /// <param name="cases">The cases.</param>
    /// <param name="threads">The most that are read at once.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <exception cref="BadFileException">A case cannot be used (the first such, in the order of the cases).</exception>
    public static CaseContents[] ReadAll(IReadOnlyList<Case> cases, int threads, CancellationToken cancellation = default) =>
        CasesAtOnce.Read(cases, Read, threads, cancellation: cancellation);

    /// <summary>Finds what no case to train on shows: what never occurs cannot be learned.</summary>
    /// <param name="train">Of each case, what it holds.</param>
    /// <param name="list">The list of the cases, for messages.</param>
    /// <param name="needsHealthy">Whether a share of healthy images is asked for.</param>
    /// <returns>One sentence about the classes that are missing; null where each occurs.</returns>
    /// <exception cref="BadFileException">No class occurs, or no healthy image where a share of these is asked for.</exception>
    public static string? FindMissing(CaseContents[] train, string list, bool needsHealthy)
    {
        if (needsHealthy && !train.Any(static one => one.IsHealthy))
        {
            throw new BadFileException(
                list,
                "has no healthy images, of which a share of each batch is asked for (--healthy-share); add some, with an "
                + "empty mask, or ask for none");
        }

        int[] missing = [.. Enumerable.Range(0, train[0].Classes.Count).Where(c => !train.Any(one => one.Classes[c]))];
        return missing.Length == 0 ? null
            : missing.Length == train[0].Classes.Count
                ? throw new BadFileException(
                    list, "none of the masks of its cases has a lesion, so there is nothing to learn; add cases with lesions")
                : $"no case of the training list has the class of {string.Join(" and ", missing.Select(c => $"masks/{c}"))}, "
                    + "so the network will never find it";
    }
}
