using CMUNeXt.Tests;
using CMUNeXt.Training.Protocol;
using CMUNeXt.Training.Sessions;

namespace CMUNeXt.Training.Tests.Sessions;

/// <summary>A training of a tiny network on a few phantoms.</summary>
internal static class TinyTraining
{
    /// <summary>The folder of the data set.</summary>
    public static string Data { get; } = Repository.Path("tests", "CMUNeXt.Training.Tests", "Sessions", "EarlierRun", "data");

    /// <summary>Two epochs of batches of two.</summary>
    /// <param name="folder">Where its lists are written: train.txt and val.txt.</param>
    /// <param name="train">The numbers of the phantoms that it learns from.</param>
    /// <param name="validation">The numbers of those that it is validated on.</param>
    public static TrainingOptions Options(TemporaryFolder folder, int[] train, int[] validation)
    {
        folder.WriteText("train.txt", List(train));
        folder.WriteText("val.txt", List(validation));
        return new TrainingOptions
        {
            Data = Data,
            Train = folder["train.txt"],
            Validation = folder["val.txt"],
            Network = TinyCMUNeXt.Describe(),
            Protocol = new TrainingProtocol { Epochs = 2, Batch = 2, Width = 32, Height = 32 },
            Threads = 1,
        };
    }

    private static string List(int[] phantoms) => string.Concat(phantoms.Select(static number => $"phantom_{number:0000}\n"));
}
