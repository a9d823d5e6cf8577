using CMUNeXt.Backends;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Masks;
using CMUNeXt.Networks;
using CMUNeXt.Tests;
using CMUNeXt.Training.Evaluation;
using CMUNeXt.Training.Sessions;
using CMUNeXt.Weights;

namespace CMUNeXt.Training.Tests.Sessions;

/// <summary>The cases of each fold are judged by weights of their own, and all of them are summarized together.</summary>
public sealed class FoldEvaluationTests : IDisposable
{
    private static readonly NetworkDescription Tiny = TinyCMUNeXt.Describe();

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Each_fold_is_judged_by_its_own_weights_and_threshold_of_presence()
    {
        // One network finds something everywhere, the other one is stopped by its threshold.
        using EvaluationSession session = EvaluationSession.OpenFolds(
            Options, "two folds", [(["phantom_0001", "phantom_0002", "phantom_0003"], Weights(null)), (["phantom_0004"], Weights(1000))]);
        EvaluationSummary summary = session.Run(folder["evaluation"], cancellation: TestContext.Current.CancellationToken).Summary;
        ClassSummary lesion = Assert.Single(summary.All.Metrics.Classes);
        Assert.Equal((4, "two folds", null), (summary.All.Cases, summary.Info.List, summary.Info.InputsSha256));
        Assert.Equal(3, lesion.BothPresent + lesion.FalsePositive);
        string[][] rows = [.. File.ReadLines(folder["evaluation/cases.csv"]).Select(static line => line.Split(','))];
        int area = Array.IndexOf(rows[0], "predicted_area");
        Assert.Equal(["phantom_0004"], rows.Skip(1).Where(row => row[area] == "0").Select(static row => row[0]));
        Assert.Contains("(none, 1000.00)", File.ReadAllText(folder["evaluation/report.html"]), StringComparison.Ordinal);
    }

    [Fact]
    public void The_report_says_whether_thresholds_of_presence_were_applied()
    {
        (EvaluationInfo differing, string said) = Judge(Options, -0.1, 0.3);
        Assert.Null(differing.PresenceThreshold);
        Assert.Equal([-0.1, 0.3], differing.PresenceThresholds!);
        Assert.Contains("at or below the threshold of the fold's own weights (-0.10, 0.30).", said, StringComparison.Ordinal);
        Assert.DoesNotContain("No presence threshold", said, StringComparison.Ordinal);
        Assert.Equal([-0.1, 0.3], EvaluationReport.Read(folder["evaluation"])!.Info.PresenceThresholds!);

        (EvaluationInfo equal, said) = Judge(Options, 0.3, 0.3);
        Assert.Equal((0.3, null), (equal.PresenceThreshold, equal.PresenceThresholds));
        Assert.Contains("at or below 0.30.", said, StringComparison.Ordinal);

        (EvaluationInfo all, said) = Judge(Options with { All = true }, -0.1, 0.3);
        Assert.Equal((null, null), (all.PresenceThreshold, all.PresenceThresholds));
        Assert.Contains("No presence threshold is applied", said, StringComparison.Ordinal);
    }

    [Fact]
    public void A_case_of_two_folds_is_refused()
    {
        BadFileException e = Assert.Throws<BadFileException>(() => EvaluationSession.OpenFolds(
            Options, "two folds", [(["phantom_0001"], Weights(null)), (["phantom_0002", "phantom_0001"], Weights(null))]));
        Assert.Contains("two folds: the case phantom_0001 stands twice", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_folds_and_flips_of_some_alone_are_refused()
    {
        Assert.Throws<ArgumentException>(() => EvaluationSession.OpenFolds(Options, "no folds", []));
        Ensemble flipped = new(Weights(null).Members, flips: true);
        Assert.Throws<ArgumentException>(() => EvaluationSession.OpenFolds(
            Options, "two folds", [(["phantom_0001"], Weights(null)), (["phantom_0002"], flipped)]));
        using EvaluationSession session = EvaluationSession.OpenFolds(Options, "one fold", [(["phantom_0002"], flipped)]);
        Assert.True(session.Run(folder["flipped"], cancellation: TestContext.Current.CancellationToken).Summary.Info.Flips);
    }

    private static EvaluationOptions Options => new() { Data = TinyTraining.Data, List = "", Threads = 1 };

    private static Ensemble Weights(double? presence) => new(
    [
        new LoadedWeights("w.safetensors", Tiny.Configuration!.StartingWeights(1, 1, 1), new WeightsMetadata
        {
            Network = Tiny,
            Preprocessing = Preprocessing.For(1) with { Width = 32, Height = 32 },
            Threshold = 1e-6,
            Presence = presence is { } score ? new PresenceThreshold { Score = score, Specificity = 0.95, HealthyImages = 20 } : null,
        }, default),
    ]);

    private (EvaluationInfo Info, string Report) Judge(EvaluationOptions options, double one, double other)
    {
        using EvaluationSession session = EvaluationSession.OpenFolds(
            options, "two folds", [(["phantom_0001"], Weights(one)), (["phantom_0002"], Weights(other))]);
        EvaluationSummary summary = session.Run(folder["evaluation"], cancellation: TestContext.Current.CancellationToken).Summary;
        return (summary.Info, File.ReadAllText(folder["evaluation/report.html"]));
    }
}
