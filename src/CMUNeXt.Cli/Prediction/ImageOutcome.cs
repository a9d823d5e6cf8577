using CMUNeXt.Files;

namespace CMUNeXt.Cli.Prediction;

/// <summary>What became of an image.</summary>
/// <param name="Report">What was found; null where it failed.</param>
/// <param name="Failure">Why it failed; null where it did not.</param>
/// <param name="Notes">Lines that are said of it, before anything else.</param>
internal sealed record ImageOutcome(SegmentationReport? Report, BadFileException? Failure, IReadOnlyList<string> Notes);
