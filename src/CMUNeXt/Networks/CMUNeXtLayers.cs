namespace CMUNeXt.Networks;

/// <summary>
/// The layers of a CMUNeXt in the order in which they are computed, which is the order of its tensors too
/// (Tang et al., ISBI 2024, figures 1 and 2; the order of normalization and activation follows the published code).
/// </summary>
internal static class CMUNeXtLayers
{
    /// <summary>Lists the layers.</summary>
    /// <param name="configuration">Dims, depths, kernels, and what is ablated.</param>
    /// <param name="channels">The channels of the input, at least 1.</param>
    /// <param name="outputs">The channels of the logits, at least 1.</param>
    /// <exception cref="ArgumentException">The configuration is not possible.</exception>
    public static IReadOnlyList<Layer> Of(CMUNeXtConfiguration configuration, int channels, int outputs)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration.Validate();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(channels);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(outputs);

        IReadOnlyList<int> dims = configuration.Dims;
        Builder layers = new(configuration.Order);
        layers.ConvolutionBlock("stem.conv", channels, dims[0], 0);
        for (int i = 0; i < CMUNeXtConfiguration.Levels; i++)
        {
            int input = dims[Math.Max(i - 1, 0)];
            if (i > 0)
            {
                layers.Add($"pool{i}", LayerKind.MaxPool, input, i);
            }

            for (int j = 0; j < configuration.Depths[i]; j++)
            {
                string name = $"encoder{i + 1}.block.{j}";
                if (configuration.Block == EncoderBlock.LargeKernel)
                {
                    layers.LargeKernelBlock(name, input, configuration.Kernels[i], i);
                }
                else
                {
                    layers.ConvolutionBlock($"{name}.conv", input, input, i, kernel: configuration.Kernels[i]);
                }
            }

            layers.ConvolutionBlock($"encoder{i + 1}.up.conv", input, dims[i], i);
        }

        for (int i = CMUNeXtConfiguration.Levels - 1; i > 0; i--)
        {
            int level = i - 1;
            int output = dims[level];
            layers.Add($"Up{i + 1}.up.0", LayerKind.Upsample, dims[i], level);
            layers.ConvolutionBlock($"Up{i + 1}.up", dims[i], output, level, first: 1);
            layers.Add($"skip{i}", LayerKind.Concatenation, 2 * output, level);
            if (configuration.Fusion == FusionBlock.SkipFusion)
            {
                layers.SkipFusionBlock($"Up_conv{i + 1}.conv", output, level);
            }
            else
            {
                layers.ConvolutionBlock($"Up_conv{i + 1}.conv", 2 * output, output, level);
            }
        }

        layers.Convolution("Conv_1x1", dims[0], outputs, 1, 1, 0);
        return layers.List;
    }

    private sealed class Builder(LayerOrder order)
    {
        public List<Layer> List { get; } = [];

        public void Add(string name, LayerKind kind, int channels, int level) =>
            List.Add(new Layer(name, kind, channels, channels, 1, 1, level));

        public void Convolution(string name, int input, int output, int kernel, int groups, int level) =>
            List.Add(new Layer(name, LayerKind.Convolution, input, output, kernel, groups, level));

        public void ConvolutionBlock(string name, int input, int output, int level, int first = 0, int kernel = 3)
        {
            Convolution($"{name}.{first}", input, output, kernel, 1, level);
            Add($"{name}.{first + 1}", LayerKind.Normalization, output, level);
            Add($"{name}.{first + 2}", LayerKind.Relu, output, level);
        }

        public void LargeKernelBlock(string name, int channels, int kernel, int level)
        {
            Convolution($"{name}.0.fn.0", channels, channels, kernel, channels, level);
            ActivationAndNormalization($"{name}.0.fn", 1, channels, level);
            Add($"{name}.0", LayerKind.Residual, channels, level);
            Bottleneck(name, 1, channels, channels, level);
        }

        public void SkipFusionBlock(string name, int output, int level)
        {
            Convolution($"{name}.0", 2 * output, 2 * output, 3, 2, level);
            ActivationAndNormalization(name, 1, 2 * output, level);
            Bottleneck(name, 3, 2 * output, output, level);
        }

        // 1x1 to four times the output and back, each followed by GELU and normalization.
        private void Bottleneck(string name, int first, int input, int output, int level)
        {
            Convolution($"{name}.{first}", input, 4 * output, 1, 1, level);
            ActivationAndNormalization(name, first + 1, 4 * output, level);
            Convolution($"{name}.{first + 3}", 4 * output, output, 1, 1, level);
            ActivationAndNormalization(name, first + 4, output, level);
        }

        private void ActivationAndNormalization(string name, int first, int channels, int level)
        {
            (LayerKind one, LayerKind other) = order == LayerOrder.ActivationFirst
                ? (LayerKind.Gelu, LayerKind.Normalization)
                : (LayerKind.Normalization, LayerKind.Gelu);
            Add($"{name}.{first}", one, channels, level);
            Add($"{name}.{first + 1}", other, channels, level);
        }
    }
}
