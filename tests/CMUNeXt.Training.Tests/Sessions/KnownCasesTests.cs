using CMUNeXt.Tests;
using CMUNeXt.Training.Evaluation;
using CMUNeXt.Training.Protocol;
using CMUNeXt.Training.Runs;
using CMUNeXt.Training.Sessions;
using CMUNeXt.Weights;

namespace CMUNeXt.Training.Tests.Sessions;

/// <summary>
/// What weights say of the cases that made them, what an evaluation says of it, and what a run's folder says of its machine.
/// </summary>
public sealed class KnownCasesTests : IDisposable
{
    private const string Known = "cases are known to these weights, from training or from the choice of their epoch: ";

    private readonly TemporaryFolder folder = new();
    private readonly TrainingOptions options;

    public KnownCasesTests()
    {
        folder.WriteText("all.txt", "phantom_0001\nphantom_0004\nphantom_0006\n");
        TrainingOptions usual = TinyTraining.Options(folder, train: [1, 2, 3], validation: [4, 5]);
        options = usual with { Protocol = usual.Protocol! with { Epochs = 1, Batch = 3 } };
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Weights_know_what_they_were_trained_on_and_the_best_ones_what_chose_them()
    {
        (LoadedWeights best, LoadedWeights last) = Train("run", options);
        Assert.Equal((3, 2), Counts(best));
        Assert.Equal((3, 0), Counts(last));
        Assert.Equal([$"2 of 3 {Known}phantom_0001, phantom_0004"], Judge(best));
        Assert.Equal([$"1 of 3 {Known}phantom_0001"],
            Judge(last));
    }

    [Fact]
    public void With_a_patience_the_last_weights_know_what_ends_the_training()
    {
        TrainingProtocol patient = options.Protocol! with { Patience = 1, AverageDecay = 0.9 };
        (_, LoadedWeights last) = Train("run", options with { Protocol = patient });
        Assert.Equal((3, 2), Counts(last));
        Assert.Equal((3, 2), Counts(WeightsFile.Load(new RunFolder(folder["run"]).AveragePath)));
        Assert.Equal([$"2 of 3 {Known}phantom_0001, phantom_0004"], Judge(last));
    }

    [Fact]
    public void Weights_that_start_from_others_know_their_cases_too()
    {
        (LoadedWeights best, _) = Train("first", options);
        folder.WriteText("other.txt", "phantom_0007\nphantom_0008\nphantom_0009\n");
        (_, LoadedWeights tuned) = Train("second", options with { Network = null, Weights = best, Train = folder["other.txt"] });
        Assert.Equal((3 + 2 + 3, 0), Counts(tuned));
    }

    [Fact]
    public void Nothing_in_a_runs_settings_says_whose_machine_it_was()
    {
        Train("run", options);
        string config = File.ReadAllText(Path.Combine(folder["run"], "config.json"));
        Assert.Contains("\"data\": \"data\"", config, StringComparison.Ordinal);
        Assert.DoesNotContain(Path.GetDirectoryName(TinyTraining.Data)!, config, StringComparison.Ordinal);
        Assert.DoesNotContain(folder.Path, config, StringComparison.Ordinal);

        // It is resumed where the places are known, and told what it needs where they are not.
        using (TrainingSession resumed = TrainingSession.Resume(folder["run"]))
        {
            Assert.Equal(TinyTraining.Data, resumed.Settings.Data);
        }

        File.Delete(Path.Combine(folder["run"], "places.json"));
        Assert.Contains(
            "give --data DIR", Assert.Throws<Files.BadFileException>(() => TrainingSession.Resume(folder["run"])).Message,
                StringComparison.Ordinal);
        using TrainingSession moved = TrainingSession.Resume(folder["run"], new ResumeOptions { Data = TinyTraining.Data });
        Assert.Single(moved.Run(cancellation: TestContext.Current.CancellationToken).Epochs);
    }

    private static (int Training, int Selection) Counts(LoadedWeights weights) =>
        (weights.Metadata!.TrainingCases!.Count, weights.Metadata.SelectionCases!.Count);

    private (LoadedWeights Best, LoadedWeights Last) Train(string name, TrainingOptions asked)
    {
        using TrainingSession session = TrainingSession.Begin(folder[name], asked);
        session.Run(cancellation: TestContext.Current.CancellationToken);
        return (WeightsFile.Load(session.Folder.BestPath), WeightsFile.Load(session.Folder.LastPath));
    }

    private IReadOnlyList<string> Judge(LoadedWeights weights)
    {
        using EvaluationSession session =
            EvaluationSession.Open(new EvaluationOptions { Data = TinyTraining.Data, List = folder["all.txt"], Weights = [weights] });
        EvaluationSummary summary = session.Run(folder["evaluation"], cancellation: TestContext.Current.CancellationToken).Summary;
        return summary.Info.Notes;
    }
}
