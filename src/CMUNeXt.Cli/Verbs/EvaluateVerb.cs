using System.CommandLine;
using CMUNeXt.Cli.Terminal;
using CMUNeXt.Files;
using CMUNeXt.Networks;
using CMUNeXt.Training.Data;
using CMUNeXt.Training.Evaluation;
using CMUNeXt.Weights;

namespace CMUNeXt.Cli.Verbs;

/// <summary><c>evaluate</c>: how good a network, or masks of any program, are on the cases of a list.</summary>
internal static class EvaluateVerb
{
    private static readonly Option<string> Data = CommonOptions.Data();
    private static readonly Option<string> List = new("--list") { Description = "The list of the cases, one name a line.", Required = true, HelpName = "LIST" };
    private static readonly Option<string?> Weights = CommonOptions.Weights();
    private static readonly Option<string?> Predictions = new("--predictions") { Description = "Judge the masks in a folder (NAME.png or NAME_mask.png) instead of a network.", HelpName = "DIR" };
    private static readonly Option<string?> Model = CommonOptions.Model();
    private static readonly Option<string> Output = CommonOptions.Output("The folder for summary.json, cases.csv, lesions.csv, report.html and overlays.");
    private static readonly Option<string?> Backend = CommonOptions.Backend();
    private static readonly Option<string> Device = CommonOptions.Device();
    private static readonly Option<int?> Threads = CommonOptions.Threads();
    private static readonly Option<bool> Overwrite = CommonOptions.Overwrite();
    private static readonly Option<bool> Json = CommonOptions.Json();

    public static Command Create()
    {
        Command command = new("evaluate", "Judge weights, or masks that any program made: honest metrics at the images' own size, and the original code's beside them.")
        {
            Data, List, Weights, Predictions, Model, Output, Backend, Device, Threads, Overwrite, Json,
        };
        command.SetAction((parsed, stop) => Task.FromResult(Run(parsed, stop)));
        return command;
    }

    private static int Run(ParseResult parsed, CancellationToken stop)
    {
        string? weightsPath = parsed.GetValue(Weights);
        string? predictions = parsed.GetValue(Predictions);
        if (weightsPath is not null && predictions is not null)
        {
            throw new UsageException("--weights and --predictions exclude each other");
        }

        if (predictions is not null && ((Option[])[Model, Backend, Device, Threads]).FirstOrDefault(option => CommonOptions.IsGiven(parsed, option)) is { } other)
        {
            throw new UsageException($"{other.Name} is for a network; leave it out with --predictions");
        }

        DataSet data = DataSet.Open(parsed.GetValue(Data)!);
        CaseList list = CaseList.Read(parsed.GetValue(List)!, data.Folder);
        IReadOnlyList<Case> cases = data.Resolve(list);
        EvaluationInfo info = new()
        {
            Data = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(data.Folder))),
            List = Path.GetFileName(list.Path),
            Classes = [.. Enumerable.Range(0, data.Classes).Select(index => data.Classes == 1 ? "lesion" : $"class {index + 1}")],
            Date = DateTimeOffset.Now,
            Predictions = predictions,
            OverlayLegend = data.Classes == 1
                ? "Truth: solid green. Prediction: dashed orange."
                : "Truth: solid. Prediction: dashed. One colour a class.",
        };
        string output = parsed.GetValue(Output)!;
        if (predictions is not null)
        {
            if (!Directory.Exists(predictions))
            {
                throw new BadFileException(predictions, "there is no such folder");
            }

            OutputFolder.Open(output, parsed.GetValue(Overwrite));
            return Evaluate(parsed, info, cases, Evaluator.OfPredictions(predictions, data.Classes), output, stop);
        }

        (Network opened, WeightsMetadata metadata, string weightsName, string sha256) = NetworkWeights.GiveBackAfter(() => Open(parsed, weightsPath, data));
        using Network network = opened;
        info = info with
        {
            Weights = weightsName,
            WeightsSha256 = sha256,
            Model = metadata.Network.Name,
            Backend = network.Backend,
            Classes = metadata.Classes.Count == data.Classes ? metadata.Classes : info.Classes,
        };
        return Evaluate(parsed, info, cases, Evaluator.OfNetwork(network, metadata), output, stop);
    }

    private static (Network Network, WeightsMetadata Metadata, string Name, string Sha256) Open(ParseResult parsed, string? path, DataSet data)
    {
        LoadedWeights weights = NetworkWeights.Load(path);
        NetworkDescription description = NetworkWeights.Describe(weights, parsed.GetValue(Model));
        NetworkWeights.CheckClasses(weights, description, data);
        WeightsMetadata metadata = weights.Describe();
        OutputFolder.Open(parsed.GetValue(Output)!, parsed.GetValue(Overwrite));
        Network network = NetworkWeights.OpenForImages(description, weights, parsed.GetValue(Backend), parsed.GetValue(Threads), parsed.GetValue(Device)!);
        return (network, metadata, Path.GetFileName(weights.Path), weights.Sha256);
    }

    private static int Evaluate(
        ParseResult parsed, EvaluationInfo info, IReadOnlyList<Case> cases, Evaluator evaluator, string output, CancellationToken stop)
    {
        string overlays = Path.Combine(output, "overlays");
        Directory.CreateDirectory(overlays);
        List<CaseResult> results = [];
        List<string> failures = [];
        WorkProgress.Run("evaluating", "cases", work =>
        {
            foreach (Case source in cases)
            {
                stop.ThrowIfCancellationRequested();
                try
                {
                    results.Add(evaluator.Evaluate(source, overlays));
                }
                catch (BadFileException e)
                {
                    failures.Add(e.Message);
                    work.WriteLine($"cmunext: {e.Message}");
                }

                work.Report(results.Count + failures.Count, cases.Count);
            }

            return true;
        });
        if (results.Count == 0)
        {
            Console.Error.WriteLine("cmunext: no case could be judged");
            return ExitStatus.Failed;
        }

        if (failures.Count > 0)
        {
            info = info with { Notes = [.. info.Notes, $"{failures.Count} of {cases.Count} cases could not be judged and are left out: {string.Join("; ", failures)}"] };
        }

        EvaluationSummary summary = EvaluationReport.Write(output, info, results, name => File.ReadAllBytes(Evaluator.OverlayPath(overlays, name)));
        if (parsed.GetValue(Json))
        {
            Console.WriteLine(summary.ToJson());
        }
        else
        {
            SummaryTable.Print(summary);
            Console.WriteLine($"The report is {Path.Combine(output, EvaluationReport.ReportFile)}.");
        }

        return failures.Count == 0 ? ExitStatus.Done : ExitStatus.Failed;
    }
}
