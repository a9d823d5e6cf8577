namespace CMUNeXt.Training.Runs;

/// <summary>A training cannot go on; the message is one sentence about why and what to do.</summary>
public sealed class TrainingFailedException(string message) : Exception(message);
