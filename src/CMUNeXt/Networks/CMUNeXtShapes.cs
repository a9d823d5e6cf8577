using CMUNeXt.Files;
using CMUNeXt.Tensors;

namespace CMUNeXt.Networks;

/// <summary>Reads the configuration of a CMUNeXt off the shapes of its tensors.</summary>
internal static class CMUNeXtShapes
{
    /// <summary>The convolution that gives the logits.</summary>
    public const string Head = "Conv_1x1";

    /// <summary>Describes the CMUNeXt of a state dict; null where the tensors are not those of one.</summary>
    public static NetworkDescription? Recognize(StateDict state) => Recognize(state, out _);

    /// <summary>Describes the CMUNeXt of a state dict.</summary>
    /// <param name="state">Any state dict.</param>
    /// <param name="fault">
    /// Where it looks like a CMUNeXt and is none: one sentence about the first tensor that is missing, of another shape or not known.
    /// </param>
    public static NetworkDescription? Recognize(StateDict state, out string? fault)
    {
        fault = null;
        if (!state.Any(static tensor => tensor.Name.StartsWith("encoder1.block.", StringComparison.Ordinal)))
        {
            return null;
        }

        bool plain = state.TryGet("encoder1.block.0.conv.0.weight", out _);
        string convolution = plain ? "conv.0" : "0.fn.0";
        int[] levels = [.. Enumerable.Range(1, CMUNeXtConfiguration.Levels)];
        string[] needed =
        [
            "stem.conv.0.weight",
            .. levels.SelectMany(i => (string[])[$"encoder{i}.up.conv.0.weight", $"encoder{i}.block.0.{convolution}.weight"]),
            "Up_conv5.conv.0.weight",
            $"{Head}.weight",
        ];
        if (needed.FirstOrDefault(name => ShapeOf(state, name) is null) is { } lacking)
        {
            fault = state.TryGet(lacking, out _)
                ? $"the tensor {lacking} has not the four dimensions of a convolution"
                : $"the tensor {lacking} is missing";
            return null;
        }

        IReadOnlyList<int> stem = ShapeOf(state, "stem.conv.0.weight")!;
        IReadOnlyList<int> head = ShapeOf(state, $"{Head}.weight")!;
        IReadOnlyList<int> fusion = ShapeOf(state, "Up_conv5.conv.0.weight")!;

        // A grouped convolution has twice as many outputs as inputs in a group; a plain one halves its inputs.
        FusionBlock fusionBlock = fusion[0] > fusion[1] ? FusionBlock.SkipFusion : FusionBlock.Plain;

        // The normalization stands where the GELU would, and has tensors there.
        bool normalizationFirst = (!plain && state.TryGet("encoder1.block.0.0.fn.1.weight", out _))
            || (fusionBlock == FusionBlock.SkipFusion && state.TryGet("Up_conv5.conv.1.weight", out _));
        CMUNeXtConfiguration configuration = new(
            [.. levels.Select(i => ShapeOf(state, $"encoder{i}.up.conv.0.weight")![0])],
            [.. levels.Select(i => DepthOf(state, i))],
            [.. levels.Select(i => ShapeOf(state, $"encoder{i}.block.0.{convolution}.weight")![2])])
        {
            Block = plain ? EncoderBlock.Plain : EncoderBlock.LargeKernel,
            Fusion = fusionBlock,
            Order = normalizationFirst ? LayerOrder.NormalizationFirst : LayerOrder.ActivationFirst,
        };
        try
        {
            configuration.Validate();
            fault = NetworkCatalog.FindShapeMismatch(ExpectedTensor.Of(CMUNeXtLayers.Of(configuration, stem[1], head[0])), state);
        }
        catch (ArgumentException e)
        {
            fault = PrintableName.Of(e.Message);
        }

        return fault is null
            ? new NetworkDescription
            {
                Name = NetworkCatalog.NameOf(configuration),
                Channels = stem[1],
                Outputs = head[0],
                Configuration = configuration,
            }
            : null;
    }

    // By the last block that there is, so that one that is missing before it is missed. No more blocks than tensors are believed.
    private static int DepthOf(StateDict state, int level)
    {
        string prefix = $"encoder{level}.block.";
        int depth = 1;
        foreach (WeightTensor tensor in state.Where(tensor => tensor.Name.StartsWith(prefix, StringComparison.Ordinal)))
        {
            string place = tensor.Name[prefix.Length..].Split('.')[0];
            if (Number.TryParse(place, out int block) && block < state.Count)
            {
                depth = Math.Max(depth, block + 1);
            }
        }

        return depth;
    }

    private static IReadOnlyList<int>? ShapeOf(StateDict state, string name) =>
        state.TryGet(name, out WeightTensor? tensor) && tensor.Shape.Count == 4 ? tensor.Shape : null;
}
