namespace CMUNeXt.Backends;

/// <summary>What one layer costs for one image.</summary>
/// <param name="Name">The prefix of its tensors in the state dict.</param>
/// <param name="Kind">What computes it: <c>Conv2d</c>, <c>Linear</c>, <c>BatchNorm2d</c>, ...</param>
/// <param name="Input">Channels or features in.</param>
/// <param name="Output">Channels or features out.</param>
/// <param name="Kernel">The size of a convolution's kernel; 1 otherwise.</param>
/// <param name="Groups">The groups of a convolution; 1 otherwise.</param>
/// <param name="Parameters">The number of trained values.</param>
/// <param name="Macs">Multiply-accumulates of a convolution or linear layer; 0 for other layers.</param>
/// <param name="CountedMacs">
/// What the counting tool behind the published figures counts: these, and for each value four of a normalization, one of a
/// repeated and eleven of an interpolated upsampling.
/// </param>
public sealed record LayerCost(
    string Name, string Kind, long Input, long Output, long Kernel, long Groups, long Parameters, long Macs, long CountedMacs);
