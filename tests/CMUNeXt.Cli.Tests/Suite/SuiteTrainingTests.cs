using CMUNeXt.Cli.Suite;
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
        SuiteTraining training = new(
            In("suite"),
            In("data"),
            [new ListPair("train.txt", "val.txt")],
            new SuiteProtocol(1, 2, "32", null),
            new SuiteComputing(1, null),
            static (arguments, _, _) => Run(arguments));
        Assert.NotNull(Complete());
        Assert.Equal((true, false), (File.Exists(Path.Combine(run.Path, "known-cases.json")), run.HasRun));

        Directory.Delete(settings);
        Assert.Null(Complete());
        Assert.True(run.IsFinished());

        string? Complete() => training.Complete("cmunext-s", 1, static _ => { }, TestContext.Current.CancellationToken);
    }

    private static string? Run(IReadOnlyList<string> arguments)
    {
        (int status, _, string error) = CommandProcess.Run([.. arguments]);
        return status == ExitStatus.Done ? null : error;
    }

    private string In(string name) => folder.File(name);
}
