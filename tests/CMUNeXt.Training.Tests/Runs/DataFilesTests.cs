using CMUNeXt.Files;
using CMUNeXt.Tests;
using CMUNeXt.Training.Data;
using CMUNeXt.Training.Protocol;
using CMUNeXt.Training.Runs;

namespace CMUNeXt.Training.Tests.Runs;

public sealed class DataFilesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    // What a study and a suite ask before they go on.
    [Fact]
    public void An_ignore_mask_that_was_taken_away_is_a_change()
    {
        const string Mask = "masks/ignore/a.png";
        folder.WriteCase("a", 1, 2, 3);
        folder.WriteCase("b", 4, 5, 6);
        folder.WriteGray(Mask, 0, 0, 255);
        RunFolder run = new(folder["run"]);
        run.Begin(
            SomeRun.Settings(new TrainingProtocol()) with
            {
                Data = folder.Path,
                Train = ["a"],
                Validation = ["b"],
            },
            files: DataFiles.Hash(folder.Path, DataSet.Open(folder.Path).Cases));
        DataFiles.Check(folder.Path, [run]);

        File.Delete(folder[Mask]);
        Assert.Contains(
            $"1 of its files have changed since run began: {Mask}; put them back",
            Assert.Throws<BadFileException>(() => DataFiles.Check(folder.Path, [run])).Message, StringComparison.Ordinal);
    }
}
