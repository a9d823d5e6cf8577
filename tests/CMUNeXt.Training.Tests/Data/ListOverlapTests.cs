using CMUNeXt.Training.Data;

namespace CMUNeXt.Training.Tests.Data;

public sealed class ListOverlapTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void An_overlap_of_lists_names_the_cases()
    {
        folder.WriteCase("a", 1);
        folder.WriteCase("b", 2);
        folder.WriteCase("c", 3);
        folder.WriteCase("d", 1);
        folder.WriteCase("e", 4);

        ListOverlap overlap = Find(["a", "b", "c"], ["e", "d", "b"]);

        Assert.Equal(["b"], overlap.Names);
        Assert.Equal([new IdenticalPair("a", "d")], overlap.IdenticalImages);
        Assert.Equal("in both lists: b; identical images (training = validation): a = d", overlap.ToString());
        Assert.True(Find(["a", "b"], ["c", "e"]).IsEmpty);
    }

    private ListOverlap Find(string[] train, string[] validation)
    {
        DataSet data = DataSet.Open(folder.Path);
        return ListOverlap.Find(
            data.Resolve(train, "train"), data.Resolve(validation, "val"), cancellation: TestContext.Current.CancellationToken);
    }
}
