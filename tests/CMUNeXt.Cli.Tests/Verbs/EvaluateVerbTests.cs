using CMUNeXt.Tests;
using CMUNeXt.Training.Phantoms;

namespace CMUNeXt.Cli.Tests.Verbs;

/// <summary><c>evaluate</c> of masks in a folder.</summary>
public sealed class EvaluateVerbTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_call_that_judged_nothing_is_not_in_the_way_of_the_next()
    {
        PhantomDataSet.Write(In("data"), 2, 5, cancellationToken: TestContext.Current.CancellationToken);
        Directory.CreateDirectory(In("empty"));
        (int status, _, string error) = Evaluate("empty");
        Assert.Equal(ExitStatus.Failed, status);
        Assert.Contains("none of its cases could be judged", error, StringComparison.Ordinal);
        (status, _, error) = Evaluate("data/masks/0");
        Assert.True(status == ExitStatus.Done, error);
        Assert.Equal(2, Directory.GetFiles(In("out/overlays")).Length);
    }

    [Fact]
    public void A_table_that_cannot_be_removed_is_named_and_no_case_is_blamed_for_it()
    {
        PhantomDataSet.Write(In("data"), 2, 5, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(ExitStatus.Done, Evaluate("data/masks/0").Status);
        File.Delete(In("out/report.html"));
        Directory.CreateDirectory(In("out/report.html"));
        (int status, _, string error) = Evaluate("data/masks/0", "--overwrite");
        Assert.Equal(ExitStatus.Failed, status);
        Assert.Contains(
            "cannot be removed",
            Assert.Single(error.Split('\n'), static line => line.Contains("report.html", StringComparison.Ordinal)),
            StringComparison.Ordinal);
        Assert.DoesNotContain("phantom_", error, StringComparison.Ordinal);
        Assert.DoesNotContain("could be judged", error, StringComparison.Ordinal);
    }

    private (int Status, string Output, string Error) Evaluate(string predictions, params string[] options) => CommandProcess.Run(
        ["evaluate", "--data", In("data"), "--list", "all.txt", "--predictions", In(predictions), "--output", In("out"), .. options]);

    private string In(string name) => folder.File(name);
}
