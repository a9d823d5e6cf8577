using CMUNeXt.Files;

namespace CMUNeXt.Training.Data;

/// <summary>What two lists share although they should share nothing, so that validation tells too much.</summary>
/// <param name="Names">The cases that stand in both lists, in the order of the validation list.</param>
/// <param name="IdenticalImages">
/// Other cases of the two lists whose images are the same, pixel by pixel, in the order of the validation list.
/// </param>
/// <param name="NearCopies">
/// The other validation cases that show what a case to train on shows (<see cref="Data.NearCopies"/>), in the order of the list; null where
/// the lists are too long to be compared at once.
/// </param>
public sealed record ListOverlap(IReadOnlyList<string> Names, IReadOnlyList<IdenticalPair> IdenticalImages,
    IReadOnlyList<string>? NearCopies)
{
    // Comparing grows with the square, and takes 20 s for so many on two cores.
    private const int MostCompared = 2000;

    /// <summary>Whether the lists share nothing that was looked for.</summary>
    public bool IsEmpty => Names.Count == 0 && IdenticalImages.Count == 0 && NearCopies is null or { Count: 0 };

    /// <summary>Compares the cases of two lists by name and by image.</summary>
    /// <param name="train">The cases to train on; their images are read.</param>
    /// <param name="validation">The cases to validate on; their images are read.</param>
    /// <param name="progress">Told the number of images read so far, from several threads.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <exception cref="BadFileException">An image is missing or broken.</exception>
    public static ListOverlap Find(
        IReadOnlyList<Case> train,
        IReadOnlyList<Case> validation,
        IProgress<int>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(validation);
        return Find(train, validation, CaseFingerprints.Of([.. train, .. validation], progress, cancellation), cancellation);
    }

    /// <inheritdoc cref="Find(IReadOnlyList{Case}, IReadOnlyList{Case}, IProgress{int}?, CancellationToken)"/>
    internal static ListOverlap Find(IReadOnlyList<Case> train, IReadOnlyList<Case> validation, CaseFingerprints prints,
        CancellationToken cancellation)
    {
        HashSet<string> trained = train.Select(c => c.Name).ToHashSet(StringComparer.Ordinal);
        Case[] others = [.. validation.Where(c => !trained.Contains(c.Name))];
        ILookup<string, string> byImage = train.ToLookup(c => prints[c], c => c.Name);
        IdenticalPair[] identical = [.. others.SelectMany(c => byImage[prints[c]].Select(name => new IdenticalPair(name, c.Name)))];
        HashSet<string> known = [.. trained, .. identical.Select(pair => pair.Validation)];
        return new ListOverlap(
            [.. validation.Select(c => c.Name).Where(trained.Contains)],
            identical,
            train.Count + others.Length > MostCompared ? null
                : Copies([.. train, .. others], prints, trained, cancellation).Where(name => !known.Contains(name)).ToArray());
    }

    // The validation cases that share a group of copies, of copies too, with a case to train on.
    private static IEnumerable<string> Copies(Case[] all, CaseFingerprints prints, HashSet<string> trained, CancellationToken cancellation)
    {
        IReadOnlyList<NearCopy> pairs = Data.NearCopies.Find(all, cancellation: cancellation);
        HashSet<string> leaking = CaseGroups.With(
            trained, CaseGroups.Join([.. all.Select(one => one.Name)], [[.. all.Select(one => prints[one])]], pairs));
        return all.Select(one => one.Name).Where(name => leaking.Contains(name) && !trained.Contains(name));
    }

    /// <summary>One line that names the first shared cases and counts the others; empty where there is none.</summary>
    public override string ToString()
    {
        List<string> parts = [];
        if (Names.Count > 0)
        {
            parts.Add($"in both lists: {ShortList.Of(Names)}");
        }

        if (IdenticalImages.Count > 0)
        {
            parts.Add("identical images (training = validation): "
                + ShortList.Of([.. IdenticalImages.Select(p => $"{p.Train} = {p.Validation}")]));
        }

        if (NearCopies is { Count: > 0 } copies)
        {
            parts.Add($"{copies.Count} near copies of images that are trained on ({ShortList.Of(copies)}); "
                + "\"cmunext copies\" with --train and --val names all, and writes the list without them");
        }

        return string.Join("; ", parts);
    }
}

/// <summary>Two cases with the same image on the two sides of a split.</summary>
/// <param name="Train">The case that is trained on.</param>
/// <param name="Validation">The case that is validated on.</param>
public sealed record IdenticalPair(string Train, string Validation);
