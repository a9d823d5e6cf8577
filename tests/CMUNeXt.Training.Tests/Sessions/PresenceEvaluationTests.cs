using CMUNeXt.Images;
using CMUNeXt.Masks;
using CMUNeXt.Networks;
using CMUNeXt.Tests;
using CMUNeXt.Training.Evaluation;
using CMUNeXt.Training.Sessions;
using CMUNeXt.Weights;

namespace CMUNeXt.Training.Tests.Sessions;

/// <summary>Weights with a presence threshold are judged by what it leaves, unless all that is found is to count.</summary>
public sealed class PresenceEvaluationTests : IDisposable
{
    private static readonly NetworkDescription Tiny = TinyCMUNeXt.Describe();

    // So low that nearly every pixel is found.
    private static readonly WeightsMetadata Metadata = new()
    {
        Network = Tiny,
        Preprocessing = Preprocessing.For(1) with { Width = 32, Height = 32 },
        Threshold = 1e-6,
    };

    private static readonly PresenceThreshold Presence = new() { Score = 1000, Specificity = 0.95, HealthyImages = 20 };

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_is_at_or_below_the_threshold_is_not_found_unless_all_is_to_count()
    {
        EvaluationSummary plain = Judge(Metadata, all: false);
        Assert.Null(plain.Info.PresenceThreshold);
        Assert.NotEqual((0, 0), Found(plain));

        EvaluationSummary thresholded = Judge(Metadata with { Presence = Presence }, all: false);
        Assert.Equal(Presence.Score, thresholded.Info.PresenceThreshold);
        Assert.Equal((0, 0), Found(thresholded));

        EvaluationSummary all = Judge(Metadata with { Presence = Presence }, all: true);
        Assert.Null(all.Info.PresenceThreshold);
        Assert.Equal(Found(plain), Found(all));
    }

    private static (int InBoth, int InPrediction) Found(EvaluationSummary summary)
    {
        ClassSummary lesion = Assert.Single(summary.All.Metrics.Classes);
        return (lesion.BothPresent, lesion.FalsePositive);
    }

    private EvaluationSummary Judge(WeightsMetadata metadata, bool all)
    {
        folder.WriteText("list.txt", "phantom_0001\nphantom_0002\nphantom_0003\nphantom_0004\n");
        LoadedWeights weights = new("w.safetensors", Tiny.Configuration!.StartingWeights(1, 1, 1), metadata, default);
        using EvaluationSession session = EvaluationSession.Open(new EvaluationOptions
        {
            Data = TinyTraining.Data,
            List = folder["list.txt"],
            Weights = [weights],
            All = all,
            Threads = 1,
        });
        return session.Run(folder["evaluation"], cancellation: TestContext.Current.CancellationToken).Summary;
    }
}
