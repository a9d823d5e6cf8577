using CMUNeXt.Cli.Options;
using CMUNeXt.Networks;

namespace CMUNeXt.Cli.Tests.Options;

public sealed class AblationOptionsTests
{
    private static readonly CMUNeXtConfiguration Small = CMUNeXtConfiguration.Small;

    [Fact]
    public void Each_word_means_a_form_of_the_network()
    {
        CMUNeXtConfiguration plain = Small with { Block = EncoderBlock.Plain, Kernels = [3, 3, 3, 3, 3] };
        Assert.Equal(plain, Apply(Small, "--block", "plain"));
        Assert.Equal(plain with { Kernels = [5, 5, 5, 5, 5] }, Apply(Small, "--block", "plain", "--kernels", "5"));
        Assert.Equal(plain with { Block = EncoderBlock.LargeKernel }, Apply(plain, "--block", "large-kernel"));
        CMUNeXtConfiguration concatenated = Small with { Fusion = FusionBlock.Plain };
        Assert.Equal(concatenated, Apply(Small, "--fusion", "plain"));
        Assert.Equal(Small, Apply(concatenated, "--fusion", "skip-fusion"));
        CMUNeXtConfiguration normalized = Small with { Order = LayerOrder.NormalizationFirst };
        Assert.Equal(normalized, Apply(Small, "--order", "normalization-first"));
        Assert.Equal(Small, Apply(normalized, "--order", "activation-first"));
    }

    [Fact]
    public void What_is_not_given_stays_as_the_network_of_a_recipe_has_it()
    {
        CMUNeXtConfiguration concatenated = Small with { Fusion = FusionBlock.Plain, Order = LayerOrder.NormalizationFirst };
        Assert.Equal(concatenated with { Dims = [8, 8, 8, 8, 8] }, Apply(concatenated, "--dims", "8,8,8,8,8"));
        CMUNeXtConfiguration plain = Small with { Block = EncoderBlock.Plain };
        Assert.Equal(plain with { Depths = [2, 2, 2, 2, 2] }, Apply(plain, "--depths", "2"));
    }

    private static CMUNeXtConfiguration? Apply(CMUNeXtConfiguration configuration, params string[] arguments)
    {
        AblationOptions options = new();
        NetworkDescription network = NetworkCatalog.Describe("cmunext-s") with { Configuration = configuration };
        return options.Apply(ParsedOptions.Of(options.All, arguments), network, fromFile: false).Configuration;
    }
}
