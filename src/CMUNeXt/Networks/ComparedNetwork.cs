using CMUNeXt.Tensors;

namespace CMUNeXt.Networks;

/// <summary>
/// What the core knows of a network that CMUNeXt is compared with: its name, the sizes it takes, and what tells its state dict from the
/// others'. How it is wired stands in the backend that computes it.
/// </summary>
/// <param name="Name">The name of the command line.</param>
/// <param name="Tensors">The number of tensors in its state dict.</param>
/// <param name="Stem">
/// The weight of the first convolution, without <c>.weight</c>: its second dimension is the channels of the input.
/// </param>
/// <param name="StemWidth">The channels that it gives.</param>
/// <param name="Heads">The convolutions that give the logits: the first dimension of their weights is the outputs.</param>
/// <param name="HeadWidth">The channels that the first of them takes.</param>
internal sealed record ComparedNetwork(string Name, int Tensors, string Stem, int StemWidth, IReadOnlyList<string> Heads, int HeadWidth)
{
    /// <summary>All of them, in the order of the published comparison.</summary>
    public static IReadOnlyList<ComparedNetwork> All { get; } =
    [
        new("unet", 156, "Conv1.conv.0", 64, ["Conv_1x1"], 64),
        new("attention-unet", 240, "Conv1.conv.0", 64, ["Conv_1x1"], 64),
        new("unetpp", 405, "firstconv", 64, ["logit1", "logit2", "logit3", "logit4"], 64) { Size = new InputSize(Multiple: 32) },
        new("unet3plus", 240, "conv1.conv1.0", 64, ["outconv1"], 320),
        new("transunet", 409, "net.transformer.embeddings.hybrid_model.root.conv", 64, ["net.segmentation_head.0"], 16)
        {
            Size = new InputSize(IsFixed: true),
        },
        new("medt", 628, "conv1", 8, ["adjust", "adjust_p"], 16) { Size = new InputSize(IsFixed: true) },
        new("swinunet", 238, "swin_unet.patch_embed.proj", 96, ["swin_unet.output"], 96) { Size = new InputSize(224, IsFixed: true) },
        new("unext", 101, "encoder1", 16, ["final"], 16) { Size = new InputSize(Multiple: 32) },
        new("unext-s", 101, "encoder1", 8, ["final"], 8) { Size = new InputSize(Multiple: 32) },
        new("cmunet", 366, "Conv1.conv.0", 64, ["Conv_1x1"], 64),
        new("mobileuvit", 388, "patch_embeddings.stem.0", 16, ["head"], 16),
        new("mobileuvit-l", 402, "patch_embeddings.stem.0", 32, ["head"], 32),
    ];

    /// <summary>The sizes that it takes.</summary>
    public InputSize Size { get; init; } = new();

    /// <summary>Describes the network of a state dict; null where the tensors are not its own.</summary>
    public NetworkDescription? Recognize(StateDict state) => state.Count == Tensors && HasEndsOf(state)
        ? new NetworkDescription
        {
            Name = Name,
            Channels = state[$"{Stem}.weight"].Shape[1],
            Outputs = state[$"{Heads[0]}.weight"].Shape[0],
        }
        : null;

    /// <summary>Whether a state dict has its first convolution and its head.</summary>
    public bool HasEndsOf(StateDict state) =>
        state.TryGet($"{Stem}.weight", out WeightTensor? stem) && stem.Shape.Count == 4 && stem.Shape[0] == StemWidth
        && state.TryGet($"{Heads[0]}.weight", out WeightTensor? head) && head.Shape.Count == 4 && head.Shape[1] == HeadWidth
        && stem.Shape[1] > 0 && head.Shape[0] > 0;
}
