using System.CommandLine;
using CMUNeXt.Cli.Options;
using CMUNeXt.Cli.Terminal;
using CMUNeXt.Training.Comparisons;

namespace CMUNeXt.Cli.Verbs;

/// <summary><c>compare</c>: evaluations of the same cases, with intervals and tests.</summary>
internal static class CompareVerb
{
    private static readonly Argument<string[]> Folders = new("EVALUATION")
    {
        Description = "The folders of two or more evaluations of the same cases; the others are compared with the first.",
        Arity = new ArgumentArity(1, 100),
    };

    private static readonly Option<string> Output =
        CommonOptions.Output("The folder for comparison.json, comparison.md, comparison.csv and comparison.tex.", "comparison");
    private static readonly GroupOptions Groups = new(", the unit of intervals and p");
    private static readonly Option<ulong> Seed =
        new("--seed") { Description = "The seed of resamples and permutations.", DefaultValueFactory = _ => 0, HelpName = "S" };
    private static readonly Option<bool> Overwrite = CommonOptions.Overwrite();
    private static readonly Option<bool> Json = CommonOptions.Json();

    public static Command Create() => Verb.Create(
        "compare",
        "Compare evaluations of the same cases: paired differences, bootstrap intervals, a permutation test; by case or by patient.",
        [Folders, Output, .. Groups.All, Seed, Overwrite, Json],
        (parsed, _) => Run(parsed));

    private static int Run(ParseResult parsed)
    {
        string[] folders = parsed.GetValue(Folders)!;
        string output = parsed.GetValue(Output)!;
        if (folders.Any(string.IsNullOrWhiteSpace))
        {
            throw new UsageException("the name of an evaluation's folder is empty");
        }

        if (folders.Length < 2)
        {
            throw new UsageException("one evaluation is compared with nothing: name a second one of the same cases behind it");
        }

        if (folders.DistinctBy(static folder => Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))).Count() < folders.Length)
        {
            throw new UsageException("an evaluation is compared with others, and one of the folders is given twice");
        }

        Comparison comparison = Comparison.Of(new ComparisonOptions
        {
            Folders = folders,
            Unit = Groups.ReadUnit(parsed),
            Subgroups = Groups.ReadSubgroups(parsed),
            Seed = parsed.GetValue(Seed),
        });
        using OutputFolder taken = OutputFolder.Open(output, parsed.GetValue(Overwrite));
        taken.Claim(ComparisonReport.Files);
        ComparisonReport.Write(output, comparison);
        if (parsed.GetValue(Json))
        {
            Console.WriteLine(ComparisonReport.ToJson(comparison));
            return ExitStatus.Done;
        }

        Console.Write(ComparisonReport.ShortTable(comparison).ToMarkdown());
        Console.WriteLine(
            $"{Quantity.Of(comparison.Cases, "case")}, {Quantity.Of(comparison.Units, "unit")} ({comparison.Unit ?? "the cases"}); "
            + $"intervals of 95 % from {comparison.Resamples} resamples, p from {comparison.Permutations} "
            + "permutations, or all where at most 13 units differ.");
        foreach (ComparedEvaluation one in comparison.Evaluations)
        {
            foreach (string note in one.Info.Notes)
            {
                Console.Error.WriteLine($"note: {one.Name}: {note}");
            }
        }

        if (comparison.LeftOut > 0)
        {
            Console.Error.WriteLine($"note: {comparison.LeftOut} cases that not all evaluations have are left out");
        }

        int subgroups = comparison.Metrics.Select(metric => metric.Group).OfType<string>().Distinct().Count();
        Console.WriteLine(subgroups == 0 ? $"The tables are in {output}." : $"The tables, with {subgroups} subgroups, are in {output}.");
        return ExitStatus.Done;
    }
}
