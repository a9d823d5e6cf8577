using CMUNeXt.Files;
using CMUNeXt.Networks;
using CMUNeXt.Tensors;
using CMUNeXt.Weights;

namespace CMUNeXt.Tests.Weights;

public sealed class SavedNamesTests
{
    private static readonly NetworkDescription Network = NetworkCatalog.Describe("cmunext-s");
    private static readonly StateDict Whole = SampleNetwork.Weights(Network);

    public static TheoryData<string> Names => [.. Whole.Select(tensor => tensor.Name)];

    [Theory]
    [InlineData("module.")]
    [InlineData("_orig_mod.")]
    [InlineData("model.")]
    [InlineData("module._orig_mod.")]
    [InlineData("model.module.")]
    public void A_prefix_that_a_wrapper_put_before_every_name_is_taken_away(string prefix)
    {
        LoadedWeights loaded = Loaded(Whole.Select(tensor => Renamed(tensor, prefix + tensor.Name)));
        Assert.Equal(Whole.Select(tensor => tensor.Name), loaded.State.Select(tensor => tensor.Name));
        Assert.Equal(Network, loaded.DescribeNetwork());
    }

    [Fact]
    public void What_a_profiler_counted_is_no_weight()
    {
        WeightTensor count = new("total_ops", ElementType.Float64, [1], new byte[8]);
        LoadedWeights loaded = Loaded([.. Whole, count, Renamed(count, "stem.conv.0.total_params")]);
        Assert.Equal(Network, loaded.DescribeNetwork());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_message_names_the_tensor_that_is_missing_or_has_another_shape(string name)
    {
        BadFileException missing = Assert.Throws<BadFileException>(
            () => Loaded(Whole.Where(tensor => tensor.Name != name)).DescribeNetwork());
        WeightTensor wrong = new(name, [1, 1, 7], new float[7]);
        BadFileException reshaped = Assert.Throws<BadFileException>(
            () => Loaded(Whole.Select(tensor => tensor.Name == name ? wrong : tensor)).DescribeNetwork());
        Assert.Contains(name, missing.Message, StringComparison.Ordinal);
        Assert.Contains(name, reshaped.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_message_names_a_tensor_too_many_and_a_prefix_of_a_few()
    {
        BadFileException more = Assert.Throws<BadFileException>(
            () => Loaded([.. Whole, new WeightTensor("aux.weight", [1], [1])]).DescribeNetwork());
        Assert.Contains("aux.weight", more.Message, StringComparison.Ordinal);
        BadFileException few = Assert.Throws<BadFileException>(
            () => Loaded(Whole.Select((tensor, i) => i == 5 ? Renamed(tensor, "module." + tensor.Name) : tensor)).DescribeNetwork());
        Assert.Contains(Whole[5].Name, few.Message, StringComparison.Ordinal);
        BadFileException other = Assert.Throws<BadFileException>(
            () => Loaded([new WeightTensor("backbone.conv1.weight", [1], [1])]).DescribeNetwork());
        Assert.Contains("backbone.conv1.weight", other.Message, StringComparison.Ordinal);
        BadFileException run = Assert.Throws<BadFileException>(
            () => Loaded([Renamed(Whole[0], "weights/a"), Renamed(Whole[1], "optimiser/a")]).DescribeNetwork());
        Assert.Contains("checkpoint of a run", run.Message, StringComparison.Ordinal);
    }

    private static LoadedWeights Loaded(IEnumerable<WeightTensor> tensors) => new("x", new StateDict(tensors), null, default);

    private static WeightTensor Renamed(WeightTensor tensor, string name) => new(name, tensor.Type, tensor.Shape, tensor.Data);
}
