using System.CommandLine;
using CMUNeXt.Cli.Options;
using CMUNeXt.Cli.Terminal;
using CMUNeXt.Files;
using CMUNeXt.Training.Data;

namespace CMUNeXt.Cli.Verbs;

/// <summary><c>copies</c>: the near copies in a data set, and those across two lists.</summary>
internal static class CopiesVerb
{
    private static readonly Option<string> Data = CommonOptions.Data();
    private static readonly Option<string?> Train = new("--train")
    {
        Description = "With --val: look only for copies between these two lists.",
        HelpName = "LIST",
    };

    private static readonly Option<string?> Validation = new("--val")
    {
        Description = "The list of the cases to validate on.",
        HelpName = "LIST",
    };

    private static readonly Option<string?> Output = new("--output")
    {
        Description = "Write the list of --val without the cases that have a copy in --train.",
        HelpName = "LIST",
    };

    private static readonly Option<bool> Overwrite = CommonOptions.Overwrite();
    private static readonly Option<bool> Json = CommonOptions.Json();

    public static Command Create() => Verb.Create(
        "copies",
        "Find near copies: images of the same view, such as one with and one without calipers.",
        [Data, Train, Validation, Output, Overwrite, Json],
        Run);

    private static int Run(ParseResult parsed, CancellationToken stop)
    {
        DataSet data = DataSet.Open(parsed.GetValue(Data)!);
        if (parsed.GetValue(Train) is { } train && parsed.GetValue(Validation) is { } validation)
        {
            Lists lists = new(CaseList.Read(train, data.Folder), CaseList.Read(validation, data.Folder));
            return Across(data, lists, parsed.GetValue(Output), parsed.GetValue(Overwrite), parsed.GetValue(Json), stop);
        }

        string?[] needBoth = [parsed.GetValue(Train), parsed.GetValue(Validation), parsed.GetValue(Output)];
        return needBoth.Any(option => option is not null)
            ? throw new UsageException("--train and --val belong together, and --output to both")
            : Within(data, parsed.GetValue(Json), stop);
    }

    private static int Within(DataSet data, bool json, CancellationToken stop)
    {
        IReadOnlyList<Case> cases = data.Resolve(data.Cases.Select(c => c.Name), data.Folder);
        CopiesReport report = WorkProgress.Run("comparing images", "images", work =>
            CopiesReport.Of(cases, new Callback<int>(done => work.Report(done, cases.Count)), stop));
        if (json)
        {
            Console.WriteLine(ResultJson.ToDocument(report));
            return ExitStatus.Done;
        }

        foreach (IReadOnlyList<string> group in report.Groups)
        {
            Console.WriteLine(string.Join(", ", group));
        }

        Console.WriteLine($"{Quantity.Of(report.Groups.Count, "group")} of copies with "
            + $"{report.Groups.Sum(g => g.Count)} of {Quantity.Of(cases.Count, "image")}.");
        return ExitStatus.Done;
    }

    private static int Across(DataSet data, Lists lists, string? output, bool overwrite, bool json, CancellationToken stop)
    {
        if (output is not null)
        {
            OutputFolder.CheckFile(output, overwrite, lists.Train.Path);
        }

        IReadOnlyList<Case> trained = data.Resolve(lists.Train);
        IReadOnlyList<Case> validated = data.Resolve(lists.Validation);
        IReadOnlyList<string> leaking = WorkProgress.Run("comparing images", "images", work =>
            LeakingCases.Find(trained, validated, new Callback<int>(done => work.Report(done, trained.Count + validated.Count)), stop));
        string[] kept = [.. lists.Validation.Names.Except(leaking, CanonicalText.Comparer)];
        if (output is not null)
        {
            if (kept.Length == 0)
            {
                throw new BadFileException(
                    lists.Validation.Path, $"every case has a copy in {lists.Train.Path}; nothing is left to validate on");
            }

            CaseList.Write(output, kept);
        }

        Console.WriteLine(json
            ? ResultJson.ToDocument(new { leaking, kept })
            : $"{leaking.Count} of {Quantity.Of(validated.Count, "case")} with a copy in "
                + $"{lists.Train.Path}{(leaking.Count > 0 ? ": " : "")}{string.Join(", ", leaking)}");
        if (output is not null && !json)
        {
            Console.WriteLine($"{output}: {Quantity.Of(kept.Length, "case")}");
        }

        return ExitStatus.Done;
    }

    private sealed record Lists(CaseList Train, CaseList Validation);
}
