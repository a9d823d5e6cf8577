using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CMUNeXt.Torch.Networks;

/// <summary>
/// The first three stages of a ResNet-50 with weight standardization and group normalization (Kolesnikov et al., "Big Transfer (BiT)",
/// ECCV 2020), as TransUNet takes it from the hybrid Vision Transformer R50+ViT-B/16. What it follows is said at
/// <see cref="TransUNetModule"/>.
/// </summary>
/// <remarks>
/// The 3 x 3 pooling after the stem has no padding, so that a side of 128 becomes 63; TransUNet fills its skip up with zeros.
/// </remarks>
internal sealed class ResNetV2 : NetworkModule<Tensor, (Tensor Features, Tensor[] Skips)>
{
    private const int Width = 64;

    private readonly StandardizedConvolution stem;
    private readonly GroupNorm stemNormalization;
    private readonly Sequential[] stages;

    public ResNetV2(int channels)
        : base(nameof(ResNetV2))
    {
        stem = new StandardizedConvolution(channels, Width, 7, 2);
        stemNormalization = GroupNormalization(32, Width, 1e-6);
        this.Register("root", Sequential(("conv", stem), ("gn", stemNormalization)));
        stages = [Stage(Width, Width, 3, 1), Stage(4 * Width, 2 * Width, 4, 2), Stage(8 * Width, 4 * Width, 9, 2)];
        this.Register("body", Sequential(stages.Select((stage, i) => ($"block{i + 1}", (Module<Tensor, Tensor>)stage))));
    }

    /// <summary>The channels of the last stage's output.</summary>
    public static int OutputChannels => 16 * Width;

    /// <summary>Computes the features, and what the decoder sees of the stem and the first two stages.</summary>
    /// <param name="x">N x channels x H x W, H and W multiples of 16.</param>
    /// <returns>N x 1024 x H/16 x W/16; and N x 64 x H/2 x W/2, N x 256 x H/4 x W/4, N x 512 x H/8 x W/8.</returns>
    public override (Tensor Features, Tensor[] Skips) forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor root = stemNormalization.call(stem.call(x)).relu_();
        Tensor first = stages[0].call(functional.max_pool2d(root, 3, 2));
        Tensor second = stages[1].call(first);
        Tensor features = stages[2].call(second);
        Tensor[] skips = [root, Fill(first, x, 4), Fill(second, x, 8)];
        return (features.MoveToOuterDisposeScope(), [.. skips.Select(skip => skip.MoveToOuterDisposeScope())]);
    }

    /// <summary>Zeros on the right and below, up to the size that the stage would have with a padded pooling.</summary>
    private static Tensor Fill(Tensor feature, Tensor input, int stride) =>
        functional.pad(feature, (0, (input.shape[3] / stride) - feature.shape[3], 0, (input.shape[2] / stride) - feature.shape[2]));

    private static Sequential Stage(int input, int middle, int units, int stride) => Sequential(Enumerable.Range(0, units).Select(i =>
        ($"unit{i + 1}", (Module<Tensor, Tensor>)new Unit(i == 0 ? input : 4 * middle, middle, i == 0 ? stride : 1))));

    // TorchSharp leaves scale and shift at whatever the memory holds.
    private static GroupNorm GroupNormalization(int groups, int channels, double epsilon)
    {
        GroupNorm normalization = GroupNorm(groups, channels, epsilon);
        init.ones_(normalization.weight);
        init.zeros_(normalization.bias);
        return normalization;
    }

    /// <summary>A bottleneck: 1 x 1, 3 x 3 with the stride, 1 x 1 to four times the channels, and a residual.</summary>
    private sealed class Unit : NetworkModule
    {
        private readonly GroupNorm firstNormalization;
        private readonly StandardizedConvolution first;
        private readonly GroupNorm secondNormalization;
        private readonly StandardizedConvolution second;
        private readonly GroupNorm thirdNormalization;
        private readonly StandardizedConvolution third;
        private readonly Sequential? projection;

        public Unit(int input, int middle, int stride)
            : base(nameof(Unit))
        {
            int output = 4 * middle;
            firstNormalization = this.Register("gn1", GroupNormalization(32, middle, 1e-6));
            first = this.Register("conv1", new StandardizedConvolution(input, middle, 1, 1));
            secondNormalization = this.Register("gn2", GroupNormalization(32, middle, 1e-6));
            second = this.Register("conv2", new StandardizedConvolution(middle, middle, 3, stride));
            thirdNormalization = this.Register("gn3", GroupNormalization(32, output, 1e-6));
            third = this.Register("conv3", new StandardizedConvolution(middle, output, 1, 1));
            if (input != output || stride != 1)
            {
                projection = Sequential(
                    this.Register("downsample", new StandardizedConvolution(input, output, 1, stride)),
                    this.Register("gn_proj", GroupNormalization(output, output, 1e-5)));
            }
        }

        public override Tensor forward(Tensor x)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor y = firstNormalization.call(first.call(x)).relu_();
            y = secondNormalization.call(second.call(y)).relu_();
            y = thirdNormalization.call(third.call(y));
            return (y + (projection?.call(x) ?? x)).relu_().MoveToOuterDisposeScope();
        }
    }
}
