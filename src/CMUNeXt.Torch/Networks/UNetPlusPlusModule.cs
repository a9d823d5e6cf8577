using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CMUNeXt.Torch.Networks;

/// <summary>
/// U-Net++ (Zhou et al., "UNet++: A Nested U-Net Architecture for Medical Image Segmentation", DLMIA 2018) over a ResNet-34 (He et al.,
/// "Deep Residual Learning for Image Recognition", CVPR 2016), as the authors of CMUNeXt compare with it
/// (github.com/FengheTan9/Medical-Image-Segmentation-Benchmarks, MIT): written anew after that, with its names and order of tensors.
/// Its highest map has half the input's size, and the logits, a learned mixture of four heads, are interpolated to the input's.
/// N x channels x H x W in, N x outputs x H x W logits out; H and W are multiples of 32.
/// </summary>
/// <remarks>
/// The ResNet starts from random values (Kaiming-normal over the fan out), as in the comparison: weights trained on ImageNet were not
/// used there. The first of the five values of <c>mix</c> is not used at all.
/// </remarks>
internal sealed class UNetPlusPlusModule : NetworkModule
{
    // Of the stem and of the four stages of the ResNet.
    private static readonly int[] Widths = [64, 64, 128, 256, 512];
    private static readonly int[] Depths = [3, 4, 6, 3];

    private readonly Parameter mix;
    private readonly Conv2d stem;
    private readonly BatchNorm2d stemNormalization;
    private readonly MaxPool2d pool = nn.MaxPool2d(3, 2, padding: 1);
    private readonly LayerSequence[] stages;
    private readonly Dictionary<(int Level, int Column), DecoderBlock> decoders = [];
    private readonly Conv2d[] heads;

    public UNetPlusPlusModule(int channels, int outputs)
        : base("UNetPlusPlus")
    {
        mix = new Parameter(ones(Widths.Length));
        register_parameter("mix", mix);
        stem = this.Register("firstconv", ResNetConvolution(channels, Widths[0], 7, 2));
        stemNormalization = this.Register("firstbn", BatchNorm2d(Widths[0]));
        stages = [.. Depths.Select((depth, i) => this.Register($"encoder{i + 1}", new LayerSequence(Enumerable.Range(0, depth).Select(
            Module<Tensor, Tensor> (j) => new ResNetBlock(j == 0 ? Widths[i] : Widths[i + 1], Widths[i + 1], i > 0 && j == 0 ? 2 : 1)))))];

        // Diagonal by diagonal; the output of a block has the width of its diagonal.
        for (int diagonal = 1; diagonal < Widths.Length; diagonal++)
        {
            for (int column = 1; column <= diagonal; column++)
            {
                int level = diagonal - column;
                int input = Enumerable.Range(0, column).Sum(c => Width(level, c)) + Width(level + 1, column - 1);
                decoders[(level, column)] = this.Register($"decoder{level}_{column}", new DecoderBlock(input, Width(level, column)));
            }
        }

        heads = [.. Enumerable.Range(1, Widths.Length - 1)
            .Select(column => this.Register($"logit{column}", Conv2d(Width(0, column), outputs, 1)))];
    }

    public override Tensor forward(Tensor input)
    {
        Tensor[,] maps = new Tensor[Widths.Length, Widths.Length];
        Tensor x = maps[0, 0] = NormalizedConvolution.Compute(input, stem, stemNormalization).relu_();
        x = pool.call(x);
        for (int i = 0; i < stages.Length; i++)
        {
            x = maps[i + 1, 0] = stages[i].call(x);
        }

        for (int column = 1; column < Widths.Length; column++)
        {
            for (int level = 0; level + column < Widths.Length; level++)
            {
                Tensor below = functional.interpolate(maps[level + 1, column - 1], scale_factor: [2, 2], mode: InterpolationMode.Nearest);
                maps[level, column] = decoders[(level, column)].call(
                    cat([.. Enumerable.Range(0, column).Select(c => maps[level, c]), below], 1));
            }
        }

        Tensor logits = heads.Select((head, i) => mix[i + 1] * head.call(maps[0, i + 1])).Aggregate((sum, logit) => sum + logit);
        return functional.interpolate(
            logits, size: [input.shape[2], input.shape[3]], mode: InterpolationMode.Bilinear, align_corners: false);
    }

    private static int Width(int level, int column) => column == 0 ? Widths[level] : Widths[level + column - 1];

    private static Conv2d ResNetConvolution(int input, int output, int kernel, int stride)
    {
        Conv2d convolution = Conv2d(input, output, kernel, stride: stride, padding: kernel / 2, bias: false);
        init.kaiming_normal_(convolution.weight, mode: init.FanInOut.FanOut, nonlinearity: init.NonlinearityType.ReLU);
        return convolution;
    }

    /// <summary>
    /// The basic block of a ResNet: two 3x3 convolutions and a residual, which a 1x1 convolution brings to their size where it has another.
    /// </summary>
    private sealed class ResNetBlock : NetworkModule
    {
        private readonly Conv2d first;
        private readonly BatchNorm2d firstNormalization;
        private readonly Conv2d second;
        private readonly BatchNorm2d secondNormalization;
        private readonly LayerSequence? shortcut;

        public ResNetBlock(int input, int output, int stride)
            : base(nameof(ResNetBlock))
        {
            first = this.Register("conv1", ResNetConvolution(input, output, 3, stride));
            firstNormalization = this.Register("bn1", BatchNorm2d(output));
            second = this.Register("conv2", ResNetConvolution(output, output, 3, 1));
            secondNormalization = this.Register("bn2", BatchNorm2d(output));
            shortcut = input == output
                ? null
                : this.Register("downsample", new LayerSequence(ResNetConvolution(input, output, 1, stride), BatchNorm2d(output)));
        }

        public override Tensor forward(Tensor x)
        {
            Tensor y = NormalizedConvolution.Compute(x, first, firstNormalization).relu_();
            y = NormalizedConvolution.Compute(y, second, secondNormalization);
            return y.add_(shortcut is null ? x : shortcut.call(x)).relu_();
        }
    }

    /// <summary>Three times a 3x3 convolution, normalization and ReLU, the first two at half the width.</summary>
    private sealed class DecoderBlock : NetworkModule
    {
        private readonly (Conv2d Convolution, BatchNorm2d Normalization)[] layers;

        public DecoderBlock(int input, int output)
            : base(nameof(DecoderBlock))
        {
            int half = output / 2;
            layers = [.. ((ValueTuple<int, int>[])[(input, half), (half, half), (half, output)]).Select((widths, i) => (
                this.Register($"conv{i + 1}", Conv2d(widths.Item1, widths.Item2, 3, padding: 1, bias: false)),
                this.Register($"norm{i + 1}", BatchNorm2d(widths.Item2))))];
        }

        public override Tensor forward(Tensor x) =>
            layers.Aggregate(x, (y, layer) => NormalizedConvolution.Compute(y, layer.Convolution, layer.Normalization).relu_());
    }
}
