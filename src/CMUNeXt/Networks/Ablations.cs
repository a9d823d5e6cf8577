namespace CMUNeXt.Networks;

/// <summary>What the encoder of a CMUNeXt is made of.</summary>
public enum EncoderBlock
{
    /// <summary>CMUNeXt blocks: a large depthwise kernel with a residual, and an inverted bottleneck. The published form.</summary>
    LargeKernel,

    /// <summary>Plain convolutions over all channels, each with normalization and ReLU, one in the place of each CMUNeXt block.</summary>
    Plain,
}

/// <summary>How a CMUNeXt joins the encoder's features to the decoder's.</summary>
public enum FusionBlock
{
    /// <summary>Skip-Fusion: a 3x3 convolution in two groups, and an inverted bottleneck. The published form.</summary>
    SkipFusion,

    /// <summary>Concatenation, then one 3x3 convolution over all channels with normalization and ReLU.</summary>
    Plain,
}

/// <summary>The order of normalization and GELU in the CMUNeXt blocks and the Skip-Fusion blocks.</summary>
public enum LayerOrder
{
    /// <summary>GELU, then normalization. The published form.</summary>
    ActivationFirst,

    /// <summary>Normalization, then GELU, as most networks have it.</summary>
    NormalisationFirst,
}

/// <summary>
/// A CMUNeXt with one of its ideas taken away, to see what the idea is worth, as the ablation study of its paper asks (Tang et al., ISBI
/// 2024). What stands in its place is the plainest thing that does, and is our own choice.
/// </summary>
/// <param name="Name">What is different, in a few words.</param>
/// <param name="Configuration">The changed configuration.</param>
public sealed record Ablation(string Name, CMUNeXtConfiguration Configuration)
{
    /// <summary>The ablations of a configuration, the configuration itself first.</summary>
    public static IReadOnlyList<Ablation> Of(CMUNeXtConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        CMUNeXtConfiguration plain = configuration with { Block = EncoderBlock.Plain, Kernels = Same(3) };
        return
        [
            new("as published", configuration),
            new("plain convolutions", plain),
            new("plain fusion", configuration with { Fusion = FusionBlock.Plain }),
            new("plain convolutions and fusion", plain with { Fusion = FusionBlock.Plain }),
            new("normalization before GELU", configuration with { Order = LayerOrder.NormalisationFirst }),
            .. ((int[])[3, 5, 7, 9]).Select(kernel => new Ablation($"kernels of {kernel}", configuration with { Kernels = Same(kernel) })),
        ];
    }

    private static int[] Same(int kernel) => [.. Enumerable.Repeat(kernel, CMUNeXtConfiguration.Levels)];
}
