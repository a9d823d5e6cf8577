using System.CommandLine;
using CMUNeXt.Cli.Terminal;
using CMUNeXt.Files;
using CMUNeXt.Training.Data;

namespace CMUNeXt.Cli.Verbs;

/// <summary><c>copies</c>: the near copies in a data set, and those across two lists.</summary>
internal static class CopiesVerb
{
    public static Command Create()
    {
        Option<string> data = CommonOptions.Data();
        Option<string?> train = new("--train")
        {
            Description = "With --val: look only for copies between these two lists.",
            HelpName = "LIST",
        };
        Option<string?> validation = new("--val") { Description = "The list of the cases to validate on.", HelpName = "LIST" };
        Option<string?> output = new("--output")
        {
            Description = "Write the list of --val without the cases that have a copy in --train.",
            HelpName = "LIST",
        };
        Option<bool> overwrite = CommonOptions.Overwrite();
        Option<bool> json = CommonOptions.Json();
        Command command = new("copies", "Find near copies: images of the same view, such as one with and one without calipers.")
        {
            data, train, validation, output, overwrite, json,
        };
        command.SetAction((parsed, stop) =>
        {
            DataSet dataSet = DataSet.Open(parsed.GetValue(data)!);
            if (parsed.GetValue(train) is { } trainList && parsed.GetValue(validation) is { } validationList)
            {
                Lists lists = new(CaseList.Read(trainList, dataSet.Folder), CaseList.Read(validationList, dataSet.Folder));
                return Task.FromResult(
                    Across(dataSet, lists, parsed.GetValue(output), parsed.GetValue(overwrite), parsed.GetValue(json), stop));
            }

            string?[] needBoth = [parsed.GetValue(train), parsed.GetValue(validation), parsed.GetValue(output)];
            return needBoth.Any(option => option is not null)
                ? throw new UsageException("--train and --val belong together, and --output to both")
                : Task.FromResult(Within(dataSet, parsed.GetValue(json), stop));
        });
        return command;
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

        Console.WriteLine($"{report.Groups.Count} groups of copies hold {report.Groups.Sum(g => g.Count)} of {cases.Count} images.");
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
            : $"{leaking.Count} of {validated.Count} cases have a copy in "
                + $"{lists.Train.Path}{(leaking.Count > 0 ? ": " : "")}{string.Join(", ", leaking)}");
        return ExitStatus.Done;
    }

    private sealed record Lists(CaseList Train, CaseList Validation);
}
