using System.CommandLine;
using CMUNeXt.Cli.Options;
using CMUNeXt.Cli.Terminal;
using CMUNeXt.Training.Data;

namespace CMUNeXt.Cli.Verbs;

/// <summary><c>split</c>: seeded lists of the cases to train on and to validate on.</summary>
internal static class SplitVerb
{
    private static readonly Option<string> Data = CommonOptions.Data();
    private static readonly Option<double> Fraction = CommonOptions.Fraction(new Option<double>("--val-fraction")
    {
        Description = "The fraction of the cases to validate on, above 0 and below 1.",
        DefaultValueFactory = _ => 0.3,
        HelpName = "F",
    });

    private static readonly Option<int?> Folds = CommonOptions.AtLeast(
        2, new Option<int?>("--folds") { Description = "Write K pairs of lists for cross-validation instead of one.", HelpName = "K" });

    private static readonly Option<double> Test = new("--test-fraction")
    {
        Description = "The fraction of the cases to test on, in the list test.txt.",
        DefaultValueFactory = _ => 0,
        HelpName = "F",
    };

    private static readonly Option<string> Copies = CommonOptions.OneOf(
        new Option<string>("--copies")
        {
            Description = "Which images stay in one list: near copies, or identical images only (faster for tens of thousands).",
            DefaultValueFactory = _ => "near",
            HelpName = "near|identical",
        },
        "near",
        "identical");

    private static readonly Option<long> Seed =
        new("--seed") { Description = "The seed.", DefaultValueFactory = _ => 41, HelpName = "S" };
    private static readonly Option<bool> Overwrite = CommonOptions.Overwrite();
    private static readonly GroupOptions Groups = new(": cases of one stay in one list");

    public static Command Create() => Verb.Create(
        "split",
        "Split a data set into lists; copies of an image, and images of a patient, stay in one list.",
        [Data, Fraction, Folds, Test, Copies, Seed, Overwrite, .. Groups.Unit],
        Run);

    private static int Run(ParseResult parsed, CancellationToken stop)
    {
        double part = parsed.GetValue(Fraction);
        double tested = parsed.GetValue(Test);
        if (!(tested >= 0 && tested < 1))
        {
            throw new UsageException($"--test-fraction is from 0 to below 1, not {tested}");
        }

        if (parsed.GetValue(Folds) is null && !(tested + part < 1))
        {
            throw new UsageException($"--val-fraction and --test-fraction are together below 1, not {tested + part:0.###}");
        }

        if (parsed.GetValue(Folds) is not null && CommonOptions.IsGiven(parsed, Fraction))
        {
            throw new UsageException("--folds and --val-fraction exclude each other");
        }

        SplitOptions options = new()
        {
            ValidationFraction = part,
            Folds = parsed.GetValue(Folds),
            Seed = parsed.GetValue(Seed),
            TestFraction = tested,
            GroupBy = Groups.ReadUnit(parsed),
            NearCopies = parsed.GetValue(Copies) == "near",
            Overwrite = parsed.GetValue(Overwrite),
        };
        DataSet dataSet = DataSet.Open(parsed.GetValue(Data)!);
        string[] earlier = Directory.GetFiles(dataSet.Folder, "*.txt");
        IReadOnlyList<WrittenList> lists = WorkProgress.Run("comparing images", "images", work =>
            SplitLists.Write(dataSet, options, new Callback<int>(done => work.Report(done, dataSet.Cases.Count)), stop));
        foreach (WrittenList list in lists)
        {
            Console.WriteLine($"{list.Path}: {Quantity.Of(list.Names.Count, "case")}");
        }

        string[] removed =
            [.. earlier.Where(list => !File.Exists(list)).Select(list => Path.GetFileName(list)).Order(StringComparer.Ordinal)];
        if (removed.Length > 0)
        {
            Console.WriteLine($"removed: {string.Join(", ", removed)}");
        }

        RefusedWarning.Print(dataSet.Folder);
        return ExitStatus.Done;
    }
}
