using CMUNeXt.Backends;
using CMUNeXt.Images;
using CMUNeXt.Networks;
using CMUNeXt.Tests;
using CMUNeXt.Training.Calibration;
using CMUNeXt.Training.Data;
using CMUNeXt.Training.Evaluation;
using CMUNeXt.Training.Phantoms;
using CMUNeXt.Training.Protocol;
using CMUNeXt.Training.Runs;
using CMUNeXt.Training.Sessions;
using CMUNeXt.Training.Studies;
using CMUNeXt.Weights;

namespace CMUNeXt.Training.Tests.Sessions;

/// <summary>
/// The code on the pages <c>docs/how-to/train-in-a-program.md</c> and <c>studies.md</c> is the code below, line by line, and that of the
/// first runs.
/// </summary>
public sealed class LibraryPageTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_the_page_shows_trains_goes_on_fine_tunes_evaluates_and_calibrates()
    {
        PhantomDataSet.Write(Path.Combine(folder.Path, "data"), 30, 3, cancellationToken: TestContext.Current.CancellationToken);
        CancellationToken stop = TestContext.Current.CancellationToken;
        string data = Path.Combine(folder.Path, "data");
        string runs = folder.Path;

        // begin
        TrainingOptions options = new()
        {
            Data = data, Train = "train.txt", Validation = "val.txt",
            Network = NetworkCatalog.Describe("cmunext-s"),
            Protocol = new TrainingProtocol { Epochs = 2, Width = 64, Height = 64 },
        };
        using TrainingSession session = TrainingSession.Begin($"{runs}/first", options);
        RunProgress progress = session.Run(
            new Progress<TrainingIteration>(iteration => Console.WriteLine($"{iteration.Epoch + 1}: {iteration.Loss:0.000}")), stop);
        EpochRecord best = progress.Best!;
        // end

        // resume
        using TrainingSession resumed = TrainingSession.Resume($"{runs}/first");
        resumed.Run(cancellation: stop);
        // end

        // fine-tune
        LoadedWeights weights = WeightsFile.Load(session.Folder.BestPath);
        using TrainingSession tuned = TrainingSession.Begin($"{runs}/second", options with { Network = null, Weights = weights });
        tuned.Run(cancellation: stop);
        // end

        // recipe
        TrainingRecipe recipe = TrainingRecipe.Load("ultrasound");
        TrainingOptions asRecipe = options with
        {
            Protocol = recipe.ProtocolFor(NetworkCatalog.Describe("cmunext-s")),
            Preprocessing = recipe.Preprocessing,
        };
        // end

        // evaluate
        EvaluationOptions judged = new() { Data = data, List = "val.txt", Weights = [WeightsFile.Load(tuned.Folder.BestPath)] };
        using EvaluationSession evaluation = EvaluationSession.Open(judged);
        EvaluationSummary summary = evaluation.Run($"{runs}/evaluation", cancellation: stop).Summary;
        double? iou = summary.All.Metrics.MeanWherePresent("iou");
        // end

        Assert.InRange(best.Epoch, 0, 1);
        using TrainingSession third = TrainingSession.Begin($"{runs}/third", asRecipe);
        Assert.Equal(
            (OptimizerKind.AdamW, ChannelOrder.Mean), (third.Settings.Protocol.Optimizer, third.Settings.Preprocessing.Order));
        Assert.Equal(9, summary.All.Cases);
        Assert.NotNull(iou);
        Assert.True(File.Exists(Path.Combine(runs, "evaluation", EvaluationReport.ReportFile)));
    }

    [Theory]
    [InlineData("train-in-a-program.md", "begin", "resume", "fine-tune", "recipe", "evaluate", "folds", "calibrate")]
    [InlineData("studies.md", "study")]
    public void The_page_shows_this_code(string name, params string[] parts)
    {
        string code = Read("tests", "CMUNeXt.Training.Tests", "Sessions", "LibraryPageTests.cs");
        string page = Read("docs", "how-to", name);
        Assert.All(parts, part =>
        {
            string from = code[(code.IndexOf($"// {part}\n", StringComparison.Ordinal) + part.Length + 4)..];
            string[] lines = [.. from[..from.IndexOf("// end", StringComparison.Ordinal)].TrimEnd().Split('\n')
                .Select(line => line.Length > 8 ? line[8..] : line)];
            Assert.Contains($"```csharp\n{string.Join('\n', lines)}\n```", page, StringComparison.Ordinal);
        });

        static string Read(params string[] parts) => File.ReadAllText(Repository.Path(parts)).ReplaceLineEndings("\n");
    }

    // Not run here: the tests of studies do it.
    internal static void CompleteStudy()
    {
        // study
        Study study = Study.Open("ddti.json", "study");
        foreach (StudyRun run in study.Runs.Where(run => !run.Folder.IsFinished()))
        {
            study.Complete(run);
        }

        List<(StudyEvaluation, EvaluationSummary)> found = [];
        foreach (StudyEvaluation evaluation in study.Evaluations)
        {
            found.Add((evaluation, study.Complete(evaluation)));
        }

        StudyReport.Write(study.Folder, found);
        // end
    }

    // Not run here: the tests of evaluations by folds do it.
    internal static void JudgeFolds(EvaluationOptions judged, string data, string runs, CancellationToken stop)
    {
        // folds
        using EvaluationSession folds = EvaluationSession.OpenFolds(
            judged, "five folds",
            [
                .. from fold in Enumerable.Range(1, 5)
                   let cases = CaseList.Read($"fold{fold}_val.txt", data).Names
                   select (cases, new Ensemble([WeightsFile.Load($"{runs}/fold{fold}/best.safetensors")])),
            ]);
        EvaluationSummary pooled = folds.Run($"{runs}/pooled", cancellation: stop).Summary;
        // end
        Console.WriteLine(pooled.All.Cases);
    }

    // Not run here: it takes a network that finds lesions. The tests of calibrations do it.
    internal static void Calibrate(string data, string runs, LoadedWeights weights, CancellationToken stop)
    {
        // calibrate
        EvaluationOptions held = new() { Data = data, List = "calibration.txt", Weights = [weights] };
        using CalibrationSession calibration = CalibrationSession.Open(held);
        CalibrationReport report = calibration.Run($"{runs}/calibration", seed: 41, cancellation: stop);
        double error = report.Halvings.MeanError;
        // end
        Console.WriteLine(error);
    }
}
