using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CMUNeXt.Torch.Networks;

/// <summary>
/// MedT (Valanarasu et al., "Medical Transformer: Gated Axial-Attention for Medical Image Segmentation", MICCAI 2021): a shallow branch
/// of gated axial attention on the whole image, and a deeper one on patches of 32 x 32. N x channels x 256 x 256 in, N x outputs x
/// 256 x 256 logits out.
/// </summary>
/// <remarks>
/// Names, order and wiring as in the benchmark of CMUNeXt's authors (FengheTan9/Medical-Image-Segmentation-Benchmarks, MIT), which builds
/// it for 256 x 256. What its code does, and its weights depend on:
/// <list type="bullet">
/// <item>The patches are 4 x 4 of 32 x 32 pixels, made for images of 128 x 128: of 256 x 256 they cover the upper left quarter. Elsewhere
/// the global branch stands in for the local one, and counts twice.</item>
/// <item>The attention of the local branch has neither positions nor gates.</item>
/// <item>Patches go through one after another, so that each batch normalization takes its statistics, and its step, from one patch.</item>
/// <item><c>adjust_p</c> and each local block's <c>conv1</c> are part of the state dict, but nothing computes with them.</item>
/// </list>
/// </remarks>
internal sealed class MedTModule : NetworkModule
{
    private const int Size = 256;
    private const int Patch = 32;
    private const int Patches = 4;

    private readonly Sequential globalStem;
    private readonly Sequential[] globalLayers;
    private readonly Conv2d[] globalDecoder;
    private readonly Sequential localStem;
    private readonly Sequential[] localLayers;
    private readonly Conv2d[] localDecoder;
    private readonly Conv2d fusion;
    private readonly Conv2d head;

    public MedTModule(int channels, int outputs)
        : base("MedT")
    {
        globalStem = AddStem(channels, 8, "");
        globalLayers = [this.Register("layer1", Layer(8, 16, 1, 1, Size / 2)), this.Register("layer2", Layer(32, 32, 2, 2, Size / 2))];
        globalDecoder = [this.Register("decoder4", Convolution(64, 32)), this.Register("decoder5", Convolution(32, 16))];
        head = this.Register("adjust", Conv2d(16, outputs, 1));
        localStem = AddStem(channels, 64, "_p");
        localLayers =
        [
            this.Register("layer1_p", Layer(64, 16, 1, 1, null)),
            this.Register("layer2_p", Layer(32, 32, 2, 2, null)),
            this.Register("layer3_p", Layer(64, 64, 4, 2, null)),
            this.Register("layer4_p", Layer(128, 128, 1, 2, null)),
        ];
        localDecoder =
        [
            this.Register("decoder1_p", Convolution(256, 256, stride: 2)),
            this.Register("decoder2_p", Convolution(256, 128)),
            this.Register("decoder3_p", Convolution(128, 64)),
            this.Register("decoder4_p", Convolution(64, 32)),
            this.Register("decoder5_p", Convolution(32, 16)),
        ];
        fusion = this.Register("decoderf", Convolution(16, 16));
        RegisterUnused("adjust_p", Conv2d(16, outputs, 1));
    }

    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor whole = Branch(input, globalStem, globalLayers, globalDecoder);
        Tensor quarter = cat([.. Enumerable.Range(0, Patches).Select(row => LocalRow(input.narrow(2, row * Patch, Patch)))], 2);
        const long Covered = Patches * Patch;
        Tensor upper = cat([quarter, whole.narrow(2, 0, Covered).narrow(3, Covered, Size - Covered)], 3);
        Tensor local = cat([upper, whole.narrow(2, Covered, Size - Covered)], 2);
        return head.call(fusion.call(whole + local).relu_()).MoveToOuterDisposeScope();
    }

    /// <summary>N x channels x 32 x 256 to N x 16 x 32 x 128.</summary>
    private Tensor LocalRow(Tensor row) => cat(
        [.. Enumerable.Range(0, Patches)
            .Select(column => Branch(row.narrow(3, column * Patch, Patch), localStem, localLayers, localDecoder))], 3);

    /// <summary>
    /// Half the size after the stem, half again after each layer but the first; up again, with a layer's output added after each step but
    /// the last.
    /// </summary>
    private static Tensor Branch(Tensor x, Sequential stem, Sequential[] layers, Conv2d[] decoder)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor y = stem.call(x);
        List<Tensor> features = [];
        foreach (Sequential layer in layers)
        {
            y = layer.call(y);
            features.Add(y);
        }

        for (int i = 0; i < decoder.Length; i++)
        {
            int skip = decoder.Length - 2 - i;
            y = functional.interpolate(decoder[i].call(y), scale_factor: [2, 2], mode: InterpolationMode.Bilinear, align_corners: false)
                .relu_();
            y = skip >= 0 ? y + features[skip] : y;
        }

        return y.MoveToOuterDisposeScope();
    }

    private static Conv2d Convolution(int input, int output, int stride = 1) => Conv2d(input, output, 3, stride, padding: 1);

    /// <summary>
    /// Three convolutions, each with normalization and ReLU; their names end in the suffix, the convolutions' before the normalizations'.
    /// </summary>
    private Sequential AddStem(int channels, int width, string suffix)
    {
        Conv2d[] convolutions =
        [
            Conv2d(channels, width, 7, 2, padding: 3, bias: false),
            Conv2d(width, 128, 3, padding: 1, bias: false),
            Conv2d(128, width, 3, padding: 1, bias: false),
        ];
        BatchNorm2d[] normalizations = [BatchNorm2d(width), BatchNorm2d(128), BatchNorm2d(width)];
        for (int i = 0; i < convolutions.Length; i++)
        {
            this.Register($"conv{i + 1}{suffix}", convolutions[i]);
        }

        for (int i = 0; i < normalizations.Length; i++)
        {
            this.Register($"bn{i + 1}{suffix}", normalizations[i]);
        }

        return Sequential(convolutions.Zip(normalizations).SelectMany(
            IEnumerable<Module<Tensor, Tensor>> ((Conv2d Convolution, BatchNorm2d Normalization) layer) =>
                [layer.Convolution, layer.Normalization, ReLU()]));
    }

    private static Sequential Layer(int input, int width, int blocks, int stride, int? length) =>
        Sequential(Enumerable.Range(0, blocks).Select(
        Module<Tensor, Tensor> (i) => i == 0 ? new Block(input, width, stride, length) : new Block(2 * width, width, 1, length / stride)));

    /// <summary>
    /// A bottleneck with axial attention along columns, then rows, instead of a 3 x 3 convolution: N x input x H x W to N x 2 width x
    /// H/stride x W/stride.
    /// </summary>
    private sealed class Block : NetworkModule
    {
        private readonly Sequential main;
        private readonly Sequential? projection;

        /// <param name="input">Channels in.</param>
        /// <param name="width">Channels of the attention; twice as many come out.</param>
        /// <param name="stride">By how much the image gets smaller.</param>
        /// <param name="length">Height and width of the input where positions are encoded, otherwise null.</param>
        public Block(int input, int width, int stride, int? length)
            : base(nameof(Block))
        {
            Conv2d down = this.Register("conv_down", Conv2d(input, width, 1, bias: false));
            if (length is null)
            {
                RegisterUnused("conv1", Conv2d(width, width, 1));
            }

            main = Sequential(
                down,
                this.Register("bn1", BatchNorm2d(width)),
                ReLU(),
                this.Register("hight_block", new AxialAttention(width, alongRows: false, length)),
                this.Register("width_block", new AxialAttention(width, alongRows: true, length, stride)),
                ReLU(),
                this.Register("conv_up", Conv2d(width, 2 * width, 1, bias: false)),
                this.Register("bn2", BatchNorm2d(2 * width)));
            if (stride != 1 || input != 2 * width)
            {
                projection = this.Register(
                    "downsample", Sequential(Conv2d(input, 2 * width, 1, stride, bias: false), BatchNorm2d(2 * width)));
            }
        }

        public override Tensor forward(Tensor x)
        {
            using DisposeScope scope = NewDisposeScope();
            return (main.call(x) + (projection?.call(x) ?? x)).relu_().MoveToOuterDisposeScope();
        }
    }
}
