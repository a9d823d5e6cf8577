using System.CommandLine;
using CMUNeXt.Cli.Terminal;
using CMUNeXt.Training.Data;

namespace CMUNeXt.Cli.Verbs;

/// <summary><c>split</c>: seeded lists of the cases to train on and to validate on.</summary>
internal static class SplitVerb
{
    public static Command Create()
    {
        Option<string> data = CommonOptions.Data();
        Option<double> fraction = new("--val-fraction")
        {
            Description = "The fraction of the cases to validate on, above 0 and below 1.",
            DefaultValueFactory = _ => 0.3,
            HelpName = "F",
        };
        Option<int?> folds = CommonOptions.AtLeast(
            2, new Option<int?>("--folds") { Description = "Write K pairs of lists for cross-validation instead of one.", HelpName = "K" });
        Option<double> test = new("--test-fraction")
        {
            Description = "The fraction of the cases to test on, in the list test.txt.",
            DefaultValueFactory = _ => 0,
            HelpName = "F",
        };
        GroupOptions groups = new();
        Option<string> copies = CommonOptions.OneOf(
            new Option<string>("--copies")
            {
                Description = "Which images stay in one list: near copies, or identical images only (faster for tens of thousands).",
                DefaultValueFactory = _ => "near",
                HelpName = "near|identical",
            },
            "near",
            "identical");
        Option<long> seed = new("--seed") { Description = "The seed.", DefaultValueFactory = _ => 41, HelpName = "S" };
        Option<bool> overwrite = CommonOptions.Overwrite();
        Command command = new("split", "Split a data set into lists; copies of an image, and images of a patient, stay in one list.")
        {
            data, fraction, folds, test, copies, seed, overwrite,
        };
        foreach (Option option in groups.Unit)
        {
            command.Add(option);
        }

        command.SetAction((parsed, stop) =>
        {
            double part = parsed.GetValue(fraction);
            if (!(part > 0 && part < 1))
            {
                throw new UsageException($"--val-fraction is above 0 and below 1, not {part}");
            }

            double tested = parsed.GetValue(test);
            if (!(tested >= 0 && tested < 1) || (parsed.GetValue(folds) is null && !(tested + part < 1)))
            {
                throw new UsageException($"--test-fraction is from 0 to below 1, with --val-fraction together below 1, not {tested}");
            }

            if (parsed.GetValue(folds) is not null && CommonOptions.IsGiven(parsed, fraction))
            {
                throw new UsageException("--folds and --val-fraction exclude each other");
            }

            SplitOptions options = new()
            {
                ValidationFraction = part,
                Folds = parsed.GetValue(folds),
                Seed = parsed.GetValue(seed),
                TestFraction = tested,
                GroupBy = groups.ReadUnit(parsed),
                NearCopies = parsed.GetValue(copies) == "near",
                Overwrite = parsed.GetValue(overwrite),
            };
            DataSet dataSet = DataSet.Open(parsed.GetValue(data)!);
            IReadOnlyList<WrittenList> lists = WorkProgress.Run("comparing images", "images", work =>
                SplitLists.Write(dataSet, options, new Callback<int>(done => work.Report(done, dataSet.Cases.Count)), stop));
            foreach (WrittenList list in lists)
            {
                Console.WriteLine($"{list.Path}: {list.Names.Count} cases");
            }

            RefusedWarning.Print(dataSet.Folder);

            return Task.FromResult(ExitStatus.Done);
        });
        return command;
    }
}
