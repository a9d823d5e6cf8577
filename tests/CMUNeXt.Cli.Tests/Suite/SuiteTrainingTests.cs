using CMUNeXt.Cli.Suite;
using CMUNeXt.Files;
using CMUNeXt.Tests;
using CMUNeXt.Training.Phantoms;
using CMUNeXt.Training.Runs;

namespace CMUNeXt.Cli.Tests.Suite;

/// <summary>The trainings of a suite.</summary>
public sealed class SuiteTrainingTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_run_that_was_killed_as_it_began_begins_anew()
    {
        PhantomDataSet.Write(In("data"), 5, 1, cancellationToken: TestContext.Current.CancellationToken);
        RunFolder run = new(In("suite/cmunext-s-1"));

        // Where the settings would lie until they are complete.
        string settings = Directory.CreateDirectory(Path.Combine(run.Path, "config.json.part")).FullName;
        SuiteTraining training = Of(splits: 1, epochs: 1);
        Assert.NotNull(Complete());
        Assert.Equal((true, false), (File.Exists(Path.Combine(run.Path, "known-cases.json")), run.HasRun));

        Directory.Delete(settings);
        Assert.Null(Complete());
        Assert.True(run.IsFinished());

        string? Complete() => training.Complete("cmunext-s", 1, static _ => { }, TestContext.Current.CancellationToken);
    }

    /// <summary>What stands there comes into the mean, of whatever split.</summary>
    [Fact]
    public void A_run_of_other_settings_is_refused_beyond_the_splits_that_are_asked_for_too()
    {
        PhantomDataSet.Write(In("data"), 5, 1, cancellationToken: TestContext.Current.CancellationToken);
        foreach ((SuiteTraining training, int split) in new[] { (Of(splits: 1, epochs: 1), 1), (Of(splits: 2, epochs: 2), 2) })
        {
            Assert.Null(training.Complete("cmunext-s", split, static _ => { }, TestContext.Current.CancellationToken));
        }

        string refusal = Assert.Throws<BadFileException>(() => Of(splits: 1, epochs: 1).Check(["cmunext-s"])).Message;
        Assert.Contains("cmunext-s-2: holds a run that is not the suite's", refusal, StringComparison.Ordinal);
        Directory.Delete(In("suite/cmunext-s-2"), recursive: true);
        Of(splits: 1, epochs: 1).Check(["cmunext-s"]);
    }

    private SuiteTraining Of(int splits, int epochs) => new(
        In("suite"),
        In("data"),
        [.. Enumerable.Repeat(new ListPair("train.txt", "val.txt"), splits)],
        new SuiteProtocol(epochs, 2, "32", null),
        new SuiteComputing(1, null),
        static (arguments, _, _) => Run(arguments));

    private static string? Run(IReadOnlyList<string> arguments)
    {
        (int status, _, string error) = CommandProcess.Run([.. arguments]);
        return status == ExitStatus.Done ? null : error;
    }

    private string In(string name) => folder.File(name);
}
