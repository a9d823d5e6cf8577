using System.Runtime.ExceptionServices;

namespace CMUNeXt.Training.Data;

/// <summary>Reads many cases, several at once.</summary>
internal static class CasesAtOnce
{
    /// <summary>Reads all, also behind one that cannot be read, so that which one is told of does not depend on the threads.</summary>
    /// <param name="cases">The cases.</param>
    /// <param name="read">Reads one; called by several threads.</param>
    /// <param name="threads">The most that are read at once.</param>
    /// <param name="progress">Told the number of cases read so far, from several threads.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <returns>What was read, in the order of the cases.</returns>
    /// <exception cref="Files.BadFileException">A case cannot be read (the first such, in the order of the cases).</exception>
    public static T[] Read<T>(
        IReadOnlyList<Case> cases, Func<Case, T> read, int threads, IProgress<int>? progress = null,
        CancellationToken cancellation = default)
    {
        T[] all = new T[cases.Count];
        Exception?[] failures = new Exception?[cases.Count];
        int done = 0;
        ParallelOptions options = new() { MaxDegreeOfParallelism = threads, CancellationToken = cancellation };
        Parallel.For(0, cases.Count, options, i =>
        {
            try
            {
                all[i] = read(cases[i]);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or OutOfMemoryException)
            {
                failures[i] = e;
            }

            progress?.Report(Interlocked.Increment(ref done));
        });
        if (Array.Find(failures, static failure => failure is not null) is { } first)
        {
            ExceptionDispatchInfo.Throw(first);
        }

        return all;
    }
}
