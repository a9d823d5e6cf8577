using CMUNeXt.Networks;
using TorchSharp;
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
        stem = this.Register("stem", new ConvolutionBlock(channels, d[0]));
        encoders = [.. Enumerable.Range(0, CMUNeXtConfiguration.Levels).Select(i => this.Register(
            $"encoder{i + 1}", new LargeKernelBlock(d[Math.Max(i - 1, 0)], d[i], configuration.Depths[i], configuration.Kernels[i])))];
        ups = new Module<Tensor, Tensor>[CMUNeXtConfiguration.Levels - 1];
        fusions = new Module<Tensor, Tensor>[CMUNeXtConfiguration.Levels - 1];
        for (int i = CMUNeXtConfiguration.Levels - 1; i > 0; i--)
        {
            ups[i - 1] = this.Register($"Up{i + 1}", new UpConvolution(d[i], d[i - 1], UpsampleMode.Bilinear, alignCorners: false));
            fusions[i - 1] = this.Register($"Up_conv{i + 1}", new SkipFusionBlock(2 * d[i - 1], d[i - 1]));
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

    /// <summary>3x3 convolution, normalisation, ReLU.</summary>
    private sealed class ConvolutionBlock : NetworkModule
    {
        private readonly Sequential conv;

        public ConvolutionBlock(int input, int output)
            : base(nameof(ConvolutionBlock)) =>
            register_module("conv", conv = Sequential(Conv2d(input, output, 3, padding: 1), BatchNorm2d(output), ReLU()));

        public override Tensor forward(Tensor x) => NormalisedConvolution.Compute(x, (Conv2d)conv[0], (BatchNorm2d)conv[1]).relu_();
    }

    /// <summary>The CMUNeXt block: a large depthwise kernel with a residual and an inverted bottleneck, repeated, then a convolution block.</summary>
    private sealed class LargeKernelBlock : NetworkModule
    {
        private readonly Sequential block;
        private readonly ConvolutionBlock up;

        public LargeKernelBlock(int input, int output, int depth, int kernel)
            : base(nameof(LargeKernelBlock))
        {
            register_module("block", block = Sequential(Enumerable.Range(0, depth).Select(Module<Tensor, Tensor> (_) => Sequential(
                new Residual(Sequential(Conv2d(input, input, kernel, padding: kernel / 2, groups: input), GELU(), BatchNorm2d(input))),
                Conv2d(input, 4 * input, 1),
                GELU(),
                BatchNorm2d(4 * input),
                Conv2d(4 * input, input, 1),
                GELU(),
                BatchNorm2d(input)))));
            register_module("up", up = new ConvolutionBlock(input, output));
        }

        public override Tensor forward(Tensor x) => up.call(block.call(x));
    }

    /// <summary>The Skip-Fusion block: a 3x3 convolution in two groups, one of the encoder's channels and one of the decoder's, then 1x1 to 4x and back.</summary>
    private sealed class SkipFusionBlock : NetworkModule
    {
        private readonly Sequential conv;

        public SkipFusionBlock(int input, int output)
            : base(nameof(SkipFusionBlock)) =>
            register_module("conv", conv = Sequential(
                Conv2d(input, input, 3, padding: 1, groups: 2),
                GELU(),
                BatchNorm2d(input),
                Conv2d(input, 4 * output, 1),
                GELU(),
                BatchNorm2d(4 * output),
                Conv2d(4 * output, output, 1),
                GELU(),
                BatchNorm2d(output)));

        public override Tensor forward(Tensor x) => conv.call(x);
    }
}
