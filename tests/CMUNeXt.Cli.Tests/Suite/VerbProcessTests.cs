using CMUNeXt.Cli.Suite;

namespace CMUNeXt.Cli.Tests.Suite;

/// <summary>Verbs in processes of their own.</summary>
public sealed class VerbProcessTests
{
    [Fact]
    public void What_goes_wrong_is_given_back_in_one_line()
    {
        List<string> lines = [];
        string? failure = VerbProcess.Run(["info", "--weights", "missing.pth"], lines.Add, TestContext.Current.CancellationToken);
        Assert.Contains("missing.pth", failure, StringComparison.Ordinal);
        Assert.Equal($"cmunext: {failure}", Assert.Single(lines));
        Assert.Null(VerbProcess.Run(["info", "--model", "cmunext-s"], lines.Add, TestContext.Current.CancellationToken));
    }
}
