using CMUNeXt.Files;
using CMUNeXt.Tests;
using CMUNeXt.Training.Runs;
using CMUNeXt.Training.Studies;
using CMUNeXt.Training.Tests.Sessions;

namespace CMUNeXt.Training.Tests.Studies;

/// <summary>A run of a study that was killed as it began has files, and no settings to go on from.</summary>
public sealed class KilledRunTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Study study;
    private readonly RunFolder run;

    public KilledRunTests()
    {
        folder.WriteText("plan.json", $$"""
            { "data": "{{TinyTraining.Data.Replace("\\", "/", StringComparison.Ordinal)}}", "folds": 2,
              "arms": { "plain": {
                "recipe": "published", {{StudyTests.Tiny}}, "protocol": { "epochs": 1, "batch": 4, "width": 32, "height": 32 } } } }
            """);
        study = Study.Open(
            folder["plan.json"], folder["study"], new StudyComputing { Threads = 1 }, cancellation: TestContext.Current.CancellationToken);
        run = study.Runs[0].Folder;
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void It_begins_anew()
    {
        // Where the settings would lie until they are complete.
        string settings = Directory.CreateDirectory(Path.Combine(run.Path, "config.json.part")).FullName;
        Assert.Throws<IOException>(() => Complete());
        Assert.Equal((true, false), (File.Exists(Path.Combine(run.Path, "known-cases.json")), run.HasRun));

        Directory.Delete(settings);
        Complete();
        Assert.True(run.IsFinished());
    }

    [Fact]
    public void Files_of_others_in_its_folder_stay()
    {
        string mine = Path.Combine(Directory.CreateDirectory(run.Path).FullName, "known-cases.json");
        File.WriteAllText(mine, "mine");
        Assert.Contains(
            "is not a file that this program wrote here", Assert.Throws<BadFileException>(() => Complete()).Message,
            StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(mine));
    }

    private void Complete() => study.Complete(study.Runs[0], cancellation: TestContext.Current.CancellationToken);
}
