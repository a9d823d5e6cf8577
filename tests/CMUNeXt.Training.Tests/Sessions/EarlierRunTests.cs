using System.Globalization;
using CMUNeXt.Tensors;
using CMUNeXt.Tests;
using CMUNeXt.Training.Runs;
using CMUNeXt.Training.Sessions;
using CMUNeXt.Weights;

namespace CMUNeXt.Training.Tests.Sessions;

/// <summary>
/// The run in <c>EarlierRun</c> was begun by version 0.1.0 before training could be called as a library, and stopped in its second epoch;
/// beside it stands what that version made of the same run where nothing stopped it. Small phantoms, a CMUNeXt of 5,857 parameters.
/// </summary>
public sealed class EarlierRunTests : IDisposable
{
    // Another instruction set sums in another order, and since then the sums of each image are kept apart.
    private const double Tolerance = 2e-5;

    private static readonly string Earlier = Repository.Path("tests", "CMUNeXt.Training.Tests", "Sessions", "EarlierRun");

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_run_that_an_earlier_version_began_is_resumed_to_what_that_version_would_have_made_of_it()
    {
        foreach (string file in Directory.EnumerateFiles(Path.Combine(Earlier, "run")))
        {
            File.Copy(file, folder[Path.GetFileName(file)]);
        }

        RunFolder run = new(folder.Path);
        Assert.Equal((1, 2), (run.ReadCheckpoint()!.Progress.Epochs.Count, run.ReadCheckpoint()!.Progress.Iteration));

        using TrainingSession session = TrainingSession.Resume(folder.Path, new ResumeOptions { Data = Path.Combine(Earlier, "data") });
        session.Run(cancellation: TestContext.Current.CancellationToken);

        ILookup<string, string> expected = ReadMetrics(Path.Combine(Earlier, "expected"));
        ILookup<string, string> resumed = ReadMetrics(folder.Path);
        Assert.Equal(2, resumed["val_iou"].Count());
        Assert.All(expected.Where(column => column.Key is not ("epoch" or "seconds")), column => Assert.All(
            column.Zip(resumed[column.Key == "rate" ? "learning_rate" : column.Key], (first, second) => (first, second)),
            value => Assert.Equal(Parse(value.first), Parse(value.second), Tolerance)));
        Assert.Equal(2, resumed["learning_rate"].Count());
        StateDict weights = WeightsFile.Load(Path.Combine(Earlier, "expected", "last.safetensors")).State;
        StateDict last = WeightsFile.Load(run.LastPath).State;
        Assert.Equal(weights.Select(tensor => tensor.Name), last.Select(tensor => tensor.Name));
        Assert.All(weights, tensor =>
        {
            Assert.Equal(
                (tensor.Type, string.Join('x', tensor.Shape)), (last[tensor.Name].Type, string.Join('x', last[tensor.Name].Shape)));
            Assert.All(
                tensor.ToSingles().Zip(last[tensor.Name].ToSingles()),
                value => Assert.Equal(value.First, value.Second, Tolerance * Math.Max(1, Math.Abs(value.First))));
        });
    }

    private static double Parse(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    // The values of each column, by its name.
    private static ILookup<string, string> ReadMetrics(string run)
    {
        string[][] lines = [.. File.ReadLines(Path.Combine(run, "metrics.csv")).Select(line => line.Split(','))];
        return lines.Skip(1).SelectMany(line => lines[0].Zip(line)).ToLookup(cell => cell.First, cell => cell.Second);
    }
}
