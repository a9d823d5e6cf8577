using CMUNeXt.Files;

namespace CMUNeXt.Training.Data;

/// <summary>Finds the cases to validate on that a network has in fact seen: in training, or as a copy of what it was trained on.</summary>
public static class LeakingCases
{
    /// <summary>Compares two lists of one data set.</summary>
    /// <param name="train">The cases to train on; their images are read.</param>
    /// <param name="validation">The cases to validate on; their images are read.</param>
    /// <param name="progress">Told the number of images compared so far, from several threads.</param>
    /// <param name="cancellation">Stops the work.</param>
    /// <returns>
    /// The cases of <paramref name="validation"/>, in its order, that share a group of copies (of copies) with a case to train on.
    /// </returns>
    /// <exception cref="BadFileException">An image is missing or broken.</exception>
    public static IReadOnlyList<string> Find(
        IReadOnlyList<Case> train,
        IReadOnlyList<Case> validation,
        IProgress<int>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(validation);
        HashSet<string> trained = train.Select(c => c.Name).ToHashSet(StringComparer.Ordinal);
        Case[] all = [.. train, .. validation.Where(c => !trained.Contains(c.Name))];
        HashSet<string> leaking = CaseGroups.With(trained, CaseGroups.Find(all, progress: progress, cancellation: cancellation));
        return [.. validation.Select(c => c.Name).Where(leaking.Contains)];
    }
}
