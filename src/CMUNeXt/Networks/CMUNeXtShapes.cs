using CMUNeXt.Weights;

namespace CMUNeXt.Networks;

/// <summary>Reads the configuration of a CMUNeXt off the shapes of its tensors.</summary>
internal static class CMUNeXtShapes
{
    /// <summary>The convolution that gives the logits.</summary>
    public const string Head = "Conv_1x1";

    /// <summary>Describes the CMUNeXt of a state dict; null where the tensors are not those of one.</summary>
    public static NetworkDescription? Recognise(StateDict state)
    {
        IReadOnlyList<int>? stem = ShapeOf(state, "stem.conv.0.weight", 4);
        IReadOnlyList<int>? head = ShapeOf(state, $"{Head}.weight", 4);
        IReadOnlyList<int>? fusion = ShapeOf(state, "Up_conv5.conv.0.weight", 4);
        if (stem is null || head is null || fusion is null)
        {
            return null;
        }

        // A grouped convolution has twice as many outputs as inputs in a group; a plain one halves its inputs.
        FusionBlock fusionBlock = fusion[0] > fusion[1] ? FusionBlock.SkipFusion : FusionBlock.Plain;
        bool plain = state.TryGet("encoder1.block.0.conv.0.weight", out _);
        string convolution = plain ? "conv.0" : "0.fn.0";

        // The normalization stands where the GELU would, and has tensors there.
        bool normalizationFirst = (!plain && state.TryGet("encoder1.block.0.0.fn.1.weight", out _))
            || (fusionBlock == FusionBlock.SkipFusion && state.TryGet("Up_conv5.conv.1.weight", out _));

        int[] dims = new int[CMUNeXtConfiguration.Levels];
        int[] depths = new int[CMUNeXtConfiguration.Levels];
        int[] kernels = new int[CMUNeXtConfiguration.Levels];
        for (int i = 0; i < dims.Length; i++)
        {
            IReadOnlyList<int>? up = ShapeOf(state, $"encoder{i + 1}.up.conv.0.weight", 4);
            IReadOnlyList<int>? kernel = ShapeOf(state, $"encoder{i + 1}.block.0.{convolution}.weight", 4);
            if (up is null || kernel is null)
            {
                return null;
            }

            dims[i] = up[0];
            kernels[i] = kernel[2];
            while (state.TryGet($"encoder{i + 1}.block.{depths[i]}.{convolution}.weight", out _))
            {
                depths[i]++;
            }
        }

        CMUNeXtConfiguration configuration = new(dims, depths, kernels)
        {
            Block = plain ? EncoderBlock.Plain : EncoderBlock.LargeKernel,
            Fusion = fusionBlock,
            Order = normalizationFirst ? LayerOrder.NormalisationFirst : LayerOrder.ActivationFirst,
        };
        NetworkDescription description = new() { Name = NetworkCatalog.NameOf(configuration), Channels = stem[1], Outputs = head[0], Configuration = configuration };
        try
        {
            configuration.Validate();
            return NetworkCatalog.FindShapeMismatch(ExpectedTensor.Of(CMUNeXtLayers.Of(configuration, stem[1], head[0])), state) is null ? description : null;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static IReadOnlyList<int>? ShapeOf(StateDict state, string name, int dimensions) =>
        state.TryGet(name, out WeightTensor? tensor) && tensor.Shape.Count == dimensions ? tensor.Shape : null;
}
