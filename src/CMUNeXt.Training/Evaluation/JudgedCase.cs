using System.Text;
using CMUNeXt.Files;

namespace CMUNeXt.Training.Evaluation;

/// <summary>What became of one case of an evaluation.</summary>
/// <param name="Place">Its place among all cases, from 0.</param>
/// <param name="Result">What was measured; null where it could not be judged.</param>
/// <param name="Failure">Why it could not be judged, in one line; null where it was.</param>
/// <param name="WasSeen">Whether the weights were trained on its image, or chosen by it.</param>
internal sealed record JudgedCase(int Place, CaseResult? Result, string? Failure = null, bool WasSeen = false)
{
    /// <summary>The SHA-256 of the files that it was judged by; null where it was not taken.</summary>
    public string? Files { get; init; }

    /// <summary>Where these files stand; null where an earlier version did not say so.</summary>
    public IReadOnlyList<string>? Paths { get; init; }

    /// <summary>The folder of the data set; null where it is not known.</summary>
    internal string? DataFolder => Paths is [var image, ..] && image.LastIndexOf(ImagesFolder, StringComparison.Ordinal) is >= 0 and int end
        ? image[..end] : null;

    private static string ImagesFolder { get; } = $"{Path.DirectorySeparatorChar}images{Path.DirectorySeparatorChar}";

    /// <summary>The SHA-256 of files, those that are missing left out.</summary>
    public static string Hash(IEnumerable<string> paths) => Sha256.Of(Encoding.ASCII.GetBytes(
        string.Concat(paths.Select(static path => File.Exists(path) ? Sha256.Of(File.ReadAllBytes(path)) : "-"))));

    /// <summary>Whether what was drawn of it is there, or nothing was, as it could not be judged.</summary>
    /// <param name="folder">The folder of the evaluation.</param>
    /// <param name="job">The job that it is of.</param>
    public bool HasOverlay(string folder, EvaluationJob job) =>
        Result is null
        || (job.Cases.ElementAtOrDefault(Place) is { } name && File.Exists(Path.Combine(folder, EvaluationJob.OverlayName(name))));

    /// <summary>
    /// Whether its files are others now. Where none is there, they may lie where only the machines of the parts see them.
    /// </summary>
    public bool HasChanged() => Paths is { } paths && paths.Any(File.Exists) && Hash(paths) != Files;
}
