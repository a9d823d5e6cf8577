using CMUNeXt.Networks;
using CMUNeXt.Tensors;
using CMUNeXt.Torch.Networks;
using static TorchSharp.torch;

namespace CMUNeXt.Torch.Tests.Networks;

public class TorchModulesTests
{
    [Theory]
    [InlineData("medt", "layer2.1.width_block.flatten_index")]
    [InlineData("swinunet", "swin_unet.layers.2.blocks.0.attn.relative_position_index")]
    public void An_index_table_other_than_the_networks_is_refused(string name, string table)
    {
        using nn.Module module = TorchModules.Create(NetworkCatalog.Describe(name));
        List<(string Name, Tensor Value)> tensors = TorchModules.Tensors(module);
        StateDict weights = TorchModules.Copy(tensors);
        TorchModules.Load(tensors, weights);

        byte[] data = weights[table].Data.ToArray();
        data[3]++;
        StateDict other = new(weights.Select(tensor =>
            tensor.Name == table ? new WeightTensor(table, ElementType.Int64, tensor.Shape, data) : tensor));
        ArgumentException e = Assert.Throws<ArgumentException>(() => TorchModules.Load(tensors, other));
        Assert.Contains($"{table} is another index table", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("attention-unet")]
    [InlineData("unetpp")]
    [InlineData("unet3plus")]
    [InlineData("unext")]
    [InlineData("cmunet")]
    [InlineData("transunet")]
    [InlineData("swinunet")]
    [InlineData("medt")]
    [InlineData("mobileuvit")]
    public void A_network_that_moves_keeps_its_tensors(string name)
    {
        // To another type: libtorch's CPU has no other device to move to, and TorchSharp does both in one way.
        using nn.Module module = TorchModules.Create(NetworkCatalog.Describe(name));
        string[] names = [.. TorchModules.Tensors(module).Select(tensor => tensor.Name)];
        TorchSharp.ModuleExtensionMethods.to(module, ScalarType.Float64);
        List<(string Name, Tensor Value)> moved = TorchModules.Tensors(module);
        Assert.Equal(names, moved.Select(tensor => tensor.Name));
        Assert.All(moved, tensor => Assert.NotEqual(ScalarType.Float32, tensor.Value.dtype));
    }
}
