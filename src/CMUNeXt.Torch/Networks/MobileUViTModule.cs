using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CMUNeXt.Torch.Networks;

/// <summary>
/// Mobile U-ViT (Tang et al., "Mobile U-ViT: Revisiting large kernel and U-shaped ViT for efficient medical image segmentation", ACM MM
/// 2025) and its larger variant L: three levels of large-kernel blocks, local-global-local blocks and plain transformer blocks at H/8, and
/// a decoder that takes the encoder's features at half their size. N x channels x H x W in, N x outputs x H x W logits out; H and W are
/// multiples of 16.
/// </summary>
/// <remarks>
/// Names, order and wiring as in the benchmark of CMUNeXt's authors (FengheTan9/Medical-Image-Segmentation-Benchmarks, MIT). Its code
/// repeats an image of one channel three times; here the first convolution takes as many channels as the image has. Upsampling is
/// bilinear with aligned corners.
/// </remarks>
internal sealed class MobileUViTModule : NetworkModule
{
    private static readonly int[] Kernels = [3, 3, 7];
    private static readonly int[] Depths = [1, 1, 3];

    private readonly LayerSequence stem;
    private readonly LargeKernelLayer[] encoders;
    private readonly LocalGlobalBlock[] sparseBlocks;
    private readonly DoubleConvolution widening;
    private readonly LocalGlobalBlock[] denseBlocks;
    private readonly DoubleConvolution narrowing;
    private readonly DoubleConvolution[] fusions = new DoubleConvolution[3];
    private readonly UpConvolution[] ups = new UpConvolution[3];
    private readonly Conv2d head;

    /// <param name="dims">The channels of the three levels and of the transformer blocks.</param>
    /// <param name="denseDepth">The number of transformer blocks.</param>
    /// <param name="heads">Heads of all attention.</param>
    /// <param name="channels">The channels of the input.</param>
    /// <param name="outputs">The channels of the logits.</param>
    private MobileUViTModule(IReadOnlyList<int> dims, int denseDepth, int heads, int channels, int outputs)
        : base("MobileUViT")
    {
        stem = ConvolutionBlock(channels, dims[0]);
        encoders = [.. Enumerable.Range(0, 3).Select(i => new LargeKernelLayer(dims[Math.Max(i - 1, 0)], dims[i], Depths[i], Kernels[i]))];
        this.Register("patch_embeddings", new ModuleGroup(
            [("stem", stem), .. encoders.Select((encoder, i) => ($"layer{i + 1}", (Module)encoder))]));
        sparseBlocks = RegisterList(
            "lklgl_bottleneck", Enumerable.Range(0, 3).Select(_ => new LocalGlobalBlock(dims[2], heads, sparse: true, depthRate: 0.1)));
        denseBlocks = RegisterList(
            "transformer_bottleneck",
            Enumerable.Range(0, denseDepth).Select(_ => new LocalGlobalBlock(dims[3], heads, sparse: false, depthRate: 0)));
        widening = this.Register("expend_dims", new DoubleConvolution(dims[2], dims[3]));
        narrowing = this.Register("reduce_dims", new DoubleConvolution(dims[3], dims[2]));
        for (int i = 2; i >= 0; i--)
        {
            fusions[i] = this.Register($"Up_conv{i + 2}", new DoubleConvolution(2 * dims[i], dims[i]));
            ups[i] = this.Register(
                $"Up{i + 1}", new UpConvolution(dims[i], dims[Math.Max(i - 1, 0)], UpsampleMode.Bilinear, alignCorners: true));
        }

        head = this.Register("head", Conv2d(dims[0], outputs, 1));
    }

    /// <summary>The published Mobile U-ViT.</summary>
    public static MobileUViTModule Base(int channels, int outputs) => new([16, 32, 64, 128], 3, 4, channels, outputs);

    /// <summary>The published Mobile U-ViT L.</summary>
    public static MobileUViTModule Large(int channels, int outputs) => new([32, 64, 128, 256], 4, 8, channels, outputs);

    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();

        // What the pooling leaves of each level goes down, and over to the decoder.
        Tensor[] features = new Tensor[encoders.Length];
        Tensor x = stem.call(input);
        for (int i = 0; i < encoders.Length; i++)
        {
            x = features[i] = functional.max_pool2d(encoders[i].call(x), 2, 2);
        }

        x = sparseBlocks.Aggregate(x, (y, block) => block.call(y));
        x = denseBlocks.Aggregate(widening.call(x), (y, block) => block.call(y));
        x = narrowing.call(x);
        for (int i = encoders.Length - 1; i >= 0; i--)
        {
            x = ups[i].call(fusions[i].call(cat([x, features[i]], 1)));
        }

        return head.call(x).MoveToOuterDisposeScope();
    }

    private static LayerSequence ConvolutionBlock(int input, int output) =>
        new(Conv2d(input, output, 3, padding: 1), BatchNorm2d(output), ReLU(inplace: true));

    /// <summary>
    /// A depthwise convolution with a residual and an inverted bottleneck with another, normalization after GELU, repeated; then a 3x3
    /// convolution.
    /// </summary>
    private sealed class LargeKernelLayer : NetworkModule
    {
        private readonly Sequential block;
        private readonly LayerSequence up;

        public LargeKernelLayer(int input, int output, int depth, int kernel)
            : base(nameof(LargeKernelLayer))
        {
            block = this.Register("block", Sequential(Enumerable.Range(0, depth).Select(Module<Tensor, Tensor> (_) => Sequential(
                new Residual(Sequential(Conv2d(input, input, kernel, padding: kernel / 2, groups: input), GELU(), BatchNorm2d(input))),
                new Residual(Sequential(
                    Conv2d(input, 4 * input, 1),
                    GELU(),
                    BatchNorm2d(4 * input),
                    Conv2d(4 * input, input, 1),
                    GELU(),
                    BatchNorm2d(input)))))));
            up = this.Register("up", ConvolutionBlock(input, output));
        }

        public override Tensor forward(Tensor x)
        {
            using DisposeScope scope = NewDisposeScope();
            return up.call(block.call(x)).MoveToOuterDisposeScope();
        }
    }
}
