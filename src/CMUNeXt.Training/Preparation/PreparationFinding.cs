namespace CMUNeXt.Training.Preparation;

/// <summary>One odd thing.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="File">The file, below the source, with forward slashes.</param>
/// <param name="Text">One line that says it in words.</param>
public sealed record PreparationFinding(FindingKind Kind, string File, string Text);
