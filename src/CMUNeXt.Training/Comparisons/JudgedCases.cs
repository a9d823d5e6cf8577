using CMUNeXt.Files;
using CMUNeXt.Training.Data;
using CMUNeXt.Training.Evaluation;
using CMUNeXt.Training.Json;

namespace CMUNeXt.Training.Comparisons;

/// <summary>What an evaluation found of each case: its <c>cases.csv</c>, read back.</summary>
internal sealed class JudgedCases
{
    private readonly CsvFile table;
    private readonly int nameColumn;
    private readonly Dictionary<(string Class, string Case), IReadOnlyList<string>> rows = [];
    private readonly HashSet<string> names;

    private JudgedCases(string folder, EvaluationInfo info, CsvFile table)
    {
        Folder = folder;
        Info = info;
        this.table = table;
        nameColumn = table.Find("case");
        int label = table.Find("class_name");
        foreach (IReadOnlyList<string> row in table.Rows)
        {
            rows[(KeyOf(CsvField.Read(row[label])), NameOf(row))] = row;
        }

        Cases = [.. table.Rows.Select(NameOf).Distinct(StringComparer.Ordinal)];
        names = Cases.ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>The evaluation's folder.</summary>
    public string Folder { get; }

    /// <summary>What was judged.</summary>
    public EvaluationInfo Info { get; }

    /// <summary>The names of the cases.</summary>
    public IReadOnlyList<string> Cases { get; }

    /// <summary>Whether a case was judged.</summary>
    public bool Has(string name) => names.Contains(name);

    /// <summary>Reads an evaluation.</summary>
    /// <exception cref="BadFileException">The folder holds none, or its files are damaged.</exception>
    public static JudgedCases Read(string folder)
    {
        EvaluationSummary summary = EvaluationReport.Read(folder)
            ?? throw new BadFileException(folder,
                $"holds no evaluation: there is no {EvaluationReport.SummaryFile}; give the --output of evaluate");
        return new JudgedCases(folder, summary.Info, CsvFile.Read(Path.Combine(folder, EvaluationReport.CasesFile)));
    }

    /// <summary>What its intervals take for one unit; null where that is the case.</summary>
    /// <exception cref="BadFileException">Its table does not name the units.</exception>
    public CaseKey? Unit
    {
        get
        {
            if (Info.Unit is null)
            {
                return null;
            }

            // Those of earlier versions do not.
            if (!table.Columns.Contains("unit"))
            {
                throw new BadFileException(table.Path,
                    "does not say whose the cases are; evaluate again, or give --group-by PATTERN or --groups CSV --by COLUMN");
            }

            int unit = table.Find("unit");
            return CaseKey.Known(
                Info.Unit, table.Rows.DistinctBy(NameOf).ToDictionary(NameOf, row => CsvField.Read(row[unit]), StringComparer.Ordinal));
        }
    }

    // The one class of a data set is its lesions, whatever weights call it.
    private string KeyOf(string label) => Info.Classes.Count == 1 ? "" : label;

    // A case's name is that of its file, which another machine may write otherwise.
    private string NameOf(IReadOnlyList<string> row) => CanonicalText.Compose(CsvField.Read(row[nameColumn]))!;

    /// <summary>The pixels of a class in a case's reference.</summary>
    /// <exception cref="BadFileException">The case has no row of the class, or one without a number.</exception>
    public double ReferenceArea(string label, string name) =>
        Value(label, name, table.Columns.Contains(EarlierNames.ReferenceArea) ? EarlierNames.ReferenceArea : "reference_area");

    /// <summary>Whether a case was judged against another reference than elsewhere.</summary>
    /// <exception cref="BadFileException">The case has no row of the class, or one without a number.</exception>
    public bool HasOtherReference(JudgedCases other, string label, string name) =>
        ReferenceArea(label, name) != other.ReferenceArea(label, name)
        || (ReferenceOf(label, name) is { Length: > 0 } mine && other.ReferenceOf(label, name) is { Length: > 0 } its && mine != its);

    /// <summary>Whether a case has no lesion, but pixels that nothing is known of. Earlier versions' tables do not say so.</summary>
    /// <exception cref="BadFileException">The case has no row of a class, or one without a number.</exception>
    public bool IsUncertain(string name) => table.Columns.Contains(CaseTable.IgnoredColumn)
        && Info.Classes.All(label => ReferenceArea(label, name) == 0 && Value(label, name, CaseTable.IgnoredColumn) > 0);

    /// <summary>Whether a class is found in a case.</summary>
    /// <exception cref="BadFileException">The case has no row of the class, or one without a number.</exception>
    public bool IsFound(string label, string name) => Value(label, name, "predicted_area") > 0;

    /// <summary>A metric of a class in a case; NaN where it is undefined.</summary>
    /// <exception cref="BadFileException">The case has no row of the class, or the column is no number.</exception>
    public double Value(string label, string name, string column)
    {
        string text = RowOf(label, name)[table.Find(column)];
        return text.Length == 0 ? double.NaN
            : Number.TryParse(text, out double value) ? value
            : throw new BadFileException(table.Path, $"'{text}' is no number ({column} of the case {name}); evaluate again");
    }

    // Earlier versions' tables have none.
    private string ReferenceOf(string label, string name) =>
        table.Columns.Contains(CaseTable.ReferenceColumn) ? RowOf(label, name)[table.Find(CaseTable.ReferenceColumn)] : "";

    private IReadOnlyList<string> RowOf(string label, string name)
    {
        if (!rows.TryGetValue((KeyOf(label), name), out IReadOnlyList<string>? row))
        {
            throw new BadFileException(table.Path, $"has no row of the class '{label}' for the case {name}; evaluate again");
        }

        return row;
    }
}
