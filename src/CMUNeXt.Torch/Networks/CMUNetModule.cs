using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CMUNeXt.Torch.Networks;

/// <summary>
/// CMU-Net (Tang, Wang, Ning, Xian, Ding, "CMU-Net: A Strong ConvMixer-based Medical Ultrasound Image Segmentation Network", ISBI 2023), by
/// the authors of CMUNeXt (github.com/FengheTan9/Medical-Image-Segmentation-Benchmarks, MIT): written anew after that, with its names and
/// order of tensors, in which the gates of the skips come last. It is their <see cref="UNetModule">U-Net</see> with seven ConvMixer
/// layers at the bottom and a multi-scale attention gate in each skip.
/// N x channels x H x W in, N x outputs x H x W logits out; H and W are multiples of 16.
/// </summary>
internal sealed class CMUNetModule : NetworkModule
{
    private const int MixerDepth = 7;
    private const int MixerKernel = 7;

    private readonly UNetEncoder encoder;
    private readonly ConvolutionMixer mixer;
    private readonly UNetDecoder decoder;
    private readonly MultiScaleGate[] gates = new MultiScaleGate[UNetEncoder.Widths.Length - 1];

    public CMUNetModule(int channels, int outputs)
        : base("CMUNet")
    {
        encoder = new UNetEncoder(this, channels);
        mixer = this.Register("ConvMixer", new ConvolutionMixer(UNetEncoder.Widths[^1], MixerDepth, MixerKernel));
        decoder = new UNetDecoder(this, outputs);
        for (int i = gates.Length - 1; i >= 0; i--)
        {
            gates[i] = this.Register($"msag{i + 1}", new MultiScaleGate(UNetEncoder.Widths[i]));
        }
    }

    public override Tensor forward(Tensor input)
    {
        Tensor[] features = encoder.Compute(input);
        features[^1] = mixer.call(features[^1]);
        return decoder.Compute(features, (level, feature, _) => gates[level].call(feature));
    }

    /// <summary>
    /// ConvMixer (Trockman, Kolter, "Patches Are All You Need?", 2022): a depthwise convolution with a residual, then a 1x1 convolution,
    /// each with GELU before its normalization; N x width x H x W in and out.
    /// </summary>
    private sealed class ConvolutionMixer : NetworkModule
    {
        private readonly LayerSequence block;

        public ConvolutionMixer(int width, int depth, int kernel)
            : base(nameof(ConvolutionMixer)) =>
            block = this.Register("block",
                new LayerSequence(Enumerable.Range(0, depth).Select(Module<Tensor, Tensor> (_) => new LayerSequence(
                new Residual(
                    new LayerSequence(Conv2d(width, width, kernel, padding: kernel / 2, groups: width), GELU(), BatchNorm2d(width))),
                Conv2d(width, width, 1),
                GELU(),
                BatchNorm2d(width)))));

        public override Tensor forward(Tensor x) => block.call(x);
    }

    /// <summary>
    /// x + x v, where v is a vote of three scales on each value: a 1x1, a 3x3 and a dilated 3x3 convolution, then a 1x1 convolution of all
    /// three and a sigmoid; N x width x H x W in and out.
    /// </summary>
    private sealed class MultiScaleGate : NetworkModule
    {
        private readonly LayerSequence[] scales;
        private readonly LayerSequence vote;

        public MultiScaleGate(int width)
            : base(nameof(MultiScaleGate))
        {
            scales =
            [
                this.Register("pointwiseConv", new LayerSequence(Conv2d(width, width, 1), BatchNorm2d(width))),
                this.Register("ordinaryConv", new LayerSequence(Conv2d(width, width, 3, padding: 1), BatchNorm2d(width))),
                this.Register("dilationConv", new LayerSequence(Conv2d(width, width, 3, padding: 2, dilation: 2), BatchNorm2d(width))),
            ];
            vote = this.Register("voteConv", new LayerSequence(Conv2d(3 * width, width, 1), BatchNorm2d(width), Sigmoid()));
        }

        public override Tensor forward(Tensor x) =>
            x.addcmul(x, vote.call(cat([.. scales.Select(scale => scale.call(x))], 1).relu_()), 1);
    }
}
