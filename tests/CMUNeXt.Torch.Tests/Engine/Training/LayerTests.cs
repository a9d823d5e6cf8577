using System.Runtime.Intrinsics;
using CMUNeXt.Backends;
using CMUNeXt.Engine.Inference;
using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Training.Layers;
using CMUNeXt.Engine.Training.Loss;
using CMUNeXt.Engine.Training.Memory;
using CMUNeXt.Engine.Training.Passes;
using CMUNeXt.Engine.Training.Stages;
using CMUNeXt.Engine.Vectors;
using CMUNeXt.Torch.Training;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CMUNeXt.Torch.Tests.Engine.Training;

/// <summary>Each layer of a CMUNeXt, at random shapes.</summary>
public sealed class LayerTests
{
    public static TheoryData<InstructionSet> Sets => [.. Enum.GetValues<InstructionSet>()];

    /// <summary>
    /// Images, channels in, channels out, height, width: one of each, none a multiple of anything, one that fills channel blocks.
    /// </summary>
    public static TheoryData<InstructionSet, int, int, int, int, int> Shapes
    {
        get
        {
            TheoryData<InstructionSet, int, int, int, int, int> data = [];
            foreach (InstructionSet set in Enum.GetValues<InstructionSet>())
            {
                data.Add(set, 2, 1, 1, 1, 1);
                data.Add(set, 1, 1, 2, 3, 1);
                data.Add(set, 1, 5, 3, 5, 7);
                data.Add(set, 3, 9, 17, 1, 6);
                data.Add(set, 2, 16, 40, 9, 16);
                data.Add(set, 1, 24, 8, 33, 20);
                data.Add(set, 2, 33, 35, 7, 67);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Convolution_normalization_and_ReLU(InstructionSet set, int images, int inputs, int outputs, int height, int width) =>
        Assert.All((bool[])[false, true], tiled => For(set, new ConvolutionBlock(images, inputs, outputs, height, width, tiled)));

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Second_group_of_a_convolution_GELU_and_normalization(
        InstructionSet set, int images, int inputs, int outputs, int height, int width) =>
        Assert.All((bool[])[false, true], tiled => For(set, new GroupedConvolution(images, inputs, outputs, height, width, tiled)));

    /// <summary>
    /// So many tiles that they are computed in several rounds, of one band or of several, the last of which are not full.
    /// </summary>
    [Theory]
    [MemberData(nameof(Sets))]
    public void Convolution_in_rounds(InstructionSet set)
    {
        For(set, new ConvolutionBlock(Images: 3, Inputs: 16, Outputs: 20, Height: 90, Width: 70, Tiled: true));
        For(set, new ConvolutionBlock(Images: 3, Inputs: 40, Outputs: 33, Height: 90, Width: 70, Tiled: true));
        For(set, new GroupedConvolution(Images: 5, Inputs: 40, Outputs: 70, Height: 36, Width: 64, Tiled: true));
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Upsampling_and_convolution(InstructionSet set, int images, int inputs, int outputs, int height, int width) =>
        For(set, new UpsampledBlock(images, inputs, outputs, height, width));

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Depthwise_convolution_with_its_residual(InstructionSet set, int images, int inputs, int outputs, int height, int width) =>
        For(set, new DepthwiseBlock(images, inputs, Kernel: (outputs % 5 * 2) + 1, height, width));

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Bottleneck(InstructionSet set, int images, int inputs, int outputs, int height, int width) =>

        Assert.All((bool[])[false, true], keep => For(set, new BottleneckBlock(images, inputs, outputs, height, width, keep)));

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Maximum_pooling_of_what_is_read_elsewhere_too(
        InstructionSet set, int images, int inputs, int outputs, int height, int width) =>
        For(set, new PooledBlock(images, inputs, outputs, 2 * height, 2 * width));

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Head_and_losses(InstructionSet set, int images, int inputs, int outputs, int height, int width)
    {
        foreach (SegmentationLoss loss in (SegmentationLoss[])[new(0.5, 1), new(1, 0), new(0, 1), new(1, 1, WholeBatch: true)])
        {
            For(set, new HeadBlock(images, inputs, outputs, height, width, loss));
        }
    }

    internal static void For(InstructionSet set, IBlock block)
    {
        Assert.SkipUnless(InstructionSets.IsSupported(set), $"This machine does not have {set}.");
        switch (set)
        {
            case InstructionSet.Avx512:
                block.Check<Simd512, Vector512<float>>();
                break;
            case InstructionSet.Avx2:
                block.Check<Simd256, Vector256<float>>();
                break;
            default:
                block.Check<Simd128, Vector128<float>>();
                break;
        }
    }

    internal interface IBlock
    {
        void Check<TSimd, TVector>()
            where TSimd : ISimd<TVector>
            where TVector : unmanaged;
    }

    private sealed record ConvolutionBlock(int Images, int Inputs, int Outputs, int Height, int Width, bool Tiled) : IBlock
    {
        public void Check<TSimd, TVector>()
            where TSimd : ISimd<TVector>
            where TVector : unmanaged
        {
            using LayerCheck<TSimd, TVector> check = new(Images);
            PlainSource<TSimd, TVector> x = check.Input("x", Inputs, Height, Width);
            ChannelPlaces order = new(Outputs);
            ReluStage<TSimd, TVector> y = new(check.Memory.Rent(order.Blocks, Height, Width), check.Normalize("n", order, Outputs))
            {
                Gradient = check.Memory.Rent(order.Blocks, Height, Width),
            };
            Convolution<TSimd, TVector> convolution = new(x, y, order)
            {
                Weight = check.Trained("w", Outputs, Inputs, 3, 3), Inputs = Inputs,
            };
            LayerCheck<TSimd, TVector>.Run(Tiled
                ? new WinogradForward<TSimd, TVector>(convolution) { Name = "y" }
                : new ConvolutionForward<TSimd, TVector>(convolution) { Name = "y" });
            Tensor Forward() => LayerCheck<TSimd, TVector>.BatchNorm(
                functional.conv2d(check["x"], check["w"], padding: [1, 1]), check["n.weight"], check["n.bias"]).relu();

            check.AssertReads(Forward(), y);
            Tensor gradient = check.Random(Images, Outputs, Height, Width);
            check.WriteGradient(y, gradient);
            LayerCheck<TSimd, TVector>.Run(Tiled
                ? new WinogradBackward<TSimd, TVector>(convolution) { Name = "x" }
                : new ConvolutionBackward<TSimd, TVector>(convolution, toInput: true) { Name = "x" });
            check.AssertGradients(() => (Forward() * gradient).sum(), ("x", x));
        }
    }

    private sealed record GroupedConvolution(int Images, int Inputs, int Outputs, int Height, int Width, bool Tiled) : IBlock
    {
        public void Check<TSimd, TVector>()
            where TSimd : ISimd<TVector>
            where TVector : unmanaged
        {
            using LayerCheck<TSimd, TVector> check = new(Images);
            PlainSource<TSimd, TVector> a = check.Input("a", Inputs, Height, Width);
            PlainSource<TSimd, TVector> b = check.Input("b", Inputs, Height, Width);
            ChannelPlaces both = new(Outputs, groups: 2);
            ChannelPlaces one = new(Outputs);
            GeluStage<TSimd, TVector> y = new(check.Memory.Rent(both.Blocks, Height, Width), check.Normalize("n", both, 2 * Outputs))
            {
                Gradient = check.Memory.Rent(both.Blocks, Height, Width),
            };
            Parameter weight = check.Trained("w", 2 * Outputs, Inputs, 3, 3);
            Parameter bias = check.Trained("b0", 2 * Outputs);
            PlainSource<TSimd, TVector>[] inputs = [a, b];
            Convolution<TSimd, TVector>[] groups = [.. inputs.Select((x, group) => new Convolution<TSimd, TVector>(x, y, one)
            {
                Weight = weight, Bias = bias, Inputs = Inputs, FirstChannel = group * Outputs, FirstBlock = group * one.Blocks,
            })];
            for (int group = 0; group < 2; group++)
            {
                LayerCheck<TSimd, TVector>.Run(Tiled
                    ? new WinogradForward<TSimd, TVector>(groups[group]) { Name = "y", CompletesOutput = group == 1 }
                    : new ConvolutionForward<TSimd, TVector>(groups[group]) { Name = "y", CompletesOutput = group == 1 });
            }

            Tensor Forward() => LayerCheck<TSimd, TVector>.BatchNorm(
                functional.gelu(functional.conv2d(cat([check["a"], check["b"]], 1), check["w"], check["b0"], padding: [1, 1], groups: 2)),
                check["n.weight"],
                check["n.bias"]);

            check.AssertReads(Forward(), y);
            Tensor gradient = check.Random(Images, 2 * Outputs, Height, Width);
            check.WriteGradient(y, gradient);
            foreach (Convolution<TSimd, TVector> group in groups)
            {
                LayerCheck<TSimd, TVector>.Run(Tiled
                    ? new WinogradBackward<TSimd, TVector>(group) { Name = "x" }
                    : new ConvolutionBackward<TSimd, TVector>(group, toInput: true) { Name = "x" });
            }

            check.AssertGradients(() => (Forward() * gradient).sum(), ("a", a), ("b", b));
        }
    }

    private sealed record UpsampledBlock(int Images, int Inputs, int Outputs, int Height, int Width) : IBlock
    {
        public void Check<TSimd, TVector>()
            where TSimd : ISimd<TVector>
            where TVector : unmanaged
        {
            using LayerCheck<TSimd, TVector> check = new(Images);
            PlainSource<TSimd, TVector> x = check.Input("x", Inputs, Height, Width);
            ChannelPlaces order = new(Outputs);
            ReluStage<TSimd, TVector> y = new(check.Memory.Rent(order.Blocks, 2 * Height, 2 * Width), check.Normalize("n", order, Outputs))
            {
                Gradient = check.Memory.Rent(order.Blocks, 2 * Height, 2 * Width),
            };
            UpsampledConvolution<TSimd, TVector> convolution = check.Own(
                new UpsampledConvolution<TSimd, TVector>(x, y, check.Trained("w", Outputs, Inputs, 3, 3)));
            LayerCheck<TSimd, TVector>.Run(new UpsampledForward<TSimd, TVector>(convolution) { Name = "y" });
            using Module<Tensor, Tensor> upsample = Upsample(scale_factor: [2, 2], mode: UpsampleMode.Bilinear, align_corners: false);
            Tensor Forward() => LayerCheck<TSimd, TVector>.BatchNorm(
                functional.conv2d(upsample.call(check["x"]), check["w"], padding: [1, 1]), check["n.weight"], check["n.bias"]).relu();

            check.AssertReads(Forward(), y);
            Tensor gradient = check.Random(Images, Outputs, 2 * Height, 2 * Width);
            check.WriteGradient(y, gradient);
            LayerCheck<TSimd, TVector>.Run(new UpsampledBackward<TSimd, TVector>(convolution) { Name = "x" });
            check.AssertGradients(() => (Forward() * gradient).sum(), ("x", x));
        }
    }

    private sealed record DepthwiseBlock(int Images, int Channels, int Kernel, int Height, int Width) : IBlock
    {
        public void Check<TSimd, TVector>()
            where TSimd : ISimd<TVector>
            where TVector : unmanaged
        {
            using LayerCheck<TSimd, TVector> check = new(Images);
            PlainSource<TSimd, TVector> x = check.Input("x", Channels, Height, Width);
            ChannelPlaces order = new(Channels);
            GeluStage<TSimd, TVector> inner = new(check.Memory.Rent(order.Blocks, Height, Width), check.Normalize("n", order, Channels))
            {
                Gradient = check.Memory.Rent(order.Blocks, Height, Width),
            };
            Depthwise<TSimd, TVector> depthwise = check.Own(new Depthwise<TSimd, TVector>(x, inner, Kernel)
            {
                Weight = check.Trained("w", Channels, 1, Kernel, Kernel), Bias = check.Trained("b", Channels),
            });
            ResidualSource<TSimd, TVector> y = new(inner, x);
            LayerCheck<TSimd, TVector>.Run(new DepthwiseForward<TSimd, TVector>(depthwise) { Name = "y" });
            Tensor Forward() => check["x"] + LayerCheck<TSimd, TVector>.BatchNorm(
                functional.gelu(functional.conv2d(check["x"], check["w"], check["b"], padding: [Kernel / 2, Kernel / 2], groups: Channels)),
                check["n.weight"],
                check["n.bias"]);

            check.AssertReads(Forward(), y);
            Tensor gradient = check.Random(Images, Channels, Height, Width);
            check.WriteGradient(y, gradient);
            LayerCheck<TSimd, TVector>.Run(new DepthwiseBackward<TSimd, TVector>(depthwise) { Name = "x" });
            check.AssertGradients(() => (Forward() * gradient).sum(), ("x", x));
        }
    }

    private sealed record BottleneckBlock(int Images, int Inputs, int Outputs, int Height, int Width, bool Keep) : IBlock
    {
        public void Check<TSimd, TVector>()
            where TSimd : ISimd<TVector>
            where TVector : unmanaged
        {
            using LayerCheck<TSimd, TVector> check = new(Images);
            int hiddenChannels = 4 * Outputs;
            PlainSource<TSimd, TVector> x = check.Input("x", Inputs, Height, Width);
            ChannelPlaces order = new(Outputs);
            GeluStage<TSimd, TVector> y = new(check.Memory.Rent(order.Blocks, Height, Width), check.Normalize("n", order, Outputs))
            {
                Gradient = check.Memory.Rent(order.Blocks, Height, Width),
            };
            InvertedBottleneck<TSimd, TVector> bottleneck = check.Own(
                new InvertedBottleneck<TSimd, TVector>(x, y, check.Normalize("h", new ChannelPlaces(hiddenChannels), hiddenChannels))
                {
                    Kept = Keep ? check.Memory.Rent(new ChannelPlaces(hiddenChannels).Blocks, Height, Width) : null,
                    ExpandWeight = check.Trained("e", hiddenChannels, Inputs, 1, 1),
                    ExpandBias = check.Trained("eb", hiddenChannels),
                    ProjectWeight = check.Trained("p", Outputs, hiddenChannels, 1, 1),
                    ProjectBias = check.Trained("pb", Outputs),
                });
            LayerCheck<TSimd, TVector>.Run(new HiddenStatistics<TSimd, TVector>(bottleneck) { Name = "h" });
            LayerCheck<TSimd, TVector>.Run(new BottleneckForward<TSimd, TVector>(bottleneck) { Name = "y" });
            Tensor Forward()
            {
                Tensor hidden = LayerCheck<TSimd, TVector>.BatchNorm(
                    functional.gelu(functional.conv2d(check["x"], check["e"], check["eb"])), check["h.weight"], check["h.bias"]);
                return LayerCheck<TSimd, TVector>.BatchNorm(
                    functional.gelu(functional.conv2d(hidden, check["p"], check["pb"])), check["n.weight"], check["n.bias"]);
            }

            check.AssertReads(Forward(), y);
            Tensor gradient = check.Random(Images, Outputs, Height, Width);
            check.WriteGradient(y, gradient);
            LayerCheck<TSimd, TVector>.Run(new ProjectionBackward<TSimd, TVector>(bottleneck) { Name = "p" });
            LayerCheck<TSimd, TVector>.Run(new ExpansionBackward<TSimd, TVector>(bottleneck) { Name = "x" });
            check.AssertGradients(() => (Forward() * gradient).sum(), ("x", x));
        }
    }

    private sealed record PooledBlock(int Images, int Inputs, int Outputs, int Height, int Width) : IBlock
    {
        public void Check<TSimd, TVector>()
            where TSimd : ISimd<TVector>
            where TVector : unmanaged
        {
            using LayerCheck<TSimd, TVector> check = new(Images);
            PlainSource<TSimd, TVector> x = check.Input("x", Inputs, Height, Width);
            ChannelPlaces order = new(Outputs);
            ReluStage<TSimd, TVector> y = new(check.Memory.Rent(order.Blocks, Height, Width), check.Normalize("n", order, Outputs))
            {
                Gradient = check.Memory.Rent(order.Blocks, Height, Width),
                SumsLater = true,
            };
            Convolution<TSimd, TVector> convolution = new(x, y, order)
            {
                Weight = check.Trained("w", Outputs, Inputs, 3, 3), Inputs = Inputs,
            };
            PlainSource<TSimd, TVector> pooled = new(check.Memory.Rent(order.Blocks, Height / 2, Width / 2), order)
            {
                Gradient = check.Memory.Rent(order.Blocks, Height / 2, Width / 2),
            };
            LayerCheck<TSimd, TVector>.Run(new ConvolutionForward<TSimd, TVector>(convolution) { Name = "y" });
            LayerCheck<TSimd, TVector>.Run(new PoolingForward<TSimd, TVector> { Name = "pooled", Input = y, Output = pooled.Values });
            Tensor Forward() => LayerCheck<TSimd, TVector>.BatchNorm(
                functional.conv2d(check["x"], check["w"], padding: [1, 1]), check["n.weight"], check["n.bias"]).relu();

            check.AssertReads(functional.max_pool2d(Forward(), 2, 2), pooled);
            Tensor gradient = check.Random(Images, Outputs, Height, Width);
            Tensor pooledGradient = check.Random(Images, Outputs, Height / 2, Width / 2);
            check.WriteGradient(y, gradient);
            check.WriteGradient(pooled, pooledGradient);
            LayerCheck<TSimd, TVector>.Run(new PoolingBackward<TSimd, TVector>(y, pooled) { Name = "pooled" });
            LayerCheck<TSimd, TVector>.Run(new ConvolutionBackward<TSimd, TVector>(convolution, toInput: true) { Name = "x" });
            check.AssertGradients(
                () =>
                {
                    Tensor result = Forward();
                    return (result * gradient).sum() + (functional.max_pool2d(result, 2, 2) * pooledGradient).sum();
                },
                ("x", x));
        }
    }

    private sealed record HeadBlock(int Images, int Inputs, int Outputs, int Height, int Width, SegmentationLoss Loss) : IBlock
    {
        public unsafe void Check<TSimd, TVector>()
            where TSimd : ISimd<TVector>
            where TVector : unmanaged
        {
            using LayerCheck<TSimd, TVector> check = new(Images);
            PlainSource<TSimd, TVector> x = check.Input("x", Inputs, Height, Width);
            Head<TSimd, TVector> head = check.Own(new Head<TSimd, TVector>(x, Images, Outputs)
            {
                Weight = check.Trained("w", Outputs, Inputs, 1, 1), Bias = check.Trained("b", Outputs),
            });
            Tensor noise = check.Random(Images, Height, Width);
            byte[] target = [.. Layout.Singles(noise).Select(v => (byte)((v + 1) / 2 * Math.Max(Outputs, 2)))];
            Tensor classes = tensor(target).reshape(Images, Height, Width).to_type(ScalarType.Int64);
            TrainableSettings settings = new() { CrossEntropy = Loss.CrossEntropy, Dice = Loss.Dice, DiceOfBatch = Loss.WholeBatch };
            Tensor Forward() => Losses.Compute(settings, functional.conv2d(check["x"], check["w"], check["b"]), classes, []);
            LossForward forward = new(check.Batch, Outputs, head.Plane, head.Logits.Data, head.Gradient.Data, Loss) { Name = "loss" };
            LayerCheck<TSimd, TVector>.Run(new HeadForward<TSimd, TVector>(head) { Name = "logits" });
            fixed (byte* t = target)
            {
                forward.Target = t;
                LayerCheck<TSimd, TVector>.Run(forward);
                LayerCheck<TSimd, TVector>.Run(
                    new LossBackward(check.Batch, Outputs, head.Plane, head.Gradient.Data, forward, Loss) { Name = "loss" });
            }

            Assert.Equal(Forward().item<double>(), Loss.Of(forward), 1e-6);
            LayerCheck<TSimd, TVector>.Run(new HeadBackward<TSimd, TVector>(head) { Name = "x" });
            check.AssertGradients(Forward, ("x", x));
        }
    }
}
