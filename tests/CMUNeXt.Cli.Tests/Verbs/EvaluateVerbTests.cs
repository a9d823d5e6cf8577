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

    private (int Status, string Output, string Error) Evaluate(string predictions) => CommandProcess.Run(
        "evaluate", "--data", In("data"), "--list", "all.txt", "--predictions", In(predictions), "--output", In("out"));

    private string In(string name) => folder.File(name);
}
