using CMUNeXt.Files;

namespace CMUNeXt.Training.Preparation;

/// <summary>What became of one image and its masks.</summary>
internal sealed class CaseOutcome
{
    /// <summary>Why the case was not written; empty where it was.</summary>
    public List<PreparationFinding> Problems { get; } = [];

    /// <summary>What is odd about it.</summary>
    public List<PreparationFinding> Remarks { get; } = [];

    /// <summary>Whether no mask has a pixel of any class, or one that is ignored.</summary>
    public bool IsEmpty => Remarks.Any(static remark => remark.Kind == FindingKind.EmptyMask);

    /// <summary>Whether each class has a pixel in the case; empty where it was not written.</summary>
    public IReadOnlyList<bool> Classes { get; set; } = [];

    /// <summary>The type of the image; null where it cannot be read.</summary>
    public string? ImageType { get; set; }

    /// <summary>The types of those masks that can be read.</summary>
    public List<string> MaskTypes { get; } = [];

    /// <summary>The SHA-256 of the image's file; null where it cannot be read.</summary>
    public string? FileHash { get; set; }

    /// <summary>The fingerprint of the image's pixels; null where it cannot be read.</summary>
    public string? Fingerprint { get; set; }

    /// <summary>Notes a problem of a file.</summary>
    public void AddProblem(FindingKind kind, SourceFile file, string text) =>
        Problems.Add(new PreparationFinding(kind, file.Display, text));

    /// <summary>Notes something odd about a file.</summary>
    public void AddRemark(FindingKind kind, SourceFile file, string text) =>
        Remarks.Add(new PreparationFinding(kind, file.Display, text));

    /// <summary>Notes that a file cannot be read; without the file name, which the finding has.</summary>
    public void AddUnreadable(SourceFile file, BadFileException failure) =>
        AddProblem(FindingKind.Unreadable, file, failure.Problem);
}
