namespace CMUNeXt.Training.Protocol;

/// <summary>The parameters that weight decay is for.</summary>
public enum DecayKind
{
    /// <summary>Every one.</summary>
    All,

    /// <summary>The weights of convolutions and linear layers: no bias, no normalization, no depthwise convolution.</summary>
    Convolutions,
}
