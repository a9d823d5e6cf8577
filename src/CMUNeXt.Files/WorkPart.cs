using System.Globalization;

namespace CMUNeXt.Files;

/// <summary>One of the parts that a job is divided into: the cases whose place, counted from 0, leaves the remainder Number - 1.</summary>
/// <param name="Number">From 1 to <paramref name="Count"/>.</param>
/// <param name="Count">The number of parts, at most <see cref="Most"/>.</param>
public sealed record WorkPart(int Number, int Count)
{
    /// <summary>The most parts.</summary>
    public const int Most = 100_000;

    /// <summary>As files are named: <c>2-of-4</c>.</summary>
    public string Name => string.Create(CultureInfo.InvariantCulture, $"{Number}-of-{Count}");

    /// <summary>Whether something is this part's.</summary>
    /// <param name="place">Its place among all, from 0.</param>
    public bool Has(int place) => place % Count == Number - 1;

    /// <summary>All parts of a job.</summary>
    /// <param name="count">Their number, at least 1.</param>
    public static IReadOnlyList<WorkPart> AllOf(int count) =>
        [.. Enumerable.Range(1, count).Select(number => new WorkPart(number, count))];

    /// <summary>Reads <c>k/n</c>; null where a text is something else.</summary>
    public static WorkPart? Read(string text) =>
        text.Split('/') is [var number, var count] && Files.Number.TryParse(number, out int k) && Files.Number.TryParse(count, out int n)
            && n is >= 1 and <= Most && k >= 1 && k <= n
            ? new WorkPart(k, n)
            : null;
}
