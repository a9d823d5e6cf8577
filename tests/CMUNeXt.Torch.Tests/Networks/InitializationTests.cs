using CMUNeXt.Networks;
using CMUNeXt.Torch.Networks;
using static TorchSharp.torch;

namespace CMUNeXt.Torch.Tests.Networks;

/// <summary>The values that networks of the comparison start from, as the original code draws them.</summary>
public sealed class InitializationTests
{
    // Kaiming-uniform with a = sqrt 5 is uniform in +-1 / sqrt(fan in), whose deviation is 1 / sqrt(3 fan in); Kaiming-normal over the fan
    // out, for ReLU, has the deviation sqrt(2 / fan out); Xavier-uniform has sqrt(2 / (fan in + fan out)).
    [Theory]
    [InlineData("unet", "Conv3.conv.0.weight", 1 / (3.0 * 128 * 9))]
    [InlineData("unet3plus", "conv4d_1.weight", 1 / (3.0 * 320 * 9))]
    [InlineData("cmunet", "msag3.ordinaryConv.0.weight", 1 / (3.0 * 256 * 9))]
    [InlineData("unetpp", "firstconv.weight", 2 / (64.0 * 49))]
    [InlineData("unetpp", "encoder3.1.conv2.weight", 2 / (256.0 * 9))]
    [InlineData("unetpp", "decoder2_1.conv1.weight", 1 / (3.0 * 384 * 9))]
    [InlineData("unext", "block2.0.mlp.fc1.weight", 0.02 * 0.02)]
    [InlineData("unext", "block2.0.mlp.dwconv.dwconv.weight", 2 / 9.0)]
    [InlineData("unext", "patch_embed3.proj.weight", 2 / (9.0 * 160))]
    [InlineData("unext", "decoder1.weight", 1 / (3.0 * 256 * 9))]
    [InlineData("transunet", "net.transformer.encoder.layer.3.ffn.fc1.weight", 2 / (768.0 + 3072))]
    [InlineData("transunet", "net.transformer.embeddings.hybrid_model.body.block2.unit1.conv2.weight", 1 / (3.0 * 128 * 9))]
    [InlineData("swinunet", "swin_unet.layers.1.blocks.0.attn.qkv.weight", 0.02 * 0.02)]
    [InlineData("swinunet", "swin_unet.layers.2.blocks.0.attn.relative_position_bias_table", 0.02 * 0.02)]
    [InlineData("medt", "layer2.0.hight_block.relative", 1 / 4.0)]
    [InlineData("medt", "layer3_p.0.width_block.qkv_transform.weight", 1 / 64.0)]
    [InlineData("mobileuvit", "lklgl_bottleneck.0.SelfAttn.attn.qkv.weight", 1 / (3.0 * 64))]
    public void A_weight_has_mean_0_and_the_originals_variance(string name, string tensor, double variance)
    {
        manual_seed(1);
        using nn.Module module = TorchModules.Create(NetworkCatalog.Describe(name));
        using Tensor values = TorchModules.Tensors(module).Single(other => other.Name == tensor).Value.detach().to_type(ScalarType.Float64);
        double error = 5 / Math.Sqrt(values.numel());
        Assert.InRange(values.var().item<double>() / variance, 1 - (1.5 * error), 1 + (1.5 * error));
        Assert.InRange(values.mean().item<double>() / Math.Sqrt(variance), -error, error);
    }

    [Theory]
    [InlineData("unetpp", "mix", 1)]
    [InlineData("unext", "block2.0.mlp.fc1.bias", 0)]
    [InlineData("unext", "block2.0.mlp.dwconv.dwconv.bias", 0)]
    [InlineData("unext", "patch_embed3.proj.bias", 0)]
    [InlineData("unext", "ebn1.weight", 1)]
    [InlineData("transunet", "net.transformer.embeddings.hybrid_model.root.gn.weight", 1)]
    [InlineData("swinunet", "swin_unet.layers.1.blocks.0.attn.qkv.bias", 0)]
    [InlineData("medt", "layer1.0.hight_block.f_qr", 0.1f)]
    [InlineData("medt", "layer1.0.hight_block.f_sv", 1)]
    public void A_constant_is_the_originals(string name, string tensor, float expected)
    {
        using nn.Module module = TorchModules.Create(NetworkCatalog.Describe(name));
        Assert.All(TorchModules.Tensors(module).Single(other => other.Name == tensor).Value.detach().data<float>().ToArray(),
            value => Assert.Equal(expected, value));
    }
}
