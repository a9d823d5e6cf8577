using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CMUNeXt.Torch.Networks;

/// <summary>
/// UNeXt (Valanarasu, Patel, "UNeXt: MLP-based Rapid Medical Image Segmentation Network", MICCAI 2022) and its small variant, as the
/// authors of CMUNeXt compare with them (github.com/FengheTan9/Medical-Image-Segmentation-Benchmarks, MIT): written anew after that,
/// with their names and order of tensors. Three convolutional levels, two of tokens that are mixed by shifted MLPs, and skips that are
/// added. As published, pooling and interpolation come before the ReLU, and both shifts of the MLP move zeros in at the border.
/// N x channels x H x W in, N x outputs x H x W logits out; H and W are multiples of 32.
/// </summary>
internal sealed class UNeXtModule : NetworkModule
{
    private const int ConvolutionLevels = 3;

    private readonly Conv2d[] encoders;
    private readonly BatchNorm2d[] encoderNormalizations;
    private readonly LayerNorm[] encoderNorms;
    private readonly LayerNorm[] decoderNorms;
    private readonly ModuleList<Module<Tensor, Tensor>>[] encoderBlocks;
    private readonly ModuleList<Module<Tensor, Tensor>>[] decoderBlocks;
    private readonly PatchEmbedding[] embeddings;
    private readonly Conv2d[] decoders;
    private readonly BatchNorm2d[] decoderNormalizations;
    private readonly Conv2d head;

    /// <param name="widths">The channels of the five levels.</param>
    /// <param name="channels">The channels of the input.</param>
    /// <param name="outputs">The channels of the logits.</param>
    public UNeXtModule(IReadOnlyList<int> widths, int channels, int outputs)
        : base("UNeXt")
    {
        encoders = [.. Numbered(
            ConvolutionLevels, i => this.Register($"encoder{i + 1}", Conv2d(i == 0 ? channels : widths[i - 1], widths[i], 3, padding: 1)))];
        encoderNormalizations = [.. Numbered(ConvolutionLevels, i => this.Register($"ebn{i + 1}", BatchNorm2d(widths[i])))];
        encoderNorms = [.. Numbered(2, i => this.Register($"norm{i + 3}", LayerNorm(widths[i + 3])))];
        decoderNorms = [.. Numbered(2, i => this.Register($"dnorm{i + 3}", LayerNorm(widths[3 - i])))];
        encoderBlocks =
        [
            .. Numbered(2, i => this.Register($"block{i + 1}", ModuleList<Module<Tensor, Tensor>>(new ShiftedBlock(widths[i + 3])))),
        ];
        decoderBlocks =
        [
            .. Numbered(2, i => this.Register($"dblock{i + 1}", ModuleList<Module<Tensor, Tensor>>(new ShiftedBlock(widths[3 - i])))),
        ];
        embeddings = [.. Numbered(2, i => this.Register($"patch_embed{i + 3}", new PatchEmbedding(widths[i + 2], widths[i + 3])))];
        decoders =
        [
            .. Numbered(5, i => this.Register($"decoder{i + 1}", Conv2d(widths[4 - i], widths[Math.Max(3 - i, 0)], 3, padding: 1))),
        ];
        decoderNormalizations = [.. Numbered(4, i => this.Register($"dbn{i + 1}", BatchNorm2d(widths[3 - i])))];
        head = this.Register("final", Conv2d(widths[0], outputs, 1));
    }

    public override Tensor forward(Tensor input)
    {
        Stack<Tensor> features = new();
        Tensor x = input;
        for (int i = 0; i < encoders.Length; i++)
        {
            x = functional.max_pool2d(NormalizedConvolution.Compute(x, encoders[i], encoderNormalizations[i]), 2, 2).relu_();
            features.Push(x);
        }

        for (int i = 0; i < embeddings.Length; i++)
        {
            x = Normalized(encoderBlocks[i][0].call(embeddings[i].call(x)), encoderNorms[i]);
            features.Push(x);
        }

        features.Pop();
        for (int i = 0; i < decoders.Length; i++)
        {
            x = i < decoderNormalizations.Length
                ? NormalizedConvolution.Compute(x, decoders[i], decoderNormalizations[i])
                : decoders[i].call(x);
            x = functional.interpolate(x, scale_factor: [2, 2], mode: InterpolationMode.Bilinear, align_corners: false).relu_();
            x = features.TryPop(out Tensor? skip) ? x + skip : x;
            x = i < decoderBlocks.Length ? Normalized(decoderBlocks[i][0].call(x), decoderNorms[i]) : x;
        }

        return head.call(x);
    }

    private static IEnumerable<T> Numbered<T>(int count, Func<int, T> create) => Enumerable.Range(0, count).Select(create);

    // Over the channels of each pixel.
    private static Tensor Normalized(Tensor x, LayerNorm norm) => norm.call(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2);

    // A convolution of tokens starts from a normal distribution over its fan out.
    private static Conv2d Initialized(Conv2d convolution)
    {
        init.normal_(convolution.weight, 0, Math.Sqrt(2.0 / (9 * convolution.out_channels / convolution.groups)));
        init.zeros_(convolution.bias);
        return convolution;
    }

    /// <summary>A 3x3 convolution of stride 2, then layer normalization: N x input x H x W in, N x output x H / 2 x W / 2 out.</summary>
    private sealed class PatchEmbedding : NetworkModule
    {
        private readonly Conv2d projection;
        private readonly LayerNorm norm;

        public PatchEmbedding(int input, int output)
            : base(nameof(PatchEmbedding))
        {
            projection = this.Register("proj", Initialized(Conv2d(input, output, 3, stride: 2, padding: 1)));
            norm = this.Register("norm", LayerNorm(output));
        }

        public override Tensor forward(Tensor x) => Normalized(projection.call(x), norm);
    }

    /// <summary>x + the shifted MLP of its layer normalization; N x width x H x W in and out.</summary>
    private sealed class ShiftedBlock : NetworkModule
    {
        private readonly LayerNorm norm;
        private readonly ShiftedMlp mlp;

        public ShiftedBlock(int width)
            : base(nameof(ShiftedBlock))
        {
            norm = this.Register("norm2", LayerNorm(width));
            mlp = this.Register("mlp", new ShiftedMlp(width));
        }

        public override Tensor forward(Tensor x) => x + mlp.call(Normalized(x, norm));
    }

    /// <summary>
    /// A shift along the height, a linear layer, a depthwise 3x3 convolution and GELU, a shift along the width, a linear layer. A shift
    /// moves five groups of channels by -2 to 2 pixels.
    /// </summary>
    private sealed class ShiftedMlp : NetworkModule
    {
        private const int Reach = 2;

        private readonly Linear first;
        private readonly Depthwise depthwise;
        private readonly Linear second;

        public ShiftedMlp(int width)
            : base(nameof(ShiftedMlp))
        {
            first = this.Register("fc1", Initialized(Linear(width, width)));
            depthwise = this.Register("dwconv", new Depthwise(width));
            second = this.Register("fc2", Initialized(Linear(width, width)));
        }

        public override Tensor forward(Tensor x)
        {
            x = Linearly(first, Shift(x, 2));
            x = functional.gelu(depthwise.call(x));
            return Linearly(second, Shift(x, 3));
        }

        private static Linear Initialized(Linear linear)
        {
            // The original cuts the distribution off at +-2, a hundred standard deviations away: it cuts nothing.
            init.normal_(linear.weight, 0, 0.02);
            init.zeros_(linear.bias);
            return linear;
        }

        private static Tensor Linearly(Linear linear, Tensor x) => linear.call(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2);

        private static Tensor Shift(Tensor x, int axis)
        {
            // From the last axis to the one before.
            Tensor padded = functional.pad(x, axis == 2 ? [0, 0, Reach, Reach] : [Reach, Reach, 0, 0]);
            return cat([.. padded.chunk((2 * Reach) + 1, 1).Select((part, i) => part.narrow(axis, (2 * Reach) - i, x.shape[axis]))], 1);
        }
    }

    private sealed class Depthwise : NetworkModule
    {
        private readonly Conv2d convolution;

        public Depthwise(int width)
            : base(nameof(Depthwise)) =>
                convolution = this.Register("dwconv", Initialized(Conv2d(width, width, 3, padding: 1, groups: width)));

        public override Tensor forward(Tensor x) => convolution.call(x);
    }
}
