namespace CMUNeXt.Networks;

/// <summary>Names a network and states what its shape depends on.</summary>
public sealed record NetworkDescription
{
    /// <summary>The name of the command line: <c>cmunext-s</c>, <c>cmunext</c>, <c>cmunext-l</c>, <c>unet</c>, ...</summary>
    public required string Name { get; init; }

    /// <summary>The channels of the input image.</summary>
    public int Channels { get; init; } = 3;

    /// <summary>The channels of the logits: 1 for one class (a sigmoid), K + 1 for K classes (a softmax, 0 the background).</summary>
    public int Outputs { get; init; } = 1;

    /// <summary>The configuration of a CMUNeXt; null for every other network.</summary>
    public CMUNeXtConfiguration? Configuration { get; init; }

    /// <summary>Says what is wrong with the channels or the outputs: a mask has a byte for the class of a pixel.</summary>
    /// <returns>One sentence, or null where all is well.</returns>
    internal string? FindFault() => Channels is < 1 or > 4096 ? $"the network's channels are from 1 to 4096, not {Channels}"
        : Outputs is < 1 or > 256 ? $"the network's outputs are from 1 to 256, not {Outputs}"
        : null;

    /// <summary>Says whether images of a size would be too large: input and logits are arrays.</summary>
    /// <param name="width">At least 1.</param>
    /// <param name="height">At least 1.</param>
    /// <returns>One sentence, or null where all is well.</returns>
    internal string? FindFault(int width, int height) => (long)width * height > Array.MaxLength / Math.Max(Channels, Outputs)
        ? $"{width} x {height} pixels are too many for {Channels} channels and {Outputs} outputs"
        : null;
}
