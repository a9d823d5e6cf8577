using System.CommandLine;
using CMUNeXt.Cli.Options;
using CMUNeXt.Cli.Parts;
using CMUNeXt.Cli.Terminal;
using CMUNeXt.Files;
using CMUNeXt.Training.Evaluation;
using CMUNeXt.Training.Sessions;
using CMUNeXt.Weights;

namespace CMUNeXt.Cli.Verbs;

/// <summary><c>evaluate</c>: how good a network, or masks of any program, are on the cases of a list.</summary>
internal static class EvaluateVerb
{
    private static readonly Option<string> Data = CommonOptions.Data();
    private static readonly Option<string> List = new("--list")
    {
        Description = "The list of the cases, one name a line.",
        Required = true,
        HelpName = "LIST",
    };
    private static readonly Option<string[]> Weights = CommonOptions.EnsembleWeights();
    private static readonly Option<bool> Flips = CommonOptions.Flips();
    private static readonly GroupOptions Groups = new(", the unit of intervals of means");
    private static readonly Option<string?> Predictions = new("--predictions")
    {
        Description = "Judge the masks in a folder (NAME.png or NAME_mask.png) instead of a network.",
        HelpName = "DIR",
    };
    private static readonly Option<string?> Model = CommonOptions.ModelOfWeights();
    private static readonly Option<string> Output = CommonOptions.Output(
        "The folder for summary.json, cases.csv, lesions.csv, report.html and overlays.");
    private static readonly ComputingOptions Computing = new();
    private static readonly Option<bool> All = new("--all")
    {
        Description = "Judge every lesion found, also in images whose presence is at or below the weights' threshold.",
    };
    private static readonly InputOptions Input = new();
    private static readonly Option<bool> Overwrite = CommonOptions.Overwrite();
    private static readonly Option<bool> Json = CommonOptions.Json();

    public static Command Create() => Verb.Create(
        "evaluate",
        "Judge weights, or masks that any program made, against reference masks: metrics at the images' own size, and as published.",
        [
            Data, List, Weights, Flips, Predictions, Model, Output, .. Computing.All, All, Overwrite, Json, .. Input.All, .. Groups.All,
            .. PartOptions.All,
        ],
        Run);

    private static int Run(ParseResult parsed, CancellationToken stop)
    {
        string[]? paths = CommonOptions.Given(parsed, Weights);
        string? predictions = parsed.GetValue(Predictions);
        if (paths is not null && predictions is not null)
        {
            throw new UsageException("--weights and --predictions exclude each other");
        }

        if (predictions is not null
            && ((Option[])[Model, .. Computing.All, All, Flips, .. Input.All])
                .FirstOrDefault(option => CommonOptions.IsGiven(parsed, option)) is { } other)
        {
            throw new UsageException($"{other.Name} is for a network; leave it out with --predictions");
        }

        PartOptions.CheckOverwrite(parsed, Overwrite);
        WorkPart? part = PartOptions.Read(parsed);
        using EvaluationSession session = NetworkWeights.GiveBackAfter(() => Open(parsed, paths, predictions));
        string output = parsed.GetValue(Output)!;
        using OutputFolder taken =
            part is null ? OutputFolder.Open(output, parsed.GetValue(Overwrite)) : OutputFolder.OpenPart(output, part.Name);

        // What parts found is replaced from now on; where this one is interrupted, it counts no more.
        EvaluationParts.In(output).Remove(part?.Count);
        if (part is null)
        {
            (EvaluationSummary summary, IReadOnlyList<string> failures) =
                WorkProgress.Run("evaluating", "cases", work => session.Run(output, new CaseReport(work), stop));
            EvaluationParts.In(output).Remove();
            Print(parsed, output, summary);
            return failures.Count == 0 ? ExitStatus.Done : ExitStatus.Failed;
        }

        (int cases, IReadOnlyList<string> notJudged) =
            WorkProgress.Run("evaluating", "cases", work => session.RunPart(output, part, new CaseReport(work), stop));
        Console.Error.WriteLine($"Part {part.Number} of {part.Count}: {cases - notJudged.Count} of {cases} cases are judged.");
        if (EvaluationParts.Merge(output, part, out IReadOnlyList<int> missing) is var (whole, _))
        {
            Print(parsed, output, whole);
        }
        else
        {
            MergeVerb.Advise(
                output, EvaluationParts.In(output).PathOf(part), Path.Combine(output, EvaluationReport.SummaryFile), missing);
        }

        return notJudged.Count == 0 ? ExitStatus.Done : PartOptions.StatusOfFailures(parsed);
    }

    private static void Print(ParseResult parsed, string output, EvaluationSummary summary)
    {
        if (parsed.GetValue(Json))
        {
            Console.WriteLine(summary.ToJson());
        }
        else
        {
            SummaryTable.PrintReport(summary, output);
        }
    }

    private static EvaluationSession Open(ParseResult parsed, string[]? paths, string? predictions)
    {
        // Where it cannot be opened, that is all that is said.
        List<string> told = [];
        LoadedWeights Apply(LoadedWeights weights) => Input.Apply(parsed, weights, told.Add);
        EvaluationSession session = EvaluationSession.Open(new EvaluationOptions
        {
            Data = parsed.GetValue(Data)!,
            List = parsed.GetValue(List)!,
            Weights = predictions is null ? NetworkWeights.LoadAll(paths, parsed.GetValue(Model), Apply) : [],
            Flips = parsed.GetValue(Flips),
            Unit = Groups.ReadUnit(parsed),
            Subgroups = Groups.ReadSubgroups(parsed),
            All = parsed.GetValue(All),
            Predictions = predictions,
            Backend = parsed.GetValue(Computing.Backend),
            Device = parsed.GetValue(Computing.Device)!,
            Threads = parsed.GetValue(Computing.Threads),
        });
        told.ForEach(Console.Error.WriteLine);
        return session;
    }
}
