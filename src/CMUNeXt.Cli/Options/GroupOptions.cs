using System.CommandLine;
using System.Text.RegularExpressions;
using CMUNeXt.Training.Data;

namespace CMUNeXt.Cli.Options;

/// <summary>The options that say which cases belong together: those of one patient, and those of each subgroup.</summary>
/// <param name="role">What the verb does with the patient, in words that follow "the patient".</param>
internal sealed class GroupOptions(string role)
{
    private readonly Option<string?> table = CommonOptions.Text(
        "--groups", "A table (CSV) with a row for each case, in which one column names the cases.", "CSV");

    private readonly Option<string?> column =
        CommonOptions.Text("--by", $"The column of --groups that names the patient{role}.", "COLUMN");

    private readonly Option<string?> pattern = new("--group-by")
    {
        Description = "Instead of --groups and --by: a regular expression; cases in whose names it finds the same text are of one patient.",
        HelpName = "PATTERN",
    };

    private readonly Option<string[]> subgroups = CommonOptions.List<string>(
        "--subgroups", "Columns of --groups to summarize the cases by, such as device,class.", "COLUMN,...");

    /// <summary>The options that name the patient.</summary>
    public IReadOnlyList<Option> Unit => [table, column, pattern];

    /// <summary>All options, to be added to a command.</summary>
    public IReadOnlyList<Option> All => [.. Unit, subgroups];

    /// <summary>What names the patient; null where every case is one.</summary>
    /// <exception cref="UsageException">The options do not belong together, or the pattern is none.</exception>
    /// <exception cref="Files.BadFileException">The table cannot be read, or has no such column.</exception>
    public CaseKey? ReadUnit(ParseResult parsed) => (parsed.GetValue(table), parsed.GetValue(column), parsed.GetValue(pattern)) switch
    {
        (null, { }, _) => throw new UsageException("--by names a column of --groups CSV; give both"),
        ({ }, { }, { }) => throw new UsageException("--by and --group-by exclude each other"),
        ({ } csv, { } name, null) => CaseKey.ByColumn(csv, name),
        (_, null, { } text) => CaseKey.ByName(ParsePattern(text)),
        ({ }, null, null) when CommonOptions.Given(parsed, subgroups) is null =>
            throw new UsageException("--groups CSV needs --by COLUMN (or --subgroups, where the verb has it)"),
        _ => null,
    };

    /// <summary>What the subgroups go by.</summary>
    /// <exception cref="UsageException">The options do not belong together.</exception>
    /// <exception cref="Files.BadFileException">The table cannot be read, or has no such column.</exception>
    public IReadOnlyList<CaseKey> ReadSubgroups(ParseResult parsed) => CommonOptions.GivenOnce(parsed, subgroups) is not { } columns ? []
        : parsed.GetValue(table) is { } csv ? [.. columns.Select(name => CaseKey.ByColumn(csv, name))]
        : throw new UsageException("--subgroups names columns of --groups CSV; give both");

    private static Regex ParsePattern(string pattern)
    {
        try
        {
            return new Regex(pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
        }
        catch (ArgumentException e)
        {
            throw new UsageException($"--group-by is not a regular expression: {e.Message}");
        }
    }
}
