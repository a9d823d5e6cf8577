namespace CMUNeXt.Training.Sessions;

/// <summary>How many cases are done.</summary>
/// <param name="Done">The cases that are done, those that failed included.</param>
/// <param name="Total">All cases.</param>
/// <param name="Failure">Why the case that was done last is left out, in one line; null where it is not.</param>
public sealed record CaseProgress(int Done, int Total, string? Failure = null)
{
    /// <summary>Adds to each count of cases how many there are.</summary>
    internal static IProgress<int>? Counting(int total, IProgress<CaseProgress>? progress) =>
        progress is null ? null : new Counter(progress, total);

    private sealed class Counter(IProgress<CaseProgress> progress, int total) : IProgress<int>
    {
        public void Report(int value) => progress.Report(new CaseProgress(value, total));
    }
}
