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
    NormalizationFirst,
}
