using CMUNeXt.Files;
using CMUNeXt.Tests;
using CMUNeXt.Training.Studies;

namespace CMUNeXt.Training.Tests.Studies;

public sealed class StudyFoldsTests : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Folds_beyond_all_cases_are_refused_before_their_lists_are_named()
    {
        folder.WriteCase("a", 1);
        folder.WriteCase("b", 2);
        folder.WriteText("plan.json", """
            { "data": ".", "folds": 2147483647, "model": "cmunext-s",
              "arms": { "published": { "recipe": "published", "protocol": { "epochs": 1, "batch": 2, "width": 32, "height": 32 } } } }
            """);
        Task<Study> opening = Task.Run(
            () => Study.Open(folder["plan.json"], folder["study"], cancellation: TestContext.Current.CancellationToken),
            TestContext.Current.CancellationToken);
        BadFileException e = await Assert.ThrowsAsync<BadFileException>(
            () => opening.WaitAsync(Longest, TestContext.Current.CancellationToken));
        Assert.Contains("too few to divide into 2147483647 parts", e.Message, StringComparison.Ordinal);
    }
}
