namespace CMUNeXt.Cli;

/// <summary>A backend cannot be measured, or computes something else than the others; the message names it.</summary>
internal sealed class BenchmarkFailedException(string message) : Exception(message);
