using CMUNeXt.Files;

namespace CMUNeXt.Training.Data;

/// <summary>What two lists share although they should share nothing, so that validation tells too much.</summary>
/// <param name="Names">The cases that stand in both lists, in the order of the validation list.</param>
/// <param name="IdenticalImages">
/// Other cases of the two lists whose images are the same, pixel by pixel, in the order of the validation list.
/// </param>
public sealed record ListOverlap(IReadOnlyList<string> Names, IReadOnlyList<IdenticalPair> IdenticalImages)
{
    /// <summary>Whether the lists share nothing.</summary>
    public bool IsEmpty => Names.Count == 0 && IdenticalImages.Count == 0;

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
        HashSet<string> trained = train.Select(c => c.Name).ToHashSet(StringComparer.Ordinal);
        Case[] others = [.. validation.Where(c => !trained.Contains(c.Name))];
        string[] prints = ImageFingerprint.OfAll([.. train, .. others], progress, cancellation);
        ILookup<string, string> byImage = train.Select((c, i) => (c.Name, Print: prints[i])).ToLookup(c => c.Print, c => c.Name);
        return new ListOverlap(
            [.. validation.Select(c => c.Name).Where(trained.Contains)],
            [.. others.SelectMany((c, i) => byImage[prints[train.Count + i]].Select(name => new IdenticalPair(name, c.Name)))]);
    }

    /// <summary>One line that names every shared case; empty where there is none.</summary>
    public override string ToString()
    {
        List<string> parts = [];
        if (Names.Count > 0)
        {
            parts.Add($"in both lists: {string.Join(", ", Names)}");
        }

        if (IdenticalImages.Count > 0)
        {
            parts.Add("identical images (training = validation): "
                + string.Join(", ", IdenticalImages.Select(p => $"{p.Train} = {p.Validation}")));
        }

        return string.Join("; ", parts);
    }
}

/// <summary>Two cases with the same image on the two sides of a split.</summary>
/// <param name="Train">The case that is trained on.</param>
/// <param name="Validation">The case that is validated on.</param>
public sealed record IdenticalPair(string Train, string Validation);
