namespace CMUNeXt.Networks;

/// <summary>Names a network and states what its shape depends on.</summary>
public sealed record NetworkDescription
{
    /// <summary>The name of the command line: <c>cmunext-s</c>, <c>cmunext</c>, <c>cmunext-l</c>, <c>unet</c>, ...</summary>
    public required string Name { get; init; }

    /// <summary>The channels of the input picture.</summary>
    public int Channels { get; init; } = 3;

    /// <summary>The channels of the logits: 1 for one class (a sigmoid), K + 1 for K classes (a softmax, 0 the background).</summary>
    public int Outputs { get; init; } = 1;

    /// <summary>The configuration of a CMUNeXt; null for every other network.</summary>
    public CMUNeXtConfiguration? Configuration { get; init; }
}
