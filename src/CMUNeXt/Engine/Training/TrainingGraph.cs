using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Training.Layers;
using CMUNeXt.Engine.Training.Loss;
using CMUNeXt.Engine.Training.Memory;
using CMUNeXt.Engine.Training.Passes;
using CMUNeXt.Engine.Training.Stages;
using CMUNeXt.Engine.Vectors;
using CMUNeXt.Networks;

namespace CMUNeXt.Engine.Training;

/// <summary>The passes of an iteration, forwards and back, layer by layer, bound to their memory.</summary>
internal sealed unsafe class TrainingGraph<TSimd, TVector> : IDisposable
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    private readonly TrainedTensors tensors;
    private readonly BatchSize batch;
    private readonly BatchMemory memory;
    private readonly List<IDisposable> owned = [];
    private readonly List<Pass> passes = [];

    public TrainingGraph(NetworkDescription network, TrainedTensors tensors, SegmentationLoss loss, BatchSize batch, int height, int width)
    {
        this.batch = batch;
        this.tensors = tensors;
        memory = Own(new BatchMemory(batch));
        Images = new ImageSource<TSimd, TVector>(batch, new ChannelPlaces(network.Channels), network.Channels, height, width);

        CMUNeXtConfiguration configuration = network.Configuration!;
        IReadOnlyList<int> dims = configuration.Dims;
        int levels = dims.Count;
        ConvolutionLayer stem = AddConvolution(Images, "stem.conv.0", "stem.conv.1", dims[0], sumsLater: false);
        Encoder[] encoders = new Encoder[levels];
        Source<TSimd, TVector> x = stem.Output;
        for (int i = 0; i < levels; i++)
        {
            PlainSource<TSimd, TVector>? pooled = i == 0 ? null : AddPooling(x, i);
            x = pooled ?? x;
            Block[] blocks = new Block[configuration.Depths[i]];
            for (int j = 0; j < blocks.Length; j++)
            {
                blocks[j] = AddBlock(x, $"encoder{i + 1}.block.{j}", configuration.Kernels[i]);
                x = blocks[j].Bottleneck.Output;
            }

            string name = $"encoder{i + 1}.up.conv";
            encoders[i] = new Encoder(pooled, blocks, AddConvolution(x, $"{name}.0", $"{name}.1", dims[i], sumsLater: i < levels - 1));
            x = encoders[i].End.Output;
        }

        UpsampledLayer[] ups = new UpsampledLayer[levels - 1];
        Fusion[] fusions = new Fusion[levels - 1];
        for (int i = levels - 2; i >= 0; i--)
        {
            ups[i] = AddUpsampled((Stage<TSimd, TVector>)x, $"Up{i + 2}.up.1", $"Up{i + 2}.up.2", dims[i]);
            fusions[i] = AddFusion(encoders[i].End.Output, ups[i].Convolution.Output, $"Up_conv{i + 2}.conv", dims[i]);
            x = fusions[i].Bottleneck.Output;
        }

        Head = Own(new Head<TSimd, TVector>(x, batch.Capacity, network.Outputs)
        {
            Weight = tensors["Conv_1x1.weight"],
            Bias = tensors["Conv_1x1.bias"],
        });
        passes.Add(new HeadForward<TSimd, TVector>(Head) { Name = "Conv_1x1" });
        Loss = new LossForward(batch, network.Outputs, Head.Plane, Head.Logits.Data, Head.Gradient.Data, loss) { Name = "loss" };
        passes.Add(Loss);
        passes.Add(new LossBackward(batch, network.Outputs, Head.Plane, Head.Gradient.Data, Loss, loss) { Name = "loss, back" });
        if (loss.Presence > 0)
        {
            Presence = new PresenceLoss(
                batch, height, width, Head.Logits.Data, Head.Gradient.Data, loss.Presence, Masks.Presence.Radius(width, height))
            { Name = "presence" };
            passes.Add(Presence);
        }

        Distillation = new DistillationLoss(
            batch, network.Outputs, Head.Plane, Head.Logits.Data, Head.Gradient.Data, loss.Distillation, loss.Temperature)
        { Name = "distillation" };
        passes.Add(Distillation);
        AddBackward(stem, encoders, ups, fusions);
    }

    /// <summary>The passes in the order of the iteration.</summary>
    public IReadOnlyList<Pass> Passes => passes;

    /// <summary>Where the iteration's images come in.</summary>
    public ImageSource<TSimd, TVector> Images { get; }

    /// <summary>The last layer, and its logits.</summary>
    public Head<TSimd, TVector> Head { get; }

    /// <summary>What sums the loss up.</summary>
    public LossForward Loss { get; }

    /// <summary>The loss of "there is a lesion"; null where it has no weight.</summary>
    public PresenceLoss? Presence { get; }

    /// <summary>The loss of a teacher's logits.</summary>
    public DistillationLoss Distillation { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable item in owned.Concat(passes.OfType<IDisposable>()))
        {
            item.Dispose();
        }
    }

    private T Own<T>(T item)
        where T : IDisposable
    {
        owned.Add(item);
        return item;
    }

    private Normalization Normalize(string name, ChannelPlaces channels, Parameter? bias = null) => Own(new Normalization(
        tensors[$"{name}.weight"], tensors[$"{name}.bias"], tensors.Running(name), channels, batch, bias));

    private ConvolutionLayer AddConvolution(
        Source<TSimd, TVector> input, string name, string normalization, int channels, bool sumsLater)
    {
        ChannelPlaces order = new(channels);
        BatchMap values = memory.Rent(order.Blocks, input.Height, input.Width);
        ReluStage<TSimd, TVector> output = new(values, Normalize(normalization, order, tensors[$"{name}.bias"])) { SumsLater = sumsLater };
        Convolution<TSimd, TVector> convolution = new(input, output, order)
        {
            Weight = tensors[$"{name}.weight"],
            Inputs = tensors[$"{name}.weight"].Shape[1],
        };
        AddForward(convolution, name, completes: true);
        return new ConvolutionLayer(name, convolution, output);
    }

    private void AddForward(Convolution<TSimd, TVector> convolution, string name, bool completes) => passes.Add(convolution.IsTiled
        ? new WinogradForward<TSimd, TVector>(convolution) { Name = name, CompletesOutput = completes }
        : new ConvolutionForward<TSimd, TVector>(convolution) { Name = name, CompletesOutput = completes });

    private UpsampledLayer AddUpsampled(Stage<TSimd, TVector> input, string name, string normalization, int channels)
    {
        ChannelPlaces order = new(channels);
        BatchMap values = memory.Rent(order.Blocks, 2 * input.Height, 2 * input.Width);
        ReluStage<TSimd, TVector> output = new(values, Normalize(normalization, order, tensors[$"{name}.bias"]));
        UpsampledConvolution<TSimd, TVector> convolution = Own(
            new UpsampledConvolution<TSimd, TVector>(input, output, tensors[$"{name}.weight"]));
        passes.Add(new UpsampledForward<TSimd, TVector>(convolution) { Name = name });
        return new UpsampledLayer(name, input, convolution);
    }

    private PlainSource<TSimd, TVector> AddPooling(Source<TSimd, TVector> input, int level)
    {
        BatchMap values = memory.Rent(input.Blocks, input.Height / 2, input.Width / 2);
        passes.Add(new PoolingForward<TSimd, TVector> { Name = $"pool{level}", Input = input, Output = values });
        return new PlainSource<TSimd, TVector>(values, input.Channels);
    }

    private Block AddBlock(Source<TSimd, TVector> input, string name, int kernel)
    {
        BatchMap values = memory.Rent(input.Blocks, input.Height, input.Width);
        GeluStage<TSimd, TVector> large = new(values, Normalize($"{name}.0.fn.2", input.Channels));
        Depthwise<TSimd, TVector> depthwise = Own(new Depthwise<TSimd, TVector>(input, large, kernel)
        {
            Weight = tensors[$"{name}.0.fn.0.weight"],
            Bias = tensors[$"{name}.0.fn.0.bias"],
        });
        passes.Add(new DepthwiseForward<TSimd, TVector>(depthwise) { Name = $"{name}.0" });
        ResidualSource<TSimd, TVector> sum = new(large, input);
        return new Block(name, input, large, depthwise, AddBottleneck(sum, name, 1, tensors[$"{name}.4.bias"].Count));
    }

    // 1x1 to four times the output and back, each followed by GELU and normalization.
    private InvertedBottleneck<TSimd, TVector> AddBottleneck(Source<TSimd, TVector> input, string name, int first, int channels)
    {
        ChannelPlaces order = new(channels);
        GeluStage<TSimd, TVector> output = new(
            memory.Rent(order.Blocks, input.Height, input.Width), Normalize($"{name}.{first + 5}", order));
        Normalization hidden = Normalize($"{name}.{first + 2}", new ChannelPlaces(tensors[$"{name}.{first}.bias"].Count));
        bool keep = InvertedBottleneck<TSimd, TVector>.IsWorthKeeping(input.Blocks);
        InvertedBottleneck<TSimd, TVector> bottleneck = Own(new InvertedBottleneck<TSimd, TVector>(input, output, hidden)
        {
            Kept = keep ? memory.Rent(hidden.Channels.Blocks, input.Height, input.Width) : null,
            ExpandWeight = tensors[$"{name}.{first}.weight"],
            ExpandBias = tensors[$"{name}.{first}.bias"],
            ProjectWeight = tensors[$"{name}.{first + 3}.weight"],
            ProjectBias = tensors[$"{name}.{first + 3}.bias"],
        });
        passes.Add(new HiddenStatistics<TSimd, TVector>(bottleneck) { Name = name });
        passes.Add(new BottleneckForward<TSimd, TVector>(bottleneck) { Name = name });
        return bottleneck;
    }

    private Fusion AddFusion(Stage<TSimd, TVector> encoder, Stage<TSimd, TVector> decoder, string name, int channels)
    {
        ChannelPlaces both = new(channels, groups: 2);
        ChannelPlaces one = new(channels);
        GeluStage<TSimd, TVector> middle = new(memory.Rent(both.Blocks, encoder.Height, encoder.Width), Normalize($"{name}.2", both));
        Stage<TSimd, TVector>[] inputs = [encoder, decoder];
        Convolution<TSimd, TVector>[] groups = [.. inputs.Select((input, group) => new Convolution<TSimd, TVector>(input, middle, one)
        {
            Weight = tensors[$"{name}.0.weight"],
            Bias = tensors[$"{name}.0.bias"],
            Inputs = channels,
            FirstChannel = group * channels,
            FirstBlock = group * one.Blocks,
        })];
        AddForward(groups[0], $"{name}.0", completes: false);
        AddForward(groups[1], $"{name}.0", completes: true);
        return new Fusion(name, middle, groups, AddBottleneck(middle, name, 3, channels));
    }

    // Gradients take memory from when they are written to when they have been read.
    private void AddBackward(ConvolutionLayer stem, Encoder[] encoders, UpsampledLayer[] ups, Fusion[] fusions)
    {
        Lend((Stage<TSimd, TVector>)Head.Input);
        passes.Add(new HeadBackward<TSimd, TVector>(Head) { Name = "Conv_1x1" });
        for (int i = 0; i < fusions.Length; i++)
        {
            Fusion fusion = fusions[i];
            AddBackward(fusion.Bottleneck, fusion.Middle, fusion.Name);
            foreach (Convolution<TSimd, TVector> group in fusion.Groups)
            {
                Lend((Stage<TSimd, TVector>)group.Input);
                AddBackward(group, $"{fusion.Name}.0");
            }

            TakeBack(fusion.Middle);
            Lend(ups[i].Input);
            passes.Add(new UpsampledBackward<TSimd, TVector>(ups[i].Convolution) { Name = ups[i].Name });
            TakeBack(ups[i].Convolution.Output);
        }

        for (int i = encoders.Length - 1; i >= 0; i--)
        {
            Encoder encoder = encoders[i];
            if (i < encoders.Length - 1)
            {
                PlainSource<TSimd, TVector> pooled = encoders[i + 1].Pooled!;
                passes.Add(new PoolingBackward<TSimd, TVector>(encoder.End.Output, pooled) { Name = $"pool{i + 1}" });
                memory.Return(pooled.Gradient!);
            }

            AddBackward(encoder.End);
            foreach (Block block in encoder.Blocks.Reverse())
            {
                AddBackward(block.Bottleneck, block.Large, block.Name);
                if (block.Input is Stage<TSimd, TVector> stage)
                {
                    Lend(stage);
                }
                else
                {
                    encoder.Pooled!.Gradient = memory.Rent(block.Input.Blocks, block.Input.Height, block.Input.Width);
                }

                passes.Add(new DepthwiseBackward<TSimd, TVector>(block.Depthwise) { Name = $"{block.Name}.0" });
                TakeBack(block.Large);
            }
        }

        passes.Add(new ConvolutionBackward<TSimd, TVector>(stem.Convolution, toInput: false) { Name = stem.Name });
    }

    private void AddBackward(Convolution<TSimd, TVector> convolution, string name) => passes.Add(convolution.IsTiled
        ? new WinogradBackward<TSimd, TVector>(convolution) { Name = name }
        : new ConvolutionBackward<TSimd, TVector>(convolution, toInput: true) { Name = name });

    private void AddBackward(ConvolutionLayer layer)
    {
        Lend((Stage<TSimd, TVector>)layer.Convolution.Input);
        AddBackward(layer.Convolution, layer.Name);
        TakeBack(layer.Output);
    }

    private void AddBackward(InvertedBottleneck<TSimd, TVector> bottleneck, Stage<TSimd, TVector> before, string name)
    {
        passes.Add(new ProjectionBackward<TSimd, TVector>(bottleneck) { Name = name });
        Lend(before);
        passes.Add(new ExpansionBackward<TSimd, TVector>(bottleneck) { Name = name });
        TakeBack(bottleneck.Output);
    }

    private void Lend(Stage<TSimd, TVector> stage) => stage.Gradient = memory.Rent(stage.Blocks, stage.Height, stage.Width);

    private void TakeBack(Stage<TSimd, TVector> stage) => memory.Return(stage.Gradient!);

    private sealed record ConvolutionLayer(string Name, Convolution<TSimd, TVector> Convolution, Stage<TSimd, TVector> Output);

    private sealed record UpsampledLayer(string Name, Stage<TSimd, TVector> Input, UpsampledConvolution<TSimd, TVector> Convolution);

    private sealed record Block(
        string Name, Source<TSimd, TVector> Input, Stage<TSimd, TVector> Large, Depthwise<TSimd, TVector> Depthwise,
        InvertedBottleneck<TSimd, TVector> Bottleneck);

    private sealed record Encoder(PlainSource<TSimd, TVector>? Pooled, Block[] Blocks, ConvolutionLayer End);

    private sealed record Fusion(
        string Name, Stage<TSimd, TVector> Middle, Convolution<TSimd, TVector>[] Groups, InvertedBottleneck<TSimd, TVector> Bottleneck);
}
