using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Networks;
using CMUNeXt.Tests;
using CMUNeXt.Training.Sessions;
using CMUNeXt.Weights;

namespace CMUNeXt.Training.Tests.Sessions;

public sealed class EnsembleEvaluationTests : IDisposable
{
    private static readonly NetworkDescription Tiny = TinyCMUNeXt.Describe(outputs: 3);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Every_member_is_held_against_the_classes_of_the_data_set()
    {
        folder.WriteCase("a", 0, 255);
        folder.WriteGray("masks/1/a.png", 0, 0);
        folder.WriteText("list.txt", "a\n");
        folder.WriteText("prepare.json", """{ "class_names": ["malignant", "benign"] }""");
        EvaluationOptions options = new()
        {
            Data = folder.Path,
            List = folder["list.txt"],
            Weights = [Named("unnamed"), Named("named", "benign", "malignant")],
            Threads = 1,
        };
        BadFileException e = Assert.Throws<BadFileException>(() => EvaluationSession.Open(options));
        Assert.Equal("named", e.Path);
        Assert.Contains("has the classes benign, malignant, and the data set malignant, benign", e.Message, StringComparison.Ordinal);

        using EvaluationSession same =
            EvaluationSession.Open(options with { Weights = [Named("unnamed"), Named("named", "malignant", "benign")] });
        Assert.NotNull(same);
    }

    [Fact]
    public void Weights_of_another_number_of_classes_are_refused_with_what_to_do()
    {
        folder.WriteCase("a", 0, 255);
        folder.WriteText("list.txt", "a\n");
        BadFileException e = Assert.Throws<BadFileException>(() => EvaluationSession.Open(new EvaluationOptions
        {
            Data = folder.Path,
            List = folder["list.txt"],
            Weights = [Named("two")],
            Threads = 1,
        }));
        Assert.Contains("finds 2 classes, and the data set has 1: give weights of as many classes", e.Message, StringComparison.Ordinal);
    }

    private static LoadedWeights Named(string path, params string[] classes) => new(
        path,
        Tiny.Configuration!.StartingWeights(1, 3, 1),
        new WeightsMetadata
        {
            Network = Tiny,
            Preprocessing = Preprocessing.For(1) with { Width = 32, Height = 32 },
            Classes = classes,
        },
        default);
}
