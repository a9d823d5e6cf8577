using CMUNeXt.Training.Data;

namespace CMUNeXt.Training.Evaluation;

/// <summary>
/// What belongs together in an evaluation: the cases of one patient, which count as one unit, and the cases of each subgroup.
/// </summary>
/// <param name="UnitName">What the units are; null where they are the cases.</param>
/// <param name="Units">The unit of each case; null where they are the cases.</param>
/// <param name="Subgroups">The subgroups: a few for each key, with all cases in one of them.</param>
internal sealed record CaseGrouping(
    string? UnitName, IReadOnlyDictionary<string, string>? Units, IReadOnlyList<CaseSubgroup> Subgroups)
{
    /// <summary>Groups cases.</summary>
    /// <param name="names">The cases.</param>
    /// <param name="unit">What the units are; null takes the cases.</param>
    /// <param name="subgroups">What the subgroups go by.</param>
    /// <exception cref="Files.BadFileException">A key does not have all cases.</exception>
    public static CaseGrouping Of(IReadOnlyList<string> names, CaseKey? unit, IReadOnlyList<CaseKey> subgroups) => new(
        unit?.Name,
        unit is null ? null : names.Zip(unit.UnitsOf(names)).ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal),
        [
            .. subgroups.SelectMany(key => names.Zip(key.Of(names))
                .GroupBy(pair => pair.Second, pair => pair.First)
                .OrderBy(group => group.Key, StringComparer.Ordinal)
                .Select(group => new CaseSubgroup($"{key.Name} = {group.Key}", group.ToHashSet(StringComparer.Ordinal)))),
        ]);

    /// <summary>The units of cases, numbered from 0 in the order of their first cases.</summary>
    public int[] UnitsOf(IReadOnlyList<string> names)
    {
        Dictionary<string, int> numbers = new(StringComparer.Ordinal);
        return [.. names.Select(name =>
        {
            string unit = Units is null ? name : Units[name];
            numbers.TryAdd(unit, numbers.Count);
            return numbers[unit];
        })];
    }
}

/// <summary>Some of the cases.</summary>
/// <param name="Title">What they have in common.</param>
/// <param name="Cases">Their names.</param>
internal sealed record CaseSubgroup(string Title, HashSet<string> Cases);
