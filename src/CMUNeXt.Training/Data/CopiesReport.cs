using CMUNeXt.Files;

namespace CMUNeXt.Training.Data;

/// <summary>The copies in a data set.</summary>
/// <param name="Groups">The groups of two and more images of one view, each ordered by name; every image is in one group at most.</param>
/// <param name="Pairs">The pairs of near copies that the groups are made of, the most similar first.</param>
public sealed record CopiesReport(IReadOnlyList<IReadOnlyList<string>> Groups, IReadOnlyList<NearCopy> Pairs)
{
    /// <summary>Compares every image with every other one.</summary>
    /// <param name="cases">The cases; their images are read.</param>
    /// <param name="progress">Told the number of images compared so far, from several threads.</param>
    /// <param name="cancellation">Stops the work.</param>
    /// <exception cref="BadFileException">An image is missing or broken.</exception>
    public static CopiesReport Of(IReadOnlyList<Case> cases, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(cases);
        (string[] prints, IReadOnlyList<NearCopy> pairs) = NearCopies.FindWithPrints(cases, progress, cancellation);
        return new CopiesReport([.. CaseGroups.Join([.. cases.Select(c => c.Name)], [prints], pairs).Where(g => g.Count > 1)], pairs);
    }
}
