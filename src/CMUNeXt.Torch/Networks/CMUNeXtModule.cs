using CMUNeXt.Networks;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CMUNeXt.Torch.Networks;

/// <summary>
/// CMUNeXt (Tang et al., "CMUNeXt: An Efficient Medical Image Segmentation Network based on Large Kernel and Skip Fusion",
/// ISBI 2024), with the names and the order of the tensors of the authors' published weights.
/// N x channels x H x W in, N x outputs x H x W logits out; H and W are multiples of 16.
/// </summary>
internal sealed class CMUNeXtModule : NetworkModule
{
    private readonly Module<Tensor, Tensor> stem;
    private readonly Module<Tensor, Tensor>[] encoders;
    private readonly Module<Tensor, Tensor>[] ups;
    private readonly Module<Tensor, Tensor>[] fusions;
    private readonly Conv2d head;
    private readonly MaxPool2d pool = nn.MaxPool2d(2, 2);

    public CMUNeXtModule(CMUNeXtConfiguration configuration, int channels, int outputs)
        : base(nameof(CMUNeXt))
    {
        configuration.Validate();
        IReadOnlyList<int> d = configuration.Dims;
        stem = this.Register("stem", new ConvolutionBlock(channels, d[0], 3));
        encoders = [.. Enumerable.Range(0, CMUNeXtConfiguration.Levels).Select(i => this.Register(
            $"encoder{i + 1}",
            new EncoderLevel(configuration, d[Math.Max(i - 1, 0)], d[i], configuration.Depths[i], configuration.Kernels[i])))];
        ups = new Module<Tensor, Tensor>[CMUNeXtConfiguration.Levels - 1];
        fusions = new Module<Tensor, Tensor>[CMUNeXtConfiguration.Levels - 1];
        for (int i = CMUNeXtConfiguration.Levels - 1; i > 0; i--)
        {
            ups[i - 1] = this.Register($"Up{i + 1}", new UpConvolution(d[i], d[i - 1], UpsampleMode.Bilinear, alignCorners: false));
            fusions[i - 1] = this.Register($"Up_conv{i + 1}", configuration.Fusion == FusionBlock.SkipFusion
                ? new SkipFusionBlock(configuration.Order, 2 * d[i - 1], d[i - 1])
                : (Module<Tensor, Tensor>)new ConvolutionBlock(2 * d[i - 1], d[i - 1], 3));
        }

        head = this.Register("Conv_1x1", Conv2d(d[0], outputs, 1));
    }

    public override Tensor forward(Tensor input)
    {
        Tensor[] features = new Tensor[encoders.Length];
        Tensor x = stem.call(input);
        for (int i = 0; i < encoders.Length; i++)
        {
            x = features[i] = encoders[i].call(i == 0 ? x : pool.call(x));
        }

        for (int i = ups.Length - 1; i >= 0; i--)
        {
            x = fusions[i].call(cat([features[i], ups[i].call(x)], 1));
        }

        return head.call(x);
    }

    // GELU and normalization, or the other way round.
    private static Module<Tensor, Tensor>[] ActivationAndNormalization(LayerOrder order, int channels) =>
        order == LayerOrder.ActivationFirst ? [GELU(), BatchNorm2d(channels)] : [BatchNorm2d(channels), GELU()];

    // 1x1 to four times the output and back, each followed by these.
    private static Module<Tensor, Tensor>[] Bottleneck(LayerOrder order, int input, int output) =>
    [
        Conv2d(input, 4 * output, 1), .. ActivationAndNormalization(order, 4 * output),
        Conv2d(4 * output, output, 1), .. ActivationAndNormalization(order, output),
    ];

    /// <summary>Convolution, normalization, ReLU.</summary>
    private sealed class ConvolutionBlock : NetworkModule
    {
        private readonly LayerSequence conv;

        public ConvolutionBlock(int input, int output, int kernel)
            : base(nameof(ConvolutionBlock)) =>
            conv = this.Register("conv", new LayerSequence(
                Conv2d(input, output, kernel, padding: kernel / 2), BatchNorm2d(output), ReLU(inplace: true)));

        public override Tensor forward(Tensor x) => conv.call(x);
    }

    /// <summary>
    /// A level of the encoder: CMUNeXt blocks, each a large depthwise kernel with a residual and an inverted bottleneck, or plain
    /// convolutions instead; then a convolution block.
    /// </summary>
    private sealed class EncoderLevel : NetworkModule
    {
        private readonly LayerSequence block;
        private readonly ConvolutionBlock up;

        public EncoderLevel(CMUNeXtConfiguration configuration, int input, int output, int depth, int kernel)
            : base(nameof(EncoderLevel))
        {
            Module<Tensor, Tensor> Create() => configuration.Block == EncoderBlock.LargeKernel
                ? new LayerSequence([
                    new Residual(new LayerSequence(
                        [Conv2d(input, input, kernel, padding: kernel / 2, groups: input),
                            .. ActivationAndNormalization(configuration.Order, input)])),
                    .. Bottleneck(configuration.Order, input, input),
                ])
                : new ConvolutionBlock(input, input, kernel);
            block = this.Register("block", new LayerSequence(Enumerable.Range(0, depth).Select(_ => Create())));
            up = this.Register("up", new ConvolutionBlock(input, output, 3));
        }

        public override Tensor forward(Tensor x) => up.call(block.call(x));
    }

    /// <summary>
    /// The Skip-Fusion block: a 3x3 convolution in two groups, one of the encoder's channels and one of the decoder's, then 1x1 to 4x and
    /// back.
    /// </summary>
    private sealed class SkipFusionBlock : NetworkModule
    {
        private readonly LayerSequence conv;

        public SkipFusionBlock(LayerOrder order, int input, int output)
            : base(nameof(SkipFusionBlock)) =>
            conv = this.Register("conv", new LayerSequence(
                [Conv2d(input, input, 3, padding: 1, groups: 2), .. ActivationAndNormalization(order, input),
                    .. Bottleneck(order, input, output)]));

        public override Tensor forward(Tensor x) => conv.call(x);
    }
}
