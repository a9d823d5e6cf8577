using System.Text.RegularExpressions;
using CMUNeXt.Files;
using CMUNeXt.Imaging;

namespace CMUNeXt.Training.Data;

/// <summary>
/// A text for each case, by which cases belong together: the patient that it shows, the device that it comes from. It is a part of the
/// case's name, or stands in a table.
/// </summary>
public sealed class CaseKey
{
    private readonly Func<IReadOnlyList<string>, IReadOnlyList<string>> read;

    // What messages name: the table, or the pattern.
    private readonly string source;

    private CaseKey(string name, Func<IReadOnlyList<string>, IReadOnlyList<string>> read, string source)
    {
        Name = name;
        this.read = read;
        this.source = source;
    }

    /// <summary>What it is called: the column, or the pattern.</summary>
    public string Name { get; }

    /// <summary>A part of the name.</summary>
    /// <param name="pattern">The text of its first bracket is taken, or of the whole match where it has none.</param>
    public static CaseKey ByName(Regex pattern)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        string source = $"the pattern {pattern}";
        return new CaseKey(pattern.ToString(), names => Match(names, pattern, source), source);
    }

    /// <summary>A column of a table (<see cref="CsvFile"/>); the column that holds the names of the cases is found by itself.</summary>
    /// <param name="path">The table; it is read at once.</param>
    /// <param name="column">The name of the column.</param>
    /// <exception cref="FileNotFoundException">There is no such table.</exception>
    /// <exception cref="BadFileException">The table cannot be read, or has no such column.</exception>
    public static CaseKey ByColumn(string path, string column)
    {
        CsvFile table = CsvFile.Read(path);
        int place = table.Find(column);
        return new CaseKey(column, names => LookUp(table, place, names), path);
    }

    /// <summary>What is known of each case already.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="texts">The text of each case that is asked for.</param>
    internal static CaseKey Known(string name, IReadOnlyDictionary<string, string> texts) =>
        new(name, names => [.. names.Select(one => texts[one])], name);

    /// <summary>The texts of cases, in their order.</summary>
    /// <param name="names">The cases' names.</param>
    /// <exception cref="BadFileException">A name does not match the pattern, or does not stand in the table.</exception>
    public IReadOnlyList<string> Of(IReadOnlyList<string> names) => read(names);

    /// <summary>
    /// The same where cases of one text are one unit, such as a patient: those without a text would be one patient, and are nobody's.
    /// </summary>
    /// <exception cref="BadFileException">As <see cref="Of"/> has it, or the text of a case is blank.</exception>
    internal IReadOnlyList<string> UnitsOf(IReadOnlyList<string> names)
    {
        IReadOnlyList<string> texts = read(names);
        string[] blank = [.. names.Zip(texts).Where(static pair => pair.Second.Length == 0).Select(static pair => pair.First)];
        return blank.Length == 0
            ? texts
            : throw new BadFileException(
                source,
                $"cases for which {Name} is empty, so that their group is unknown: {ShortList.Of(blank)}; "
                    + "give each a text, of its own where nobody knows whose it is");
    }

    private static string[] Match(IReadOnlyList<string> names, Regex pattern, string source)
    {
        string[] keys = new string[names.Count];
        List<string> others = [];
        for (int i = 0; i < keys.Length; i++)
        {
            Match match = Apply(pattern, names[i], source);
            keys[i] = match.Groups.Count > 1 ? match.Groups[1].Value : match.Value;
            others.AddRange(match.Success ? [] : [names[i]]);
        }

        return others.Count == 0
            ? keys
            : throw new BadFileException(
                source, $"names that it does not match, so that their group is unknown: {ShortList.Of(others)}; give one that matches all");
    }

    private static Match Apply(Regex pattern, string name, string source)
    {
        try
        {
            return pattern.Match(name);
        }
        catch (RegexMatchTimeoutException e)
        {
            throw new BadFileException(source,
                $"it takes too long with the name {name}; write it without repetitions within repetitions", e);
        }
    }

    private static string[] LookUp(CsvFile table, int value, IReadOnlyList<string> names)
    {
        HashSet<string> wanted = new(names, CanonicalText.Comparer);
        int key = Enumerable.Range(0, table.Columns.Count)
            .MaxBy(column => table.Rows.Select(row => CaseOf(row[column], wanted)).Where(wanted.Contains)
                .Distinct(CanonicalText.Comparer).Count());
        Dictionary<string, string> found = new(CanonicalText.Comparer);
        foreach (IReadOnlyList<string> row in table.Rows)
        {
            string name = CaseOf(row[key], wanted);
            string text = CanonicalText.Compose(CsvField.Read(row[value]))!;
            if (!found.TryAdd(name, text) && wanted.Contains(name) && found[name] != text)
            {
                throw new BadFileException(table.Path,
                    $"says both '{found[name]}' and '{text}' of the case {name} in the column {table.Columns[value]}");
            }
        }

        string[] missing = [.. names.Where(name => !found.ContainsKey(name))];
        if (missing.Length == 0)
        {
            return [.. names.Select(name => found[name])];
        }

        throw new BadFileException(table.Path, missing.Length == names.Count
            ? $"no column names a case; one has to, without folders, such as {missing[0]} or {missing[0]}.png"
            : $"no column names all cases; {table.Columns[key]} names the most, but not {missing.Length}: {ShortList.Of(missing)}");
    }

    // Tables of data sets name files as often as cases, and a table of this program has some names behind an apostrophe.
    private static string CaseOf(string value, HashSet<string> wanted) =>
        WithoutEnding(value) is var name && wanted.Contains(name) ? name : WithoutEnding(CsvField.Read(value));

    private static string WithoutEnding(string value) =>
        ImageFile.HasImageEnding(value) ? value[..^Path.GetExtension(value).Length] : value;
}
