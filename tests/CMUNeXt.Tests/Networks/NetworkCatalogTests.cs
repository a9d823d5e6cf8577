using CMUNeXt.Networks;
using CMUNeXt.Tensors;

namespace CMUNeXt.Tests.Networks;

public sealed class NetworkCatalogTests
{
    private static readonly CMUNeXtConfiguration Odd = new([1, 3, 2, 7, 5], [2, 1, 3, 1, 2], [1, 5, 3, 9, 11]);

    [Theory]
    [InlineData("cmunext-s", 3, 1)]
    [InlineData("cmunext-s", 1, 4)]
    [InlineData("cmunext", 3, 1)]
    [InlineData("cmunext-l", 3, 2)]
    public void A_variant_is_recognized_by_its_tensors(string name, int channels, int outputs)
    {
        NetworkDescription description = NetworkCatalog.Describe(name, channels, outputs);
        Assert.Equal(description, NetworkCatalog.Recognize(Empty(description.Configuration!, channels, outputs)));
    }

    [Fact]
    public void Any_configuration_is_read_off_in_any_order_of_the_tensors()
    {
        StateDict state = new(Empty(Odd, 5, 3).Reverse());
        NetworkDescription expected = new() { Name = "cmunext", Channels = 5, Outputs = 3, Configuration = Odd };
        Assert.Equal(expected, NetworkCatalog.Recognize(state));
    }

    public static TheoryData<string> Ablations => [.. CMUNeXtConfiguration.Small.Ablations().Select(ablation => ablation.Name)];

    [Theory]
    [MemberData(nameof(Ablations))]
    public void An_ablation_is_read_off_its_tensors(string name)
    {
        CMUNeXtConfiguration configuration = CMUNeXtConfiguration.Small.Ablations()
            .Single(ablation => ablation.Name == name).Configuration;
        NetworkDescription expected = new() { Name = "cmunext-s", Channels = 3, Outputs = 2, Configuration = configuration };
        Assert.Equal(expected, NetworkCatalog.Recognize(Empty(configuration, 3, 2)));
    }

    [Fact]
    public void A_state_dict_that_lacks_a_tensor_has_one_more_or_one_of_another_shape_is_not_recognized()
    {
        StateDict state = Empty(Odd, 3, 1);
        Assert.NotNull(NetworkCatalog.Recognize(state));
        for (int i = 0; i < state.Count; i++)
        {
            WeightTensor tensor = state[i];
            Assert.Null(NetworkCatalog.Recognize(new StateDict(state.Where(t => t != tensor))));
            WeightTensor other = new(tensor.Name, [.. tensor.Shape, 2], new float[2 * tensor.Count]);
            Assert.Null(NetworkCatalog.Recognize(new StateDict(state.Select(t => t == tensor ? other : t))));
        }

        Assert.Null(NetworkCatalog.Recognize(new StateDict(state.Append(new WeightTensor("more", [1], new float[1])))));
        Assert.Null(NetworkCatalog.Recognize(new StateDict([])));
    }

    [Theory]
    [InlineData("encoder3.block.0.0.fn.0.weight", new[] { 3, 1, 4, 4 })]
    [InlineData("encoder2.up.conv.0.weight", new[] { 0, 1, 3, 3 })]
    [InlineData("stem.conv.0.weight", new[] { 1, 0, 3, 3 })]
    [InlineData("Conv_1x1.weight", new[] { 0, 1, 1, 1 })]
    public void Shapes_that_no_network_has_are_not_recognized(string name, int[] shape)
    {
        WeightTensor wrong = new(name, shape, new float[shape.Aggregate(1, (count, size) => count * size)]);
        Assert.Null(NetworkCatalog.Recognize(new StateDict(Empty(Odd, 3, 1).Select(t => t.Name == name ? wrong : t))));
    }

    [Fact]
    public void Names_are_those_of_the_command_line_and_others_are_refused_with_them()
    {
        string[] names =
        [
            "attention-unet", "cmunet", "cmunext", "cmunext-l", "cmunext-s", "medt", "mobileuvit", "mobileuvit-l", "swinunet", "transunet",
            "unet", "unet3plus", "unetpp", "unext", "unext-s",
        ];
        Assert.Equal(names, NetworkCatalog.Names.Order(StringComparer.Ordinal));
        ArgumentException e = Assert.Throws<ArgumentException>(() => NetworkCatalog.Describe("cmunext_s"));
        Assert.Contains("no network 'cmunext_s'; there are cmunext-s, cmunext, cmunext-l, unet", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("unet", 5, 3)]
    [InlineData("attention-unet", 1, 1)]
    [InlineData("unetpp", 3, 2)]
    [InlineData("unet3plus", 1, 1)]
    [InlineData("transunet", 3, 1)]
    [InlineData("medt", 3, 1)]
    [InlineData("swinunet", 3, 9)]
    [InlineData("unext", 3, 1)]
    [InlineData("unext-s", 2, 1)]
    [InlineData("cmunet", 3, 1)]
    [InlineData("mobileuvit", 3, 1)]
    [InlineData("mobileuvit-l", 3, 4)]
    public void A_network_that_it_is_compared_with_is_recognized_by_its_tensors(string name, int channels, int outputs)
    {
        string[] heads = [.. NetworkCatalog.HeadsOf(name)];
        WeightTensor[] tensors = [.. Golden.Tensors(name.Replace('-', '_')).Select(tensor =>
        {
            int[] shape = [.. tensor.Shape.Split('x', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
            if (heads.Any(head => tensor.Name.StartsWith(head, StringComparison.Ordinal)))
            {
                shape[0] = outputs;
            }
            else if (shape.Length == 4 && shape[1] == 3)
            {
                shape[1] = channels;
            }
            else
            {
                // Large, and of no account.
                shape = [0];
            }

            return new WeightTensor(tensor.Name, shape, new float[shape.Aggregate(1, (count, size) => count * size)]);
        })];
        Assert.Equal(
            new NetworkDescription { Name = name, Channels = channels, Outputs = outputs },
            NetworkCatalog.Recognize(new StateDict(tensors)));
        Assert.Null(NetworkCatalog.Recognize(new StateDict(tensors.Skip(1))));
    }

    [Fact]
    public void A_mismatch_is_one_sentence_about_the_first_tensor_that_does_not_fit()
    {
        ExpectedTensor[] needed = [new("a", [2, 3], ElementType.Float32), new("b", [], ElementType.Int64)];
        WeightTensor a = new("a", [2, 3], new float[6]);
        WeightTensor b = new("b", ElementType.Int64, [], new byte[8]);

        Assert.Null(NetworkCatalog.FindMismatch(needed, new StateDict([b, a])));
        Assert.Equal("the tensor a is missing", NetworkCatalog.FindMismatch(needed, new StateDict([b])));
        Assert.Equal(
            "the tensor a has the shape [3, 2], and [2, 3] is needed",
            NetworkCatalog.FindMismatch(needed, new StateDict([new WeightTensor("a", [3, 2], new float[6]), b])));
        Assert.Equal(
            "the tensor c does not belong to the network",
            NetworkCatalog.FindMismatch(needed, new StateDict([a, b, new WeightTensor("c", [], new float[1])])));

        // What a quantization leaves without its scales.
        Assert.Equal(
            "the tensor a holds Int8, and floating-point numbers are needed: dequantize the weights first",
            NetworkCatalog.FindMismatch(needed, new StateDict([new WeightTensor("a", ElementType.Int8, [2, 3], new byte[6]), b])));
        WeightTensor half = new("a", ElementType.Float16, [2, 3], new byte[12]);
        Assert.Null(NetworkCatalog.FindMismatch(needed, new StateDict([half, b])));
    }

    private static StateDict Empty(CMUNeXtConfiguration configuration, int channels, int outputs) =>
        new(ExpectedTensor.Of(configuration.Layers(channels, outputs)).Select(tensor => new WeightTensor(
            tensor.Name, tensor.Type, tensor.Shape,
            new byte[tensor.Type.Size() * tensor.Shape.Aggregate(1, (count, size) => count * size)])));
}
