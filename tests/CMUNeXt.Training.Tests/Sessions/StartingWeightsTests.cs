using CMUNeXt.Tensors;
using CMUNeXt.Training.Sessions;

namespace CMUNeXt.Training.Tests.Sessions;

public sealed class StartingWeightsTests
{
    [Fact]
    public void Every_head_is_new_where_the_classes_differ_and_all_else_is_kept()
    {
        StateDict given = new([
            new("a", [2], [1f, 2f]), new("logit1.weight", [1, 2, 1, 1], [3f, 4f]), new("logit4.bias", [1], [5f]),
            new("logit2.bias", [2], [6f, 7f])]);
        StateDict initial = new([
            new("a", [2], [0f, 0f]), new("logit1.weight", [2, 2, 1, 1], [0f, 1f, 2f, 3f]), new("logit4.bias", [2], [8f, 9f]),
            new("logit2.bias", [2], [0f, 0f])]);
        StateDict start = StartingWeights.WithNewHead("unetpp", given, initial);
        Assert.Equal(["a", "logit1.weight", "logit4.bias", "logit2.bias"], start.Select(tensor => tensor.Name));
        Assert.Equal([1f, 2f], start["a"].ToSingles());
        Assert.Equal([0f, 1f, 2f, 3f], start["logit1.weight"].ToSingles());
        Assert.Equal([8f, 9f], start["logit4.bias"].ToSingles());
        Assert.Equal([6f, 7f], start["logit2.bias"].ToSingles());

        // As many, but others.
        StateDict others = StartingWeights.WithNewHead("unetpp", given, initial, hasOtherClasses: true);
        Assert.Equal([1f, 2f], others["a"].ToSingles());
        Assert.Equal([0f, 0f], others["logit2.bias"].ToSingles());
    }
}
