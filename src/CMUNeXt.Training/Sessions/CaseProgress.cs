namespace CMUNeXt.Training.Sessions;

/// <summary>How many cases are done.</summary>
/// <param name="Done">The cases that are done, those that failed included.</param>
/// <param name="Total">All cases.</param>
/// <param name="Failure">Why the case that was done last is left out, in one line; null where it is not.</param>
public sealed record CaseProgress(int Done, int Total, string? Failure = null);
